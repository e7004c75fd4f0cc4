"""Events in AWS's shapes, as EventBridge is given them: what the rules of `infra/` are for, and what they are not.

<https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html>,
<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloud-watch-events.sample.html>
"""

SNAPSHOT = "arn:aws:rds:us-west-2:496821122410:snapshot:awsbackup:job-8f0b7a4e"
CLUSTER_SNAPSHOT = "arn:aws:rds:us-west-2:496821122410:cluster-snapshot:awsbackup:job-1d0b7a4e"

_JOB = {
    "backupJobId": "34176239-e96d-4e4c-9fad-529dbb3c3556", "backupVaultName": "9ab3e749", "bytesTransferred": "0",
    "backupVaultArn": "arn:aws:backup:us-west-2:496821122410:backup-vault:9ab3e749", "backupSizeInBytes": "3221225472",
    "resourceArn": "arn:aws:rds:us-west-2:496821122410:db:shop", "resourceType": "RDS", "state": "COMPLETED", "percentDone": 100.0,
    "iamRoleArn": "arn:aws:iam::496821122410:role/backup", "startBy": "2019-07-30T04:13:07.392Z",
}  # fmt: skip

# Numbers as strings, a boolean as a string, and empty objects for what is not there.
_POINT = {
    "backupVaultName": "9ab3e749", "backupVaultArn": {}, "recoveryPointArn": {}, "creationDate": "2019-07-26T22:06:07.159Z",
    "status": "PARTIAL", "resourceType": "RDS", "resourceArn": "arn:aws:rds:us-west-2:496821122410:db:shop", "iamRoleArn": {},
    "isEncrypted": "false", "storageClass": "WARM", "backupSizeInBytes": "0", "calculatedLifeCycle": {},
    "lifeCycle": {"deleteAfterDays": "35"},
}  # fmt: skip

_COPY = {
    "copyJobId": "47C8EF56", "backupSizeInBytes": 22548578304, "creationDate": "2020-06-15T20:32:53.044Z", "state": "CREATED",
    "resourceArn": "arn:aws:rds:us-west-2:496821122410:db:shop", "resourceType": "RDS", "iamRoleArn": {},
    "sourceBackupVaultArn": "arn:aws:backup:us-west-2:496821122410:backup-vault:a",
    "destinationBackupVaultArn": "arn:aws:backup:us-east-1:496821122410:backup-vault:b", "destinationRecoveryPointArn": {},
}  # fmt: skip


def _rds(event_id, arn, kind="SNAPSHOT"):
    return {
        "EventCategories": ["notification"], "SourceType": kind, "SourceArn": arn, "Date": "2018-10-06T12:26:13.882Z", "Message": "",
        "SourceIdentifier": arn.partition("snapshot:")[2], "EventID": event_id, "Tags": {},
    }  # fmt: skip


# Source, detail type, resources and detail of each, and the kind that the product counts it as.
OURS = [
    ("aws.backup", "Backup Job State Change", [SNAPSHOT], _JOB, "backup_job"),
    ("aws.backup", "Recovery Point State Change", [SNAPSHOT], _POINT, "recovery_point"),
    ("aws.backup", "Copy Job State Change", [CLUSTER_SNAPSHOT], _COPY, "copy_job"),
    ("aws.rds", "RDS DB Snapshot Event", [SNAPSHOT], _rds("RDS-EVENT-0161", SNAPSHOT), "export_task"),
    ("aws.rds", "RDS DB Snapshot Event", [SNAPSHOT], _rds("RDS-EVENT-0042", SNAPSHOT), "snapshot"),
    (
        "aws.rds", "RDS DB Cluster Snapshot Event", [CLUSTER_SNAPSHOT],
        _rds("RDS-EVENT-0164", CLUSTER_SNAPSHOT, "CLUSTER_SNAPSHOT"), "export_task",
    ),
]  # fmt: skip

# What no rule of ours is about, though a part of it is the same.
OTHERS = [
    ("aws.backup", "Restore Job State Change", [], {"state": "COMPLETED", "restoreJobId": "1"}),
    ("aws.backup", "Backup Vault State Change", [], {"backupVaultName": "9ab3e749", "state": "CREATED"}),
    ("aws.rds", "RDS DB Instance Event", [], _rds("RDS-EVENT-0006", "arn:aws:rds:us-west-2:496821122410:db:shop", "DB_INSTANCE")),
    ("com.example", "Backup Job State Change", [SNAPSHOT], _JOB),
    ("aws.s3", "Object Created", [], {"bucket": {"name": "copies"}, "object": {"key": "Backup Job State Change"}}),
]
