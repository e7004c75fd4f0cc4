//! Leases: at most one process at a time does a thing, and another one goes on when that process is gone.
//!
//! Nobody compares clocks. A lease carries a token that changes at every renewal; whoever wants it watches the token,
//! and takes the lease over once it has not changed for the lease's own duration by the watcher's clock. A holder
//! that could not renew for that long must stop by itself.
//!
//! A lease only saves double work: what it guards is idempotent, and records are changed under their versions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Change, Control, Key, Record};
use crate::error::Result;

/// The leases that this process holds or watches. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Leases {
    control: Control,
    owner: String,
    lasts: Duration,
    watched: Arc<Mutex<HashMap<String, Watched>>>,
}

/// Another holder's token and when it was first seen here.
#[derive(Debug)]
struct Watched {
    token: String,
    since: Instant,
}

/// A held lease.
#[derive(Debug)]
pub(crate) struct Lease {
    name: String,
    record: Record<Holder>,
    renewed_at: Instant,
    lasts: Duration,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Holder {
    /// `None` once it was given back.
    owner: Option<String>,
    token: String,
    seconds: f64,
}

impl Leases {
    /// Leases of a new owner, each lasting `lasts` from its last renewal.
    pub(crate) fn new(control: Control, lasts: Duration) -> Self {
        let owner = format!("{}-{}", std::process::id(), Uuid::new_v4().simple());
        Self {
            control,
            owner,
            lasts,
            watched: Arc::default(),
        }
    }

    /// How long a lease lasts without renewal.
    pub(crate) fn lasts(&self) -> Duration {
        self.lasts
    }

    /// The lease, where nobody holds it or its holder has been silent for its duration.
    pub(crate) async fn try_take(&self, name: &str) -> Result<Option<Lease>> {
        let key = Key::lease(name);
        let found: Option<Record<Holder>> = self.control.get(&key).await?;
        let renewed_at = Instant::now();
        let holder = self.holder();
        let change = match &found {
            None => Change::create(key, &holder)?,
            Some(found) if found.value.owner.is_none() || self.is_silent(name, &found.value) => {
                Change::replace(key, &holder, found.version)?
            }
            Some(_) => return Ok(None),
        };
        match self.control.write(vec![change]).await {
            Ok(()) => {}
            Err(error) if error.is_precondition() => return Ok(None),
            Err(error) => return Err(error),
        }
        self.watched().remove(name);
        let version = found.map_or(0, |found| found.version) + 1;
        Ok(Some(Lease {
            name: name.to_owned(),
            record: Record {
                value: holder,
                version,
            },
            renewed_at,
            lasts: self.lasts,
        }))
    }

    /// Keeps the lease for another duration. `false`: somebody else has it now.
    pub(crate) async fn renew(&self, lease: &mut Lease) -> Result<bool> {
        let at = Instant::now();
        let holder = self.holder();
        let change = Change::replace(Key::lease(&lease.name), &holder, lease.record.version)?;
        match self.control.write(vec![change]).await {
            Ok(()) => {
                lease.record = Record {
                    value: holder,
                    version: lease.record.version + 1,
                };
                lease.renewed_at = at;
                Ok(true)
            }
            Err(error) if error.is_precondition() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives the lease back, so that the next one need not wait. A lost lease is left alone.
    pub(crate) async fn give_back(&self, lease: Lease) -> Result<()> {
        let holder = Holder {
            owner: None,
            ..lease.record.value
        };
        let change = Change::replace(Key::lease(&lease.name), &holder, lease.record.version)?;
        match self.control.write(vec![change]).await {
            Err(error) if !error.is_precondition() => Err(error),
            _ => Ok(()),
        }
    }

    fn holder(&self) -> Holder {
        Holder {
            owner: Some(self.owner.clone()),
            token: Uuid::new_v4().simple().to_string(),
            seconds: self.lasts.as_secs_f64(),
        }
    }

    /// Whether the holder's token has been the same for as long as it may be.
    fn is_silent(&self, name: &str, holder: &Holder) -> bool {
        let lasts = Duration::try_from_secs_f64(holder.seconds).unwrap_or(self.lasts);
        let mut watched = self.watched();
        match watched.get(name) {
            Some(seen) if seen.token == holder.token => seen.since.elapsed() >= lasts,
            _ => {
                let seen = Watched {
                    token: holder.token.clone(),
                    since: Instant::now(),
                };
                watched.insert(name.to_owned(), seen);
                false
            }
        }
    }

    /// Forgets what nobody asks for any more: names that are not in `names`.
    pub(crate) fn watch_only(&self, names: &[String]) {
        self.watched().retain(|name, _| names.contains(name));
    }

    fn watched(&self) -> std::sync::MutexGuard<'_, HashMap<String, Watched>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    /// Whether it was not renewed for so long that somebody else may have it.
    pub(crate) fn may_be_lost(&self) -> bool {
        self.renewed_at.elapsed() >= self.lasts
    }
}
