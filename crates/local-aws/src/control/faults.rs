//! What goes wrong on purpose. In process only: nobody breaks the embedded cloud over the wire.

use std::collections::BTreeMap;
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
    WarnOfExport {
        instance: String,
        table: String,
        warning: String,
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

    /// The next export of a snapshot of DB instance `instance` writes table `table`, `schema.table`, all the same, and warns of
    /// it. Said again, it warns of one more table.
    pub fn warn_of_next_export(&self, instance: &str, table: &str, warning: &str) {
        self.lock().push(Fault::WarnOfExport {
            instance: instance.to_owned(),
            table: table.to_owned(),
            warning: warning.to_owned(),
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

    /// What an export is to warn of, by table.
    pub(crate) fn warnings_of_export(&self, instance: &str) -> BTreeMap<String, String> {
        let mut warnings = BTreeMap::new();
        self.lock().retain(|fault| match fault {
            Fault::WarnOfExport {
                instance: warned,
                table,
                warning,
            } if warned == instance => {
                warnings.insert(table.clone(), warning.clone());
                false
            }
            _ => true,
        });
        warnings
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
