//! DescribeRecoveryPoint.

use recovery::ids::{AccountId, RecoveryPointArn, Region};

use super::{BackedUp, PointStatus};
use crate::time::timestamp;
use crate::{Cloud, Error, ErrorKind};

impl Cloud {
    /// One recovery point; `None` where AWS Backup no longer has it.
    pub async fn describe_recovery_point(
        &self,
        region: &Region,
        account: &AccountId,
        vault: &str,
        arn: &RecoveryPointArn,
    ) -> Result<Option<BackedUp>, Error> {
        let answer = self
            .clients(region, Some(account))
            .backup
            .describe_recovery_point()
            .backup_vault_name(vault)
            .recovery_point_arn(arn.as_str())
            .send()
            .await
            .map_err(|error| Error::from_sdk("DescribeRecoveryPoint", arn.as_str(), &error));
        let point = match answer {
            Ok(point) => point,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let created_at = point.creation_date.as_ref().and_then(timestamp);
        let (Some(resource_arn), Some(created_at)) = (point.resource_arn, created_at) else {
            return Err(Error::new(
                "DescribeRecoveryPoint",
                arn.as_str(),
                ErrorKind::Other,
                "the answer has no resource or no creation date",
            ));
        };
        Ok(Some(BackedUp {
            arn: arn.to_string(),
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
        }))
    }
}
