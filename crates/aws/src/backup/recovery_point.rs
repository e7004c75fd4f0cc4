//! A recovery point in AWS Backup's words, made ours.

use aws_sdk_backup::types::RecoveryPointStatus;
use jiff::Timestamp;

/// A recovery point as AWS Backup tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUp {
    /// Its ARN; for RDS the ARN of the snapshot.
    pub arn: String,
    /// ARN of what was backed up, for example `arn:aws:rds:us-east-1:111122223333:db:tvshows`.
    pub resource_arn: String,
    /// `RDS`, `Aurora`, `EC2`, …
    pub resource_type: String,
    /// Where it stands.
    pub status: PointStatus,
    /// AWS Backup's words on the status, where it has some.
    pub status_message: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was complete.
    pub completed_at: Option<Timestamp>,
    /// Bytes, where AWS Backup counts them.
    pub bytes: Option<u64>,
    /// When its lifecycle deletes it.
    pub delete_at: Option<Timestamp>,
    /// ARN of the vault that it was copied from.
    pub copied_from: Option<String>,
}

/// Where a recovery point stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PointStatus {
    /// CREATING.
    Creating,
    /// COMPLETED or AVAILABLE: it can be exported.
    Completed,
    /// PARTIAL: AWS Backup ended it before it was whole; it cannot be exported.
    Partial,
    /// STOPPED: continuous backup was stopped; the recovery point itself can be used.
    Stopped,
    /// EXPIRED: its lifecycle is over, and AWS Backup could not delete it yet.
    Expired,
    /// DELETING.
    Deleting,
    /// A status that this build does not know.
    Other,
}

impl PointStatus {
    pub(super) fn of(status: Option<&RecoveryPointStatus>) -> Self {
        match status {
            Some(RecoveryPointStatus::Creating) => Self::Creating,
            Some(RecoveryPointStatus::Completed | RecoveryPointStatus::Available) => Self::Completed,
            Some(RecoveryPointStatus::Partial) => Self::Partial,
            Some(RecoveryPointStatus::Stopped) => Self::Stopped,
            Some(RecoveryPointStatus::Expired) => Self::Expired,
            Some(RecoveryPointStatus::Deleting) => Self::Deleting,
            _ => Self::Other,
        }
    }
}
