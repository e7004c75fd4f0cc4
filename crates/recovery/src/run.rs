//! A run: one execution of a plan. Its JSON is what `restore --json` prints and the API answers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::awaited_thaw::AwaitedThaw;
use crate::course::Course;
use crate::differences::Differences;
use crate::digest::TableDigest;
use crate::ids::{RecoveryPointId, Region, RunId, SourceId, TableName, TargetName};
use crate::plan::{CopyRef, Existing, Plan};
use crate::request::PlanRequest;
use crate::table::TableSummary;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every row was written, read back, and the digests are equal.
    Proven,
    /// It could not be finished, or the digests differ.
    Failed,
    /// Somebody cancelled it. What was written is still there.
    Cancelled,
}

/// Whether a run is held back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pause {
    /// It is not.
    #[default]
    None,
    /// Somebody asked for it; what is in flight is still being acknowledged.
    Asked,
    /// No server works on it until somebody resumes it.
    Paused,
}

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RunPhase))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Recorded; no server has taken it up yet.
    Queued,
    /// S3 makes the copy readable, which lies in Glacier; then the plan is made or checked again.
    Thawing,
    /// The plan is checked against the copy and the targets once more.
    Checking,
    /// Target tables are being created.
    CreatingTables,
    /// Rows are being written.
    Writing,
    /// Every row is being read back.
    Proving,
    /// It has ended; `outcome` says how.
    Ended,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Thawing,
        Self::Checking,
        Self::CreatingTables,
        Self::Writing,
        Self::Proving,
        Self::Ended,
    ];
}

/// Why a run failed and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    /// Operation, subject and cause.
    pub message: String,
    /// What the operator can do.
    pub hint: Option<String>,
}

/// What a target held under the keys of the copy's rows before a run, where its plan allows for anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldBefore {
    /// Items that were their rows already.
    pub equal: u64,
    /// Other items: they stay, or were replaced.
    pub different: u64,
}

impl HeldBefore {
    /// Adds what was found elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.equal += other.equal;
        self.different += other.different;
    }
}

/// One table's part of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TableRun {
    /// `db.table` in the copy.
    pub source: TableName,
    /// The DynamoDB table.
    pub target: TargetName,
    /// Rows that the plan counts.
    pub rows_total: u64,
    /// Rows read from the copy, of finished units and those under way.
    pub rows_read: u64,
    /// Items that DynamoDB has acknowledged.
    pub items_written: u64,
    /// What becomes of items that the target holds already.
    #[serde(default, skip_serializing_if = "Existing::is_refuse")]
    pub existing: Existing,
    /// Items that were there and stay, in place of a row's.
    #[serde(default)]
    pub items_kept: u64,
    /// What the rows' keys held before the run, once all is written, where the plan allows that they hold anything.
    #[serde(default)]
    pub held_before: Option<HeldBefore>,
    /// Bytes of those that were written, by DynamoDB's item size rules.
    pub bytes_written: u64,
    /// Batches or items that were sent again after a throttle or a fault.
    pub retries: u64,
    /// Items read back so far.
    pub items_read_back: u64,
    /// Digest of the copy's rows, once all are read.
    pub digest_source: Option<TableDigest>,
    /// Digest of what DynamoDB holds, once all is read back.
    pub digest_target: Option<TableDigest>,
    /// Where the digests differ: the rows that do.
    #[serde(default)]
    pub differences: Option<Differences>,
}

impl TableRun {
    fn new(source: TableName, target: TargetName, existing: Existing, rows_total: u64) -> Self {
        Self {
            source,
            target,
            rows_total,
            rows_read: 0,
            items_written: 0,
            existing,
            items_kept: 0,
            held_before: None,
            bytes_written: 0,
            retries: 0,
            items_read_back: 0,
            digest_source: None,
            digest_target: None,
            differences: None,
        }
    }

    /// Rows that were read back equal to the copy's: all, or all but those that gave way to other items. 0 until the
    /// table is proven.
    pub fn rows_proven(&self) -> u64 {
        self.digest_target
            .filter(|_| self.is_proven())
            .map_or(0, |digest| digest.rows())
    }

    /// Whether both digests are there and equal.
    pub fn is_proven(&self) -> bool {
        self.digest_source.is_some() && self.digest_source == self.digest_target
    }
}

/// A run and how far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Run {
    /// Its id.
    pub run_id: RunId,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// What it is doing.
    pub phase: Phase,
    /// Whether somebody asked for it to stop.
    pub cancel_requested: bool,
    /// Whether it is held back.
    #[serde(default)]
    pub pause: Pause,
    /// Who asked for it.
    pub requested_by: String,
    /// Why, in that person's words.
    pub reason: Option<String>,
    /// SHA-256 (hex) of its plan; `None` while that waits for the copy's thaw.
    #[serde(default)]
    pub plan_digest: Option<String>,
    /// The thaw that it waits for, or waited for, before it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thaw: Option<AwaitedThaw>,
    /// The source, if the plan came from the catalogue.
    pub source: Option<SourceId>,
    /// The recovery point, likewise.
    pub recovery_point: Option<RecoveryPointId>,
    /// When the recovery point was made, likewise.
    pub data_as_of: Option<Timestamp>,
    /// The Region whose copy is read.
    pub region: Region,
    /// `s3://bucket/prefix` of the copy.
    pub copy: String,
    /// Copies elsewhere that it went on from, in order, each identical by size and checksum of every object.
    #[serde(default)]
    pub went_on_from: Vec<CopyChange>,
    /// The Region that is written to.
    pub target_region: Region,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When each phase began, in order.
    pub phases: Vec<PhaseStart>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Seconds from request to end, or to the last progress.
    pub seconds: f64,
    /// How often a server took it up again, after another had lost it or after a pause.
    pub resumed: u32,
    /// How far it was at moments of its way.
    #[serde(default, skip_serializing_if = "Course::is_empty")]
    pub course: Course,
    /// Its tables.
    pub tables: Vec<TableRun>,
    /// Why it failed, or what a cancelled run leaves behind.
    pub failure: Option<Failure>,
}

/// A copy that a run went on from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CopyChange {
    /// Its Region.
    pub region: Region,
    /// `s3://bucket/prefix`.
    pub copy: String,
    /// Why the copy before could not be read any more.
    pub because: String,
}

/// When a phase began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhaseStart {
    /// The phase.
    pub phase: Phase,
    /// When it began.
    pub at: Timestamp,
}

impl Run {
    /// A run of `plan` that nobody has taken up yet.
    pub fn queued(
        run_id: RunId,
        plan: &Plan,
        requested_by: String,
        reason: Option<String>,
        now: Timestamp,
    ) -> Self {
        let mut run = Self::new(run_id, &plan.copy, &plan.target_region, requested_by, reason, now);
        run.take_plan(plan);
        run
    }

    /// A run whose plan is made from `request` once `copy` can be read. Until then, `known` says what its tables hold.
    pub fn awaiting(
        run_id: RunId,
        copy: &CopyRef,
        request: &PlanRequest,
        known: &[TableSummary],
        requested_by: String,
        reason: Option<String>,
        now: Timestamp,
    ) -> Self {
        let mut run = Self::new(run_id, copy, &request.target_region, requested_by, reason, now);
        let rows = |name: &TableName| {
            let table = known.iter().find(|table| table.name == *name);
            table.map_or(0, |table| table.rows)
        };
        run.tables = request
            .tables
            .iter()
            .map(|table| {
                TableRun::new(
                    table.source.clone(),
                    table.target.clone(),
                    table.existing,
                    rows(&table.source),
                )
            })
            .collect();
        run
    }

    fn new(
        run_id: RunId,
        copy: &CopyRef,
        target_region: &Region,
        requested_by: String,
        reason: Option<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            run_id,
            outcome: None,
            phase: Phase::Queued,
            cancel_requested: false,
            pause: Pause::None,
            requested_by,
            reason,
            plan_digest: None,
            thaw: None,
            source: copy.source.clone(),
            recovery_point: copy.recovery_point.clone(),
            data_as_of: copy.data_as_of,
            region: copy.region.clone(),
            copy: copy.uri(),
            went_on_from: Vec::new(),
            target_region: target_region.clone(),
            requested_at: now,
            phases: vec![PhaseStart {
                phase: Phase::Queued,
                at: now,
            }],
            ended_at: None,
            seconds: 0.0,
            resumed: 0,
            course: Course::default(),
            tables: Vec::new(),
            failure: None,
        }
    }

    /// Makes `plan` what it executes.
    pub fn take_plan(&mut self, plan: &Plan) {
        self.plan_digest = Some(plan.digest());
        self.tables = plan
            .tables
            .iter()
            .map(|table| {
                TableRun::new(
                    table.source.clone(),
                    table.target.clone(),
                    table.existing,
                    table.rows,
                )
            })
            .collect();
    }

    /// Whether it has not begun, because its copy has to be thawed first.
    pub fn waits_for_thaw(&self) -> bool {
        self.thaw.as_ref().is_some_and(|thaw| thaw.over_at.is_none())
    }

    /// Enters `phase` at `now`, unless it is in it already.
    pub fn enter(&mut self, phase: Phase, now: Timestamp) {
        if self.phase != phase {
            self.phase = phase;
            self.phases.push(PhaseStart { phase, at: now });
        }
        self.seconds = (now - self.requested_at).total(jiff::Unit::Second).unwrap_or(0.0);
    }

    /// Ends it at `now`.
    pub fn end(&mut self, outcome: Outcome, failure: Option<Failure>, now: Timestamp) {
        self.enter(Phase::Ended, now);
        self.outcome = Some(outcome);
        self.failure = failure;
        self.ended_at = Some(now);
    }

    /// Rows that the plan counts, over all tables.
    pub fn rows_total(&self) -> u64 {
        self.tables.iter().map(|table| table.rows_total).sum()
    }

    /// Rows whose items are there, over all tables: acknowledged, or kept in a row's place.
    pub fn rows_settled(&self) -> u64 {
        let settled = |table: &TableRun| table.items_written + table.items_kept;
        self.tables.iter().map(settled).sum()
    }

    /// Items acknowledged, over all tables.
    pub fn items_written(&self) -> u64 {
        self.tables.iter().map(|table| table.items_written).sum()
    }
}
