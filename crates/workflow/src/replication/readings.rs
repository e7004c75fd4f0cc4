//! Which objects a check has read, so that a check that was broken off goes on where it was.
//!
//! A reading is the SHA-256 of one writing of one object. It is kept as soon as the object is read, and forgotten when
//! the check that it belongs to is recorded: the next check, which is to find out whether copies rot, reads anew.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use recovery::ids::{RecoveryPointId, Region};
use recovery::inventory::ObjectFact;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::control::{Change, Control, Key, Listing};
use crate::error::Result;

/// A reading older than this belongs to no check that still goes on.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Readings of one recovery point that are forgotten at a time.
const FORGOTTEN_AT_A_TIME: usize = 500;

/// The readings of one recovery point's objects.
pub(crate) struct Readings {
    kept: Option<Kept>,
}

struct Kept {
    control: Control,
    point: RecoveryPointId,
    now: Timestamp,
    /// Whether there is anything to forget.
    any: AtomicBool,
}

/// One object that was read.
#[derive(Debug, Serialize, Deserialize)]
struct Reading {
    path: String,
    etag: Option<String>,
    version_id: Option<String>,
    last_modified: Option<Timestamp>,
    size: u64,
    sha256: String,
    read_at: Timestamp,
}

impl Readings {
    /// Readings that nobody goes on with: of a check outside any server.
    pub(crate) fn none() -> Self {
        Self { kept: None }
    }

    /// Readings in the control table.
    pub(crate) fn of(control: Control, point: RecoveryPointId, now: Timestamp) -> Self {
        Self {
            kept: Some(Kept {
                control,
                point,
                now,
                any: AtomicBool::new(false),
            }),
        }
    }

    /// The SHA-256 (hex) of that writing of an object in `region`, where it was read before. Without an answer it is
    /// read again, so a control table that cannot be asked stops nobody.
    pub(super) async fn find(&self, region: &Region, fact: &ObjectFact) -> Option<String> {
        let kept = self.kept.as_ref()?;
        let key = Key::reading(&kept.point, region, &name(&fact.path));
        let found = match kept.control.get::<Reading>(&key).await {
            Ok(found) => found?.value,
            Err(error) => {
                tracing::warn!(%error, "an earlier reading could not be looked for");
                return None;
            }
        };
        kept.any.store(true, Ordering::Relaxed);
        let then = ObjectFact {
            path: found.path,
            size: found.size,
            etag: found.etag,
            version_id: found.version_id,
            last_modified: found.last_modified,
            ..ObjectFact::default()
        };
        let is_usable = then.path == fact.path
            && then.is_same_writing(fact)
            && kept.now.duration_since(found.read_at) < AGE_MAX;
        is_usable.then_some(found.sha256)
    }

    /// Keeps what was just read.
    pub(super) async fn keep(&self, region: &Region, fact: &ObjectFact, sha256: &str) {
        let Some(kept) = &self.kept else { return };
        let key = Key::reading(&kept.point, region, &name(&fact.path));
        let reading = Reading {
            path: fact.path.clone(),
            etag: fact.etag.clone(),
            version_id: fact.version_id.clone(),
            last_modified: fact.last_modified,
            size: fact.size,
            sha256: sha256.to_owned(),
            read_at: kept.now,
        };
        kept.any.store(true, Ordering::Relaxed);
        let written = match Change::put(key, &reading) {
            Ok(change) => kept.control.write(vec![change]).await,
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            tracing::warn!(%error, path = fact.path, "a reading could not be kept; it is made again if this check is broken off");
        }
    }

    /// Forgets all of them, once the check is recorded.
    pub(crate) async fn forget(&self) -> Result<()> {
        let Some(kept) = self.kept.as_ref().filter(|kept| kept.any.load(Ordering::Relaxed)) else {
            return Ok(());
        };
        let listing = Listing::all(Key::readings(&kept.point));
        loop {
            let rows = kept.control.list(&listing, FORGOTTEN_AT_A_TIME).await?;
            let is_last = rows.len() < FORGOTTEN_AT_A_TIME;
            for row in rows {
                let key = Key::reading_row(&kept.point, &row.sk);
                kept.control.write(vec![Change::Delete(key)]).await?;
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

/// A path as it fits into a key: paths may be as long as a whole sort key.
fn name(path: &str) -> String {
    hex::encode(&Sha256::digest(path)[..16])
}
