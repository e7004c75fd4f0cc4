//! Counters and gauges, for `/metrics` and the log.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use recovery::source::SourceSummary;
use serde::{Deserialize, Serialize};

/// A snapshot of what happened in this process since it started.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Events received, by kind: `backup_job`, `recovery_point`, `copy_job`, `export_task`, `snapshot`, and
    /// `duplicate`, `late`, `unknown`, `malformed`.
    pub events: BTreeMap<String, u64>,
    /// Passes of the reconciler, by outcome: `complete`, `with_errors`.
    pub reconciles: BTreeMap<String, u64>,
    /// Exports started.
    pub exports_started: u64,
    /// Replication checks, by verdict.
    pub checks: BTreeMap<String, u64>,
    /// Copies that were found verified no longer, by Region.
    pub copies_lost: BTreeMap<String, u64>,
    /// Recovery points whose verified copies are due for a re-check.
    pub rechecks_due: u64,
    /// Bytes of copies that were checked again.
    pub rechecked_bytes: u64,
    /// Runs ended in this process, by outcome.
    pub runs: BTreeMap<String, u64>,
    /// Items that DynamoDB acknowledged.
    pub items_written: u64,
    /// Batches or items sent again after a throttle or a fault.
    pub retries: u64,
    /// The figures of the last pass, per source and Region.
    pub rpo: Vec<RpoGauge>,
}

/// Both RPOs of one source in one Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpoGauge {
    /// The source.
    pub source: String,
    /// The Region.
    pub region: String,
    /// Age of the newest recovery point, seconds.
    pub recovery_point_age_seconds: Option<i64>,
    /// Age of the newest restorable copy, seconds.
    pub restorable_age_seconds: Option<i64>,
    /// Whether the restorable copy is within the target.
    pub within_target: bool,
}

/// Where a process counts.
#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<Metrics>);

impl Meter {
    pub(crate) fn snapshot(&self) -> Metrics {
        self.lock().clone()
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Metrics)) {
        change(&mut self.lock());
    }

    pub(crate) fn rpo(&self, sources: &[SourceSummary]) {
        let gauges = sources
            .iter()
            .flat_map(|summary| {
                summary.regions.iter().map(|region| RpoGauge {
                    source: summary.source.id.to_string(),
                    region: region.region.to_string(),
                    recovery_point_age_seconds: region.rpo.recovery_point_age_seconds,
                    restorable_age_seconds: region.rpo.restorable_age_seconds,
                    within_target: region.rpo.within_target,
                })
            })
            .collect();
        self.lock().rpo = gauges;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Metrics> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
