# What the server calls in every account that it works in: in its own by the module service, in another one by the module account. The
# same as in account.yaml, which a test compares with the calls of a whole run.
data "aws_iam_policy_document" "works" {
  statement {
    sid = "SeeRecoveryPoints"

    actions = [
      "backup:DescribeBackupVault",
      "backup:ListRecoveryPointsByBackupVault",
    ]

    resources = ["arn:${local.partition}:backup:*:${local.account}:backup-vault:*"]
  }

  # None of them knows resources: AWS takes nothing but *.
  statement {
    sid = "ListBackups"

    actions = [
      "backup:ListBackupPlans",
      "backup:ListBackupVaults",
      "backup:ListProtectedResources",
    ]

    resources = ["*"]
  }

  statement {
    sid = "SeeBackupPlans"

    actions = [
      "backup:GetBackupPlan",
      "backup:GetBackupSelection",
      "backup:ListBackupSelections",
    ]

    resources = ["arn:${local.partition}:backup:*:${local.account}:backup-plan:*"]
  }

  statement {
    sid       = "SeeRecoveryPoint"
    actions   = ["backup:DescribeRecoveryPoint"]
    resources = ["arn:${local.partition}:rds:*:${local.account}:*snapshot:awsbackup:*"]
  }

  statement {
    sid       = "SeeDatabases"
    actions   = ["rds:DescribeDBInstances"]
    resources = ["arn:${local.partition}:rds:*:${local.account}:db:*"]
  }

  statement {
    sid       = "SeeClusters"
    actions   = ["rds:DescribeDBClusters"]
    resources = ["arn:${local.partition}:rds:*:${local.account}:cluster:*"]
  }

  # None of them knows resources: AWS takes nothing but *.
  statement {
    sid = "Export"

    actions = [
      "rds:CancelExportTask",
      "rds:DescribeExportTasks",
      "rds:StartExportTask",
    ]

    resources = ["*"]
  }

  statement {
    sid       = "PassExportRole"
    actions   = ["iam:PassRole"]
    resources = ["arn:${local.partition}:iam::${local.account}:role/${var.name_prefix}-export-*"]
  }

  statement {
    sid = "LetRdsUseKey"

    actions = [
      "kms:CreateGrant",
      "kms:DescribeKey",
    ]

    resources = ["arn:${local.partition}:kms:*:${local.account}:key/*"]

    condition {
      test     = "ForAnyValue:StringEquals"
      variable = "kms:ResourceAliases"
      values   = ["alias/${var.name_prefix}"]
    }
  }

  statement {
    sid = "UseKey"

    actions = [
      "kms:Decrypt",
      "kms:GenerateDataKey",
    ]

    resources = ["arn:${local.partition}:kms:*:${local.account}:key/*"]

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = ["s3.*.amazonaws.com"]
    }

    condition {
      test     = "ForAnyValue:StringEquals"
      variable = "kms:ResourceAliases"
      values   = ["alias/${var.name_prefix}"]
    }
  }

  statement {
    sid = "ReceiveEvents"

    actions = [
      "sqs:DeleteMessage",
      "sqs:GetQueueUrl",
      "sqs:ReceiveMessage",
    ]

    resources = ["arn:${local.partition}:sqs:*:${local.account}:${var.queue_name}"]
  }

  statement {
    sid       = "ListCopies"
    actions   = ["s3:ListBucket"]
    resources = ["arn:${local.partition}:s3:::${var.name_prefix}-${local.account}-*"]
  }

  statement {
    sid = "ReadCopies"

    actions = [
      "s3:GetObject",
      "s3:GetObjectAttributes",
      "s3:GetObjectVersion",
    ]

    resources = ["arn:${local.partition}:s3:::${var.name_prefix}-${local.account}-*/${var.export_prefix}/*"]
  }

  # HeadObject tells of locks those who may ask for them, and leaves them out for others.
  statement {
    sid = "SeeLocks"

    actions = [
      "s3:GetObjectLegalHold",
      "s3:GetObjectRetention",
    ]

    resources = ["arn:${local.partition}:s3:::${var.name_prefix}-${local.account}-*/${var.export_prefix}/*"]
  }

  # Why S3 could not replicate.
  statement {
    sid = "SeeReplication"

    actions = [
      "s3:GetBucketVersioning",
      "s3:GetReplicationConfiguration",
    ]

    resources = ["arn:${local.partition}:s3:::${var.name_prefix}-${local.account}-*"]
  }

  # Copies that a policy lets go are tagged; the bucket's own rules move or end them, and it is seen that there are any.
  statement {
    sid       = "SeeLifecycle"
    actions   = ["s3:GetLifecycleConfiguration"]
    resources = ["arn:${local.partition}:s3:::${var.name_prefix}-${local.account}-*"]
  }

  statement {
    sid = "TagCopies"

    actions = [
      "s3:GetObjectTagging",
      "s3:PutObjectTagging",
    ]

    resources = ["arn:${local.partition}:s3:::${var.name_prefix}-${local.account}-*/${var.export_prefix}/*"]
  }

  # Evidence, repairs and thaws. Whatever is replaced stays as an older version.
  statement {
    sid = "CareForCopies"

    actions = [
      "s3:AbortMultipartUpload",
      "s3:PutObject",
      "s3:RestoreObject",
    ]

    resources = ["arn:${local.partition}:s3:::${var.name_prefix}-${local.account}-*/${var.export_prefix}/*"]
  }
}

# The only things of AWS Backup that the server ever changes, and none where apply_policies is no.
data "aws_iam_policy_document" "apply_policies" {
  statement {
    sid       = "MakeVaults"
    actions   = ["backup:CreateBackupVault"]
    resources = ["arn:${local.partition}:backup:*:${local.account}:backup-vault:*"]
  }

  # AWS Backup asks for it whenever a vault is made, and takes nothing but *.
  statement {
    sid       = "MountVaults"
    actions   = ["backup-storage:MountCapsule"]
    resources = ["*"]
  }

  statement {
    sid = "MakePlans"

    actions = [
      "backup:CreateBackupPlan",
      "backup:CreateBackupSelection",
      "backup:UpdateBackupPlan",
    ]

    resources = ["arn:${local.partition}:backup:*:${local.account}:backup-plan:*"]
  }

  statement {
    sid       = "PassBackupRole"
    actions   = ["iam:PassRole"]
    resources = ["arn:${local.partition}:iam::${local.account}:role/${var.backup_role_name}"]
  }
}
