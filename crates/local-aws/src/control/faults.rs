//! What goes wrong on purpose. In process only: nobody breaks the embedded cloud over the wire.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Faults that wait for their moment. Clones share them. They are not kept over a restart, except in what they did.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    waiting: Arc<Mutex<Vec<Fault>>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Fault {
    SkipBackup {
        instance: String,
    },
    HoldExport {
        instance: String,
        duration: SignedDuration,
    },
}

impl Faults {
    /// The next scheduled backup of DB instance `instance` does not happen: AWS Backup never starts it.
    pub fn skip_next_backup(&self, instance: &str) {
        self.lock().push(Fault::SkipBackup {
            instance: instance.to_owned(),
        });
    }

    /// The next export of a snapshot of DB instance `instance` stays IN_PROGRESS for so long.
    pub fn hold_next_export(&self, instance: &str, duration: SignedDuration) {
        self.lock().push(Fault::HoldExport {
            instance: instance.to_owned(),
            duration,
        });
    }

    pub(crate) fn skips_backup(&self, instance: &str) -> bool {
        self.take(|fault| match fault {
            Fault::SkipBackup { instance: skipped } if skipped == instance => Some(()),
            _ => None,
        })
        .is_some()
    }

    pub(crate) fn holds_export(&self, instance: &str, now: Timestamp) -> Option<Timestamp> {
        self.take(|fault| match fault {
            Fault::HoldExport {
                instance: held,
                duration,
            } if held == instance => Some(now + *duration),
            _ => None,
        })
    }

    fn take<T>(&self, matches: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        let mut waiting = self.lock();
        let index = waiting.iter().position(|fault| matches(fault).is_some())?;
        matches(&waiting.remove(index))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
