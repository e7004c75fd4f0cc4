//! AWS Backup's answers.

use aws::ErrorKind;
use aws::backup::{BackedUp, Made, PointStatus};
use futures::StreamExt as _;
use recovery::ids::RecoveryPointArn;
use recovery::policy::VaultKind;

use crate::tape::{account, answering, region};

const JSON: (&str, &str) = ("content-type", "application/json");

/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRecoveryPointsByBackupVault.html>: a recovery point of RDS by
/// its snapshot's ARN, one by an ARN of AWS Backup itself, one of Aurora that was copied, one that has expired, and one of a
/// status that came after this was written. Times are seconds since 1970, with and without a fraction.
const POINTS: &str = r#"{"RecoveryPoints": [
  {"RecoveryPointArn": "arn:aws:rds:us-west-2:123456789012:snapshot:awsbackup:job-8f0b7a4e-0f4d-4c4f-8d9e-3b1a5a1f2c3d",
   "BackupVaultName": "hourly", "ResourceArn": "arn:aws:rds:us-west-2:123456789012:db:shop", "ResourceType": "RDS",
   "Status": "COMPLETED", "CreationDate": 1796025600.479, "CompletionDate": 1796025905, "BackupSizeInBytes": 0,
   "IsEncrypted": true, "VaultType": "BACKUP_VAULT",
   "Lifecycle": {"DeleteAfterDays": 35}, "CalculatedLifecycle": {"DeleteAt": 1799049600.479},
   "CreatedBy": {"BackupPlanId": "1", "BackupPlanArn": "arn", "BackupPlanVersion": "v", "BackupRuleId": "2"}},
  {"RecoveryPointArn": "arn:aws:backup:us-west-2:123456789012:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45",
   "ResourceArn": "arn:aws:rds:us-west-2:123456789012:db:shop", "ResourceType": "RDS",
   "Status": "AVAILABLE", "CreationDate": 1796022000, "BackupSizeInBytes": 21474836480},
  {"RecoveryPointArn": "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:awsbackup:copyjob-1a2b",
   "ResourceArn": "arn:aws:rds:us-east-1:123456789012:cluster:orders", "ResourceType": "Aurora",
   "SourceBackupVaultArn": "arn:aws:backup:us-east-1:123456789012:backup-vault:hourly",
   "Status": "PARTIAL", "StatusMessage": "The copy was stopped.", "CreationDate": 1796022000},
  {"RecoveryPointArn": "arn:aws:rds:us-west-2:123456789012:snapshot:awsbackup:job-old",
   "ResourceArn": "arn:aws:rds:us-west-2:123456789012:db:shop", "ResourceType": "RDS",
   "Status": "EXPIRED", "StatusMessage": "Insufficient permission to delete.", "CreationDate": 1793000000},
  {"RecoveryPointArn": "arn:aws:rds:us-west-2:123456789012:snapshot:awsbackup:job-new",
   "ResourceArn": "arn:aws:rds:us-west-2:123456789012:db:shop", "ResourceType": "RDS",
   "Status": "HIBERNATING", "CreationDate": 1796022000},
  {"Status": "CREATING"}
]}"#;

#[tokio::test]
async fn recovery_points_of_every_form() {
    let cloud = answering(200, &[JSON], POINTS).await;
    let found: Vec<_> = cloud
        .list_recovery_points(&region(), &account(), "hourly", Made::default())
        .collect()
        .await;
    let (last, points) = found.split_last().unwrap();
    assert_eq!(
        last.as_ref().unwrap_err().kind,
        ErrorKind::Other,
        "one without a name is told, and ends nothing"
    );
    let points: Vec<&BackedUp> = points.iter().map(|point| point.as_ref().unwrap()).collect();
    let statuses: Vec<_> = points.iter().map(|point| point.status).collect();
    assert_eq!(
        statuses,
        [
            PointStatus::Completed,
            PointStatus::Completed,
            PointStatus::Partial,
            PointStatus::Expired,
            PointStatus::Other,
        ]
    );
    for point in &points {
        let arn: RecoveryPointArn = point.arn.parse().unwrap();
        assert_eq!(arn.as_str(), point.arn);
    }
    let first = points[0];
    assert_eq!(first.created_at.to_string(), "2026-11-30T08:00:00.479Z");
    assert_eq!(first.completed_at.unwrap().to_string(), "2026-11-30T08:05:05Z");
    assert_eq!(first.delete_at.unwrap().to_string(), "2027-01-04T08:00:00.479Z");
    assert_eq!((first.bytes, &first.copied_from), (Some(0), &None));
    assert_eq!(points[1].bytes, Some(21_474_836_480));
    let vault = "arn:aws:backup:us-east-1:123456789012:backup-vault:hourly";
    assert_eq!(points[2].copied_from.as_deref(), Some(vault));
    assert_eq!(
        points[3].status_message.as_deref(),
        Some("Insufficient permission to delete.")
    );
}

/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRecoveryPoint.html>, by an ARN of each form.
#[tokio::test]
async fn a_recovery_point_by_either_arn() {
    for arn in [
        "arn:aws:rds:us-west-2:123456789012:snapshot:awsbackup:job-8f0b7a4e-0f4d-4c4f-8d9e-3b1a5a1f2c3d",
        "arn:aws:backup:us-west-2:123456789012:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45",
    ] {
        let body = format!(
            r#"{{"RecoveryPointArn": "{arn}", "ResourceArn": "arn:aws:rds:us-west-2:123456789012:db:shop",
                "ResourceType": "RDS", "Status": "COMPLETED", "CreationDate": 1796025600, "StorageClass": "WARM",
                "Lifecycle": {{}}, "CalculatedLifecycle": {{}}, "CreatedBy": {{}}}}"#
        );
        let cloud = answering(200, &[JSON], &body).await;
        let arn: RecoveryPointArn = arn.parse().unwrap();
        let found = cloud
            .describe_recovery_point(&region(), &account(), "hourly", &arn)
            .await;
        let found = found.unwrap().unwrap();
        assert_eq!(
            (found.arn.as_str(), found.status),
            (arn.as_str(), PointStatus::Completed)
        );
        assert_eq!(
            (found.delete_at, found.bytes, found.completed_at),
            (None, None, None)
        );
    }
}

/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeBackupVault.html>: a vault from before there were kinds, one
/// that is locked, one with an air gap, and one of a kind that came after this was written.
#[tokio::test]
async fn vaults_of_every_kind() {
    for (said, kind, locked) in [
        (r#""NumberOfRecoveryPoints": 7"#, VaultKind::Standard, false),
        (
            r#""VaultType": "BACKUP_VAULT", "Locked": true, "MinRetentionDays": 7, "MaxRetentionDays": 70, "LockDate": 1796025600"#,
            VaultKind::Standard,
            true,
        ),
        (
            r#""VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT", "Locked": true"#,
            VaultKind::AirGapped,
            true,
        ),
        (
            r#""VaultType": "RESTORE_ACCESS_BACKUP_VAULT""#,
            VaultKind::RestoreAccess,
            false,
        ),
        (
            r#""VaultType": "UNDERGROUND_BACKUP_VAULT""#,
            VaultKind::Other,
            false,
        ),
    ] {
        let arn = "arn:aws:backup:us-west-2:123456789012:backup-vault:hourly";
        let body = format!(r#"{{"BackupVaultName": "hourly", "BackupVaultArn": "{arn}", {said}}}"#);
        let cloud = answering(200, &[JSON], &body).await;
        let found = cloud
            .describe_vault(&region(), &account(), "hourly")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (found.arn.as_str(), found.kind, found.locked),
            (arn, kind, locked),
            "{said}"
        );
        assert_eq!(
            found.lock_date.is_some(),
            found.min_retention_days.is_some(),
            "{said}"
        );
    }
}

/// AWS Backup names a fault in a header or in the body, with or without a namespace.
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/CommonErrors.html>
#[tokio::test]
async fn faults_by_header_and_by_body() {
    for (header, body) in [
        (
            "ResourceNotFoundException",
            r#"{"Code":"ERROR_3405","Context":"hourly","Message":"gone","Type":null}"#,
        ),
        (
            "ResourceNotFoundException:http://internal.amazon.com/coral/com.amazonaws.cryo/",
            r#"{"message":"gone"}"#,
        ),
        (
            "",
            r#"{"__type":"com.amazonaws.cryo#ResourceNotFoundException","message":"gone"}"#,
        ),
    ] {
        let headers = [JSON, ("x-amzn-errortype", header)];
        let headers = if header.is_empty() {
            &headers[..1]
        } else {
            &headers[..]
        };
        let cloud = answering(400, headers, body).await;
        let found = cloud.get_backup_plan(&region(), &account(), "1").await;
        assert_eq!(found.unwrap(), None, "{header} {body}");
    }
    let throttled = answering(429, &[JSON, ("x-amzn-errortype", "ThrottlingException")], "{}").await;
    let error = throttled.list_vaults(&region(), &account()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Throttled, "{error}");
}
