//! A recovery point in brief: an item of its own beside its record, small enough that all of them can be read.

use jiff::Timestamp;
use recovery::glance::Glance;
use recovery::ids::{AccountId, RecoveryPointArn, Region};
use serde::{Deserialize, Serialize};

use super::{Backup, PointEntry};
use crate::pipeline::{Checked, Stage};

/// What overviews show of a recovery point, and what the reconciler remembers of it. It is written in one transaction with
/// the record that it is taken from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Brief {
    /// What timelines and figures show.
    #[serde(flatten)]
    pub(crate) glance: Glance,
    /// Its ARN in AWS Backup.
    pub(crate) arn: RecoveryPointArn,
    /// Where it is.
    pub(crate) region: Region,
    pub(crate) account: AccountId,
    pub(crate) vault: String,
    /// What AWS Backup says of it.
    pub(crate) backup: Backup,
    /// When its lifecycle ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<Timestamp>,
    /// What is left to do with it.
    pub(crate) stage: Stage,
    /// When its verified copies were last checked, and how large they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checked: Option<Checked>,
}

impl Brief {
    /// An entry in brief.
    pub(crate) fn of(entry: &PointEntry) -> Self {
        let point = &entry.point;
        Self {
            glance: Glance::of(point),
            arn: point.arn.clone(),
            region: point.region.clone(),
            account: point.account.clone(),
            vault: point.vault.clone(),
            backup: entry.pipeline.backup,
            expires_at: point.expires_at,
            stage: Stage::of(entry),
            checked: Checked::of(entry),
        }
    }
}
