//! An export task: its record, its states and what DescribeExportTasks says of it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::control::query::Xml;
use crate::control::{Place, Record, rds_arn};
use crate::export::{Scope, TableOutcome};

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskStatus {
    /// Accepted, nothing written.
    Starting,
    /// Being written.
    InProgress,
    /// Everything is in the bucket.
    Complete,
    /// It will never be.
    Failed,
    /// Someone asked for its end.
    Canceling,
    /// It has ended on request.
    Canceled,
}

impl TaskStatus {
    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "STARTING",
            Self::InProgress => "IN_PROGRESS",
            Self::Complete => "COMPLETE",
            Self::Failed => "FAILED",
            Self::Canceling => "CANCELING",
            Self::Canceled => "CANCELED",
        }
    }

    /// Whether it still counts against the limit.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Starting | Self::InProgress | Self::Canceling)
    }
}

/// An export task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportTask {
    /// Where the snapshot and the bucket are.
    pub place: Place,
    /// The ExportTaskIdentifier.
    pub id: String,
    /// The snapshot's ARN.
    pub source_arn: String,
    /// When the snapshot was taken.
    pub snapshot_time: Timestamp,
    /// Where to write.
    pub bucket: String,
    /// Below what.
    pub prefix: String,
    /// As whom.
    pub role_arn: String,
    /// Encrypted with what.
    pub kms_key_id: String,
    /// Which tables.
    pub scope: Scope,
    /// Where it stands.
    pub status: TaskStatus,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it began to write.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// A fault keeps it in progress until then.
    pub held_until: Option<Timestamp>,
    /// What a fault has it warn of, by `schema.table`.
    #[serde(default)]
    pub table_warnings: BTreeMap<String, String>,
    /// Bytes of the tables written so far.
    pub extracted_bytes: u64,
    /// Why it failed.
    pub failure_cause: Option<String>,
    /// What went wrong with single tables.
    pub warning: Option<String>,
}

/// A table that a task has written, kept so that a task that is interrupted goes on behind it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct TableDone {
    pub place: Place,
    /// `<task>/<index>`.
    pub id: String,
    pub outcome: TableOutcome,
}

impl Record for ExportTask {
    const KIND: &'static str = "rds-export-task";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.id
    }
}

impl Record for TableDone {
    const KIND: &'static str = "rds-export-table";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.id
    }
}

impl TableDone {
    pub fn key(task: &str, index: usize) -> String {
        format!("{task}/{index}")
    }
}

impl ExportTask {
    /// `arn:aws:rds:REGION:ACCOUNT:export-task:ID`.
    pub fn arn(&self) -> String {
        rds_arn(&self.place, "export-task", &self.id)
    }

    /// When it leaves STARTING, at a pace of `duration` for the whole task.
    pub(super) fn begins_at(&self, duration: Duration) -> Timestamp {
        self.requested_at + signed(duration) / 10
    }

    /// When it may end.
    pub(super) fn ends_at(&self, duration: Duration) -> Timestamp {
        let end = self.requested_at + signed(duration);
        self.held_until.map_or(end, |held| held.max(end))
    }

    /// How far it is at `now`, for people.
    pub(super) fn percent(&self, now: Timestamp, duration: Duration) -> u8 {
        match self.status {
            TaskStatus::Starting | TaskStatus::Canceled | TaskStatus::Failed => 0,
            TaskStatus::Complete => 100,
            TaskStatus::InProgress | TaskStatus::Canceling => {
                let whole = self
                    .ends_at(duration)
                    .duration_since(self.requested_at)
                    .as_millis()
                    .max(1);
                let done = now.duration_since(self.requested_at).as_millis().max(0);
                u8::try_from((done * 100 / whole).min(99)).unwrap_or(99)
            }
        }
    }

    pub(super) fn fields(&self, xml: &mut Xml, now: Timestamp, duration: Duration) {
        xml.leaf("ExportTaskIdentifier", &self.id);
        xml.leaf("SourceArn", &self.source_arn);
        xml.leaf("SourceType", "SNAPSHOT");
        if !self.scope.export_only().is_empty() {
            xml.node("ExportOnly", |xml| {
                for only in self.scope.export_only() {
                    xml.leaf("member", only);
                }
            });
        }
        xml.moment("SnapshotTime", self.snapshot_time);
        if let Some(at) = self.started_at {
            xml.moment("TaskStartTime", at);
        }
        if let Some(at) = self.ended_at {
            xml.moment("TaskEndTime", at);
        }
        xml.leaf("S3Bucket", &self.bucket);
        xml.leaf("S3Prefix", &self.prefix);
        xml.leaf("IamRoleArn", &self.role_arn);
        xml.leaf("KmsKeyId", &self.kms_key_id);
        xml.leaf("Status", self.status.name());
        xml.leaf("PercentProgress", self.percent(now, duration));
        // Whole gigabytes, as the API's Integer has it.
        xml.leaf("TotalExtractedDataInGB", self.extracted_bytes >> 30);
        xml.optional("FailureCause", self.failure_cause.as_ref());
        xml.optional("WarningMessage", self.warning.as_ref());
    }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
