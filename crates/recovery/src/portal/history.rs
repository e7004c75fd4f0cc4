//! Backups with their copies, and what was restored.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Restores;
use crate::ids::{RecoveryPointId, RunId, SourceId};
use crate::place::Place;
use crate::point::{Copy, RecoveryPoint, State};
use crate::run::{Outcome, Run, TableRun};
use crate::verdict::Verdict;

/// A backup and its copies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalBackup))]
pub struct Backup {
    /// Names it, for its evidence.
    pub id: RecoveryPointId,
    /// The state of the data that it brings back.
    pub at: Timestamp,
    /// Its copies. Empty until the first is being made, and where none could be made.
    pub copies: Vec<CopyOfBackup>,
    /// Why there is no copy, where there is none.
    pub without_copies: Option<String>,
}

/// A copy of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalCopy))]
pub struct CopyOfBackup {
    /// Where it lies.
    pub place: Place,
    /// What the last check found.
    pub state: CopyState,
    /// When that was.
    pub checked_at: Option<Timestamp>,
    /// Whether there is evidence of it to download.
    pub has_evidence: bool,
}

/// What the last check of a copy found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalCopyState))]
#[serde(rename_all = "snake_case")]
pub enum CopyState {
    /// It is whole and the same as the backup.
    Checked,
    /// It is still arriving, or not checked yet.
    Arriving,
    /// Something of it is missing or different.
    Damaged,
    /// It could not be looked at.
    Unreachable,
    /// Its time is over, as agreed.
    Ended,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalRestore))]
pub struct Restore {
    /// Names it, for questions.
    pub id: RunId,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How it ended; `None` while it goes on.
    pub ended: Option<Ended>,
    /// The state of the data that was restored.
    pub data_of: Option<Timestamp>,
    /// Where the copy lies that was read.
    pub from: Place,
    /// Where it was restored to.
    pub into: Place,
    /// The tables.
    pub tables: Vec<TableRestored>,
}

/// How a restore ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalEnded))]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Everything was restored, read back and found equal to the copy.
    Proven,
    /// It failed.
    Failed,
    /// Somebody stopped it.
    Stopped,
}

/// A table of a restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalTable))]
pub struct TableRestored {
    /// `database.table`.
    pub name: String,
    /// Rows that it has in the copy.
    pub rows: u64,
    /// Rows that were read back and found equal.
    pub rows_proven: u64,
}

/// When a restore was last tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalRestoreTest))]
pub struct RestoreTest {
    /// The last one that succeeded; `None` where none is known.
    pub last: Option<Tested>,
    /// How many days old it may be.
    pub agreed_days: u32,
    /// Whether it is as recent as agreed.
    pub is_recent: bool,
    /// Whether every restore was looked at: if not, an older one may have succeeded.
    pub all_seen: bool,
}

/// A restore that was proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalTested))]
pub struct Tested {
    /// When it ended.
    pub at: Timestamp,
    /// Where the copy lies that it was made from.
    pub from: Place,
    /// Rows that were read back and found equal.
    pub rows: u64,
}

impl Backup {
    /// A backup, as a customer sees it; `None` of what is no backup of its own: a copy that AWS Backup made of another one.
    pub fn of(point: &RecoveryPoint) -> Option<Self> {
        if point.copied_from.is_some() {
            return None;
        }
        let copies: Vec<CopyOfBackup> = point.copies.iter().map(CopyOfBackup::of).collect();
        Some(Self {
            id: point.id.clone(),
            at: point.created_at,
            without_copies: copies.is_empty().then(|| without_copies(point.state).to_owned()),
            copies,
        })
    }
}

fn without_copies(state: State) -> &'static str {
    match state {
        State::Creating => "The backup is being made.",
        State::AwaitingExport | State::Exporting | State::Replicating => "Its first copy is being made.",
        State::ExportFailed => "Its copy could not be made; the operators were told.",
        State::Partial => "The backup was not completed.",
        State::Expired => "The backup's time is over, and no copy of it was kept.",
        State::Deleted => "The backup was deleted before its time, and no copy of it was kept.",
        // Exported ones have copies; what is said of them otherwise is that nothing is known.
        State::Verified | State::Incomplete | State::Unreachable | State::Copied => "No copy is known.",
    }
}

impl CopyOfBackup {
    fn of(copy: &Copy) -> Self {
        Self {
            place: Place::of(&copy.region),
            state: match copy.verdict {
                Verdict::Verified => CopyState::Checked,
                Verdict::Pending => CopyState::Arriving,
                Verdict::Incomplete { .. } => CopyState::Damaged,
                Verdict::Unknown { .. } => CopyState::Unreachable,
                Verdict::Expired { .. } => CopyState::Ended,
            },
            checked_at: copy.checked_at,
            has_evidence: copy.manifest.is_some(),
        }
    }
}

impl Restore {
    /// A restore, as a customer sees it.
    pub fn of(run: &Run) -> Self {
        Self {
            id: run.run_id.clone(),
            asked_at: run.requested_at,
            ended_at: run.ended_at,
            ended: run.outcome.map(|outcome| match outcome {
                Outcome::Proven => Ended::Proven,
                Outcome::Failed => Ended::Failed,
                Outcome::Cancelled => Ended::Stopped,
            }),
            data_of: run.data_as_of,
            from: Place::of(&run.region),
            into: Place::of(&run.target_region),
            tables: run
                .tables
                .iter()
                .map(|table| TableRestored {
                    name: table.source.to_string(),
                    rows: table.rows_total,
                    rows_proven: table.rows_proven(),
                })
                .collect(),
        }
    }
}

impl RestoreTest {
    /// The newest proven restore of `source` among `restores`.
    pub fn of(source: &SourceId, restores: &Restores, agreed_days: u32, now: Timestamp) -> Self {
        let last = restores
            .runs
            .iter()
            .filter(|run| run.source.as_ref() == Some(source) && run.outcome == Some(Outcome::Proven))
            .filter_map(|run| {
                Some(Tested {
                    at: run.ended_at?,
                    from: Place::of(&run.region),
                    rows: run.tables.iter().map(TableRun::rows_proven).sum(),
                })
            })
            .max_by_key(|tested| tested.at);
        let allowed = SignedDuration::from_hours(24 * i64::from(agreed_days));
        Self {
            is_recent: last
                .as_ref()
                .is_some_and(|tested| now.duration_since(tested.at) <= allowed),
            last,
            agreed_days,
            all_seen: restores.are_all,
        }
    }
}
