//! From recovery points to verified copies: a reconciler that derives every next step from what it observes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What one pass of the reconciler did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    /// Recovery points that AWS Backup listed.
    pub listed: u64,
    /// New ones among them.
    pub discovered: u64,
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
    /// Recovery points that AWS Backup has ended.
    pub expired: u64,
    /// Recovery points that wait: for RDS's export limit, for objects to arrive, for a Region.
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
