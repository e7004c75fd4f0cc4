//! What a customer sees of their databases: the same truth, in words of people who run neither backups nor AWS.
//!
//! Here a source is a *database*, a recovery point a *backup*, a verified copy a *checked* one, a Region a *place*, and a proven
//! restore a *restore test*. Missing data is never safe.

mod history;
mod safety;

pub use history::{Backup, CopyOfBackup, CopyState, Ended, Restore, RestoreTest, TableRestored, Tested};
pub use safety::{Kept, Note, Safety, Standing};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::SourceId;
use crate::place::Place;
use crate::run::Run;
use crate::source::SourceTimeline;

/// A database and whether its data is safe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalDatabase))]
pub struct Database {
    /// Its name.
    pub id: SourceId,
    /// For example `mysql 8.0.39`, where it is known.
    pub engine: Option<String>,
    /// Where it runs; `None` while nothing is known of it.
    pub place: Option<Place>,
    /// Whether its data is safe, and since when not.
    #[serde(flatten)]
    pub safety: Safety,
    /// When the last restore out of its copies was proven.
    pub restore_test: RestoreTest,
    /// When this was true.
    pub now: Timestamp,
}

/// A database with its backups and restores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalDetails))]
pub struct Details {
    /// The database.
    pub database: Database,
    /// A page of its backups, newest first.
    pub backups: Vec<Backup>,
    /// What `before` is to be for the page of older ones.
    pub older: Option<String>,
    /// What was restored out of its copies, newest first.
    pub restores: Vec<Restore>,
    /// Whether these are all; if not, older ones are left out.
    pub restores_are_all: bool,
}

/// What was found of the restores of somebody's databases.
#[derive(Clone, Debug, Default)]
pub struct Restores {
    /// Newest first.
    pub runs: Vec<Run>,
    /// Whether there is no older one.
    pub are_all: bool,
}

impl Database {
    /// What `timeline` shows of a database until its `now`. `restores` may hold those of others, too.
    pub fn of(timeline: &SourceTimeline, restores: &Restores, test_days: u32) -> Self {
        let source = &timeline.source.source;
        Self {
            id: source.id.clone(),
            engine: source.engine.clone(),
            place: Some(Place::of(&source.region)),
            safety: Safety::of(timeline),
            restore_test: RestoreTest::of(&source.id, restores, test_days, timeline.now),
            now: timeline.now,
        }
    }

    /// A database that a customer was promised and nothing is known of.
    pub fn unknown(id: SourceId, test_days: u32, now: Timestamp) -> Self {
        Self {
            restore_test: RestoreTest::of(
                &id,
                &Restores {
                    runs: Vec::new(),
                    are_all: true,
                },
                test_days,
                now,
            ),
            id,
            engine: None,
            place: None,
            safety: Safety::unknown(),
            now,
        }
    }
}

/// How these databases are on the whole, the least safe of them first, and that as a sentence without a full stop.
pub fn summary(databases: &[Database]) -> (Standing, String) {
    let with = |standing: Standing| {
        let meant = move |database: &&Database| database.safety.standing == standing;
        databases.iter().filter(meant).count()
    };
    if let [one] = databases {
        return (one.safety.standing, one.safety.headline.clone());
    }
    let of = databases.len();
    for (standing, what) in [
        (Standing::Late, "the newest copy is older than agreed"),
        (Standing::Unknown, "no copy is known that could be restored"),
        (Standing::Partly, "a copy is older than agreed, or missing"),
    ] {
        match with(standing) {
            0 => {}
            count => return (standing, format!("{count} of {of} databases: {what}")),
        }
    }
    if databases.is_empty() {
        return (Standing::Unknown, "No database is known".to_owned());
    }
    (Standing::Safe, format!("The data of all {of} databases is safe"))
}

#[cfg(test)]
mod tests;
