//! An export task in RDS's words, made ours.

use jiff::Timestamp;

use crate::time::timestamp;

/// An export of a snapshot to S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportTask {
    /// Its identifier, which is also the folder's name in the bucket.
    pub identifier: String,
    /// ARN of the snapshot.
    pub source_arn: String,
    /// Where it stands.
    pub status: ExportStatus,
    /// 0 to 100.
    pub percent: u8,
    /// The bucket.
    pub bucket: String,
    /// The prefix before the identifier, without a trailing slash; empty where there is none.
    pub prefix: String,
    /// When RDS began to write; `None` while it is starting.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it failed, verbatim.
    pub failure_cause: Option<String>,
    /// What RDS warns of, verbatim.
    pub warning: Option<String>,
}

/// Where an export task stands. AWS's documents and answers spell the values in any letter case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportStatus {
    /// STARTING: it does not write yet (RDS restores the snapshot first, which takes its time).
    Starting,
    /// IN_PROGRESS.
    InProgress,
    /// COMPLETE.
    Complete,
    /// FAILED.
    Failed,
    /// CANCELING.
    Canceling,
    /// CANCELED.
    Canceled,
    /// A status that this build does not know; it counts as being under way.
    Other,
}

impl ExportStatus {
    fn of(status: &str) -> Self {
        match status.to_ascii_uppercase().as_str() {
            "STARTING" => Self::Starting,
            "IN_PROGRESS" => Self::InProgress,
            "COMPLETE" | "COMPLETED" => Self::Complete,
            "FAILED" => Self::Failed,
            "CANCELING" | "CANCELLING" => Self::Canceling,
            "CANCELED" | "CANCELLED" => Self::Canceled,
            _ => Self::Other,
        }
    }

    /// Whether it counts against the limit of exports in progress.
    pub fn is_under_way(self) -> bool {
        match self {
            Self::Starting | Self::InProgress | Self::Canceling | Self::Other => true,
            Self::Complete | Self::Failed | Self::Canceled => false,
        }
    }
}

pub(super) fn export_task(task: aws_sdk_rds::types::ExportTask) -> ExportTask {
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());
    ExportTask {
        identifier: task.export_task_identifier.unwrap_or_default(),
        source_arn: task.source_arn.unwrap_or_default(),
        status: ExportStatus::of(task.status.as_deref().unwrap_or_default()),
        percent: u8::try_from(task.percent_progress.unwrap_or_default().clamp(0, 100)).unwrap_or_default(),
        bucket: task.s3_bucket.unwrap_or_default(),
        prefix: task
            .s3_prefix
            .unwrap_or_default()
            .trim_end_matches('/')
            .to_owned(),
        started_at: task.task_start_time.as_ref().and_then(timestamp),
        ended_at: task.task_end_time.as_ref().and_then(timestamp),
        failure_cause: text(task.failure_cause),
        warning: text(task.warning_message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_in_any_letter_case_and_an_unknown_one_counts_as_under_way() {
        for (text, status) in [
            ("COMPLETE", ExportStatus::Complete),
            ("complete", ExportStatus::Complete),
            ("In_Progress", ExportStatus::InProgress),
            ("CANCELED", ExportStatus::Canceled),
            ("PAUSED", ExportStatus::Other),
        ] {
            assert_eq!(ExportStatus::of(text), status, "{text}");
        }
        assert!(ExportStatus::Other.is_under_way());
        assert!(!ExportStatus::Failed.is_under_way());
    }
}
