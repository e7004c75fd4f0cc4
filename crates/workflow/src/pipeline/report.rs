//! What a pass and a receive did, in numbers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Sentences that a report keeps; a Region that is down would fill it otherwise.
const ERRORS_MAX: usize = 100;

/// What one pass of the reconciler did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    /// Recovery points that AWS Backup listed.
    pub listed: u64,
    /// New ones among them.
    pub discovered: u64,
    /// Recovery points taken up from the evidence beside their copies.
    pub adopted: u64,
    /// Exports started.
    pub started: u64,
    /// Exports whose progress was read.
    pub followed: u64,
    /// Exports found complete.
    pub completed: u64,
    /// Exports found failed.
    pub failed: u64,
    /// Copies that were compared.
    pub checked: u64,
    /// Copies that became `Verified`.
    pub verified: u64,
    /// Recovery points that their lifecycle has ended.
    pub expired: u64,
    /// Recovery points that were deleted before their time.
    pub deleted: u64,
    /// Recovery points that wait: for AWS Backup, for RDS's export limit, for objects to arrive, for a Region.
    pub waiting: u64,
    /// What could not be done in this pass, one sentence each; at most 100.
    pub errors: Vec<String>,
}

/// What one receive on every queue brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCounts {
    /// Messages received.
    pub received: u64,
    /// Those that made the reconciler look sooner.
    pub news: u64,
    /// By kind, as in [`crate::Metrics::events`].
    pub by_kind: BTreeMap<String, u64>,
    /// Queues that could not be read, one sentence each.
    pub errors: Vec<String>,
}

/// Where the parts of a pass, which run at once, count.
#[derive(Debug, Default)]
pub(super) struct Report(Mutex<Reconciled>);

impl Report {
    pub(super) fn count(&self, change: impl FnOnce(&mut Reconciled)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Keeps what could not be done, and logs it: nobody else handles it.
    pub(super) fn error(&self, subject: &dyn std::fmt::Display, error: &dyn std::fmt::Display) {
        tracing::warn!(%subject, %error, "a step of the pipeline failed and is tried again");
        self.count(|report| {
            if report.errors.len() < ERRORS_MAX {
                report.errors.push(format!("{subject}: {error}"));
            }
        });
    }

    pub(super) fn finish(self) -> Reconciled {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
