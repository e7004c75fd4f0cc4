"""Which permissions of IAM a call needs, as AWS's Service Authorization Reference and the operations' own pages say."""

import json

from templates import matches

# Actions for which AWS takes no resource but *, and where that is said.
WITHOUT_RESOURCE = {
    "backup-storage:MountCapsule": "Service Authorization Reference, AWS Backup storage: no resource type",
    "backup:ListBackupPlans": "Service Authorization Reference, AWS Backup: no resource type",
    "backup:ListBackupVaults": "Service Authorization Reference, AWS Backup: no resource type",
    "backup:ListProtectedResources": "Service Authorization Reference, AWS Backup: no resource type",
    "rds:CancelExportTask": "Service Authorization Reference, Amazon RDS: no resource type",
    "rds:DescribeExportTasks": "Service Authorization Reference, Amazon RDS: no resource type",
    "rds:StartExportTask": "Service Authorization Reference, Amazon RDS: no resource type",
}

# Operations whose action has another name than theirs.
ACTIONS = {
    ("s3", "HeadBucket"): ["s3:ListBucket"],
    ("s3", "ListObjectsV2"): ["s3:ListBucket"],
    ("s3", "HeadObject"): ["s3:GetObject"],
    ("s3", "CopyObject"): ["s3:PutObject"],
    ("s3", "CopyObject/source"): ["s3:GetObject"],
    ("s3", "CreateMultipartUpload"): ["s3:PutObject"],
    ("s3", "UploadPartCopy"): ["s3:PutObject"],
    ("s3", "UploadPartCopy/source"): ["s3:GetObject"],
    ("s3", "CompleteMultipartUpload"): ["s3:PutObject"],
    ("s3", "GetObjectAttributes"): ["s3:GetObject", "s3:GetObjectAttributes"],
    ("s3", "GetBucketEncryption"): ["s3:GetEncryptionConfiguration"],
    ("s3", "GetBucketLifecycleConfiguration"): ["s3:GetLifecycleConfiguration"],
    ("s3", "GetBucketReplication"): ["s3:GetReplicationConfiguration"],
    ("s3", "GetObjectLockConfiguration"): ["s3:GetBucketObjectLockConfiguration"],
    ("s3", "GetPublicAccessBlock"): ["s3:GetBucketPublicAccessBlock"],
    ("dynamodb", "TransactWriteItems/Put"): ["dynamodb:PutItem"],
    ("dynamodb", "TransactWriteItems/Delete"): ["dynamodb:DeleteItem"],
    ("dynamodb", "TransactWriteItems/Update"): ["dynamodb:UpdateItem"],
    ("dynamodb", "TransactWriteItems/ConditionCheck"): ["dynamodb:ConditionCheckItem"],
    ("sqs", "DeleteMessageBatch"): ["sqs:DeleteMessage"],
    ("rds", "StartExportTask/role"): ["iam:PassRole"],
    ("backup", "CreateBackupSelection/role"): ["iam:PassRole"],
    ("rds", "StartExportTask/key"): ["kms:CreateGrant", "kms:DescribeKey"],
    # Every credential may ask who it is.
    ("sts", "GetCallerIdentity"): [],
}

# What is copied; by its version, where one is named.
COPIED = {("s3", "CopyObject/source"), ("s3", "UploadPartCopy/source")}

# What S3 does with the bucket's key in the caller's name.
WITH_KEY = {
    "s3:GetObject": "kms:Decrypt",
    "s3:PutObject": "kms:GenerateDataKey",
}

# What DynamoDB does in the name of whoever asks for an import: the page of ImportTable.
IMPORT_LOGS = ["CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents", "PutRetentionPolicy"]


def needs(call):
    """The (action, resource) pairs that a recorded call needs."""
    service, operation = call["service"], call["operation"]
    account, region, resource = call["account"], call["region"], call["resource"]
    key = f"arn:aws:kms:{region}:{account}:key/any"
    if (service, operation) == ("dynamodb", "ImportTable/source"):
        bucket, _, prefix = resource.removeprefix("arn:aws:s3:::").partition("/")
        yield "s3:ListBucket", f"arn:aws:s3:::{bucket}"
        yield "s3:GetObject", f"arn:aws:s3:::{bucket}/{prefix}object"
        yield "kms:Decrypt", key
        return
    if (service, operation) == ("dynamodb", "ImportTable"):
        group = f"arn:aws:logs:{region}:{account}:log-group"
        yield "logs:DescribeLogGroups", f"{group}:any"
        for action in IMPORT_LOGS:
            yield f"logs:{action}", f"{group}:/aws-dynamodb/imports:log-stream:any"
    if (service, operation) in COPIED and "?versionId=" in resource:
        yield "s3:GetObjectVersion", resource.partition("?")[0]
        yield "kms:Decrypt", key
        return
    for action in ACTIONS.get((service, operation), [f"{service}:{operation}"]):
        about = resource
        if action in WITHOUT_RESOURCE:
            about = "*"
        elif action == "backup:CreateBackupPlan":
            # It has no id yet.
            about = f"arn:aws:backup:{region}:{account}:backup-plan:any"
        elif action.startswith("kms:"):
            # A policy names keys, never aliases: those are a condition.
            about = key
        yield action, about
        if action == "backup:CreateBackupVault":
            yield "backup-storage:MountCapsule", "*"
        if action in WITH_KEY:
            yield WITH_KEY[action], key


class Comparison:
    """What a role called, against what it may."""

    def __init__(self, calls, role, grants):
        self.calls = [call for call in calls if call["role"] == role]
        self.grants = list(grants)
        self.needed = {need for call in self.calls for need in needs(call)}

    def missing(self):
        """Needed, and granted by no statement."""
        return sorted(need for need in self.needed if not any(_covers(grant, need) for grant in self.grants))

    def unused(self):
        """Granted, and needed by no call."""
        return [grant for grant in self.grants if not any(_covers(grant, need) for need in self.needed)]

    def unscoped(self):
        """Granted on everything, though AWS would take less."""
        return [grant for grant in self.grants if grant[2] == "*" and grant[1] not in WITHOUT_RESOURCE]


def _covers(grant, need):
    _, action, pattern = grant
    return action.lower() == need[0].lower() and matches(pattern, need[1])


def read_calls(path):
    """Every recorded call."""
    return [json.loads(line) for line in path.read_text().splitlines()]
