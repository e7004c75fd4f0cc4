//! ListRecoveryPointsByBackupVault.

use futures::stream::{self, Stream, StreamExt};
use jiff::Timestamp;
use recovery::ids::{AccountId, Region};

use super::{BackedUp, PointStatus};
use crate::time::{date_time, timestamp};
use crate::{Cloud, Error, ErrorKind};

/// When a recovery point was made; AWS Backup leaves both ends out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// After this time.
    pub after: Option<Timestamp>,
    /// Before this time.
    pub before: Option<Timestamp>,
}

impl Cloud {
    /// Every recovery point of a vault that was made within `made`, a page at a time.
    ///
    /// A recovery point without ARN, resource or time is an error of its own and does not end the stream.
    pub fn list_recovery_points(
        &self,
        region: &Region,
        account: &AccountId,
        vault: &str,
        made: Made,
    ) -> impl Stream<Item = Result<BackedUp, Error>> + Send + 'static {
        let subject = format!("vault {vault} ({region}, {account})");
        let pages = self
            .clients(region, Some(account))
            .backup
            .list_recovery_points_by_backup_vault()
            .backup_vault_name(vault)
            .set_by_created_after(made.after.map(date_time))
            .set_by_created_before(made.before.map(date_time))
            .into_paginator()
            .page_size(1000)
            .send();
        stream::unfold(pages, |mut pages| async {
            pages.next().await.map(|page| (page, pages))
        })
        .flat_map(move |page| {
            let points = match page {
                Ok(page) => page
                    .recovery_points
                    .unwrap_or_default()
                    .into_iter()
                    .map(|point| backed_up(point, &subject))
                    .collect(),
                Err(error) => {
                    vec![Err(Error::from_sdk(
                        "ListRecoveryPointsByBackupVault",
                        subject.clone(),
                        &error,
                    ))]
                }
            };
            stream::iter(points)
        })
    }
}

fn backed_up(
    point: aws_sdk_backup::types::RecoveryPointByBackupVault,
    subject: &str,
) -> Result<BackedUp, Error> {
    let created_at = point.creation_date.as_ref().and_then(timestamp);
    let (Some(arn), Some(resource_arn), Some(created_at)) =
        (point.recovery_point_arn, point.resource_arn, created_at)
    else {
        return Err(Error::new(
            "ListRecoveryPointsByBackupVault",
            subject,
            ErrorKind::Other,
            "a recovery point has no ARN, no resource or no creation date",
        ));
    };
    Ok(BackedUp {
        arn,
        resource_arn,
        resource_type: point.resource_type.unwrap_or_default(),
        status: PointStatus::of(point.status.as_ref()),
        status_message: point.status_message,
        created_at,
        completed_at: point.completion_date.as_ref().and_then(timestamp),
        bytes: point
            .backup_size_in_bytes
            .and_then(|bytes| u64::try_from(bytes).ok()),
        delete_at: point
            .calculated_lifecycle
            .and_then(|lifecycle| lifecycle.delete_at.as_ref().and_then(timestamp)),
        copied_from: point.source_backup_vault_arn,
    })
}
