//! The keys of the control table, all in one place.

use jiff::Timestamp;
use recovery::ids::{RecoveryPointId, Region, RunId, SourceId};

/// Partition and sort key of one item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }

    /// The partition of every source.
    pub(crate) const SOURCES: &str = "SOURCES";
    /// The partition that names every day on which recovery points were made.
    pub(crate) const DAYS: &str = "DAYS";
    /// The partition that names every run.
    pub(crate) const RUNS: &str = "RUNS";
    /// The partition that names every run that a worker must look at.
    pub(crate) const ACTIVE: &str = "ACTIVE";
    /// The partition that names every recovery point that the reconciler is to look at.
    pub(crate) const LOOKS: &str = "LOOKS";
    /// The partition of copies that were verified and are no longer.
    pub(crate) const LOST_COPIES: &str = "LOST";
    /// The partition of the audit log.
    pub(crate) const AUDIT: &str = "AUDIT";

    pub(crate) fn source(id: &SourceId) -> Self {
        Self::new(Self::SOURCES, id.as_str())
    }

    /// The partition of a source's recovery points.
    pub(crate) fn points(source: &SourceId) -> String {
        format!("SOURCE#{source}")
    }

    pub(crate) fn point(source: &SourceId, created_at: Timestamp, id: &RecoveryPointId) -> Self {
        Self::new(Self::points(source), Self::point_sort(created_at, id))
    }

    pub(crate) fn point_sort(created_at: Timestamp, id: &RecoveryPointId) -> String {
        format!("{}#{id}", Self::time(created_at))
    }

    /// The partition of a source's recovery points in brief.
    pub(crate) fn briefs(source: &SourceId) -> String {
        format!("BRIEF#{source}")
    }

    pub(crate) fn brief(source: &SourceId, created_at: Timestamp, id: &RecoveryPointId) -> Self {
        Self::new(Self::briefs(source), Self::point_sort(created_at, id))
    }

    /// The day (UTC) on which a recovery point was made.
    pub(crate) fn day(created_at: Timestamp) -> Self {
        Self::new(Self::DAYS, created_at.strftime("%Y-%m-%d").to_string())
    }

    /// The partition of all sources' recovery points that were made on a day.
    pub(crate) fn made_on(day: &str) -> String {
        format!("DAY#{day}")
    }

    pub(crate) fn on_day(day: &str, created_at: Timestamp, id: &RecoveryPointId) -> Self {
        Self::new(Self::made_on(day), Self::point_sort(created_at, id))
    }

    pub(crate) fn look(id: &RecoveryPointId) -> Self {
        Self::new(Self::LOOKS, id.as_str())
    }

    pub(crate) fn point_by_id(id: &RecoveryPointId) -> Self {
        Self::new(format!("POINT#{id}"), "POINT")
    }

    /// Part `part` of a recovery point's tables, as they were found in `generation`.
    pub(crate) fn tables(id: &RecoveryPointId, generation: u32, part: usize) -> Self {
        Self::new(format!("POINT#{id}"), format!("TABLES#{generation:05}#{part:04}"))
    }

    /// The partition of what a check of a recovery point has read.
    pub(crate) fn readings(id: &RecoveryPointId) -> String {
        format!("READ#{id}")
    }

    pub(crate) fn reading(id: &RecoveryPointId, region: &Region, name: &str) -> Self {
        Self::new(Self::readings(id), format!("{region}#{name}"))
    }

    /// A reading by its sort key, as it was listed.
    pub(crate) fn reading_row(id: &RecoveryPointId, sort: &str) -> Self {
        Self::new(Self::readings(id), sort)
    }

    /// A copy that was verified and is no longer.
    pub(crate) fn lost_copy(id: &RecoveryPointId, region: &Region) -> Self {
        Self::new(Self::LOST_COPIES, format!("{id}#{region}"))
    }

    /// What re-checks have read on a day.
    pub(crate) fn rechecked(day: &str) -> Self {
        Self::new("RECHECKS", day)
    }

    /// The last go over the lifecycle of a source's copies.
    pub(crate) fn lifecycle(source: &SourceId) -> Self {
        Self::new("LIFECYCLES", source.as_str())
    }

    /// The partition of what plans and vaults showed of a policy's controls.
    pub(crate) fn observations(policy: &str) -> String {
        format!("OBSERVED#{policy}")
    }

    pub(crate) fn observed(policy: &str, day: jiff::civil::Date) -> Self {
        Self::new(Self::observations(policy), day.to_string())
    }

    pub(crate) fn run(id: &RunId) -> Self {
        Self::new(Self::run_partition(id), "RUN")
    }

    pub(crate) fn run_partition(id: &RunId) -> String {
        format!("RUN#{id}")
    }

    pub(crate) fn plan(id: &RunId, part: usize) -> Self {
        Self::new(Self::run_partition(id), format!("PLAN#{part:04}"))
    }

    pub(crate) fn request(id: &RunId, part: usize) -> Self {
        Self::new(Self::run_partition(id), format!("REQUEST#{part:04}"))
    }

    pub(crate) fn schema(id: &RunId, part: usize) -> Self {
        Self::new(Self::run_partition(id), format!("SCHEMA#{part:04}"))
    }

    pub(crate) fn unit(id: &RunId, index: u32) -> Self {
        Self::new(Self::run_partition(id), format!("UNIT#{index:08}"))
    }

    pub(crate) fn unit_before(id: &RunId, index: u32) -> Self {
        Self::new(Self::run_partition(id), format!("BEFORE#{index:08}"))
    }

    pub(crate) fn target(id: &RunId, table: u32) -> Self {
        Self::new(Self::run_partition(id), format!("TARGET#{table:04}"))
    }

    pub(crate) fn import(id: &RunId, table: u32) -> Self {
        Self::new(Self::run_partition(id), format!("IMPORT#{table:04}"))
    }

    pub(crate) fn listed_run(id: &RunId) -> Self {
        Self::new(Self::RUNS, id.as_str())
    }

    pub(crate) fn active_run(id: &RunId) -> Self {
        Self::new(Self::ACTIVE, id.as_str())
    }

    pub(crate) fn lease(name: &str) -> Self {
        Self::new(format!("LEASE#{name}"), "LEASE")
    }

    pub(crate) fn audit(sequence: u64) -> Self {
        Self::new(Self::AUDIT, format!("{sequence:020}"))
    }

    /// A time as it stands in keys.
    pub(crate) fn time(at: Timestamp) -> String {
        at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.pk, self.sk)
    }
}
