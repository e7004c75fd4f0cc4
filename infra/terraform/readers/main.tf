# Roles that read and change nothing. One reads copies and restored tables by the command line, as customers do to prove a restore
# themselves; one reads configuration alone and no row, for `data-restore doctor` and for auditors.

locals {
  tables = compact(["${var.target_table_prefix}*", var.live_table])
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = var.trusted_principal_arns
    }

    dynamic "condition" {
      for_each = var.external_id == "" ? [] : [var.external_id]

      content {
        test     = "StringEquals"
        variable = "sts:ExternalId"
        values   = [condition.value]
      }
    }
  }
}

# inspect, verify-copy, plan, prove and export-rows: each of their calls and nothing else.
data "aws_iam_policy_document" "read_copies" {
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
    ]

    resources = ["arn:${local.partition}:s3:::${var.name_prefix}-${local.account}-*/${var.export_prefix}/*"]
  }

  statement {
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
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
    sid = "ReadTables"

    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:DescribeTable",
      "dynamodb:Scan",
    ]

    resources = [for name in local.tables : "arn:${local.partition}:dynamodb:*:${local.account}:table/${name}"]
  }
}

resource "aws_iam_role" "copy_reader" {
  name                 = "${var.name_prefix}-copy-reader"
  description          = "Reads copies and restored tables of AWS Data Restore"
  max_session_duration = 14400
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "copy_reader" {
  name   = "read-copies"
  role   = aws_iam_role.copy_reader.id
  policy = data.aws_iam_policy_document.read_copies.json
}

# doctor: how everything is set up. No object, no item, no message.
data "aws_iam_policy_document" "examine" {
  statement {
    sid = "SeeBuckets"

    actions = [
      "s3:GetBucketObjectLockConfiguration",
      "s3:GetBucketPublicAccessBlock",
      "s3:GetBucketVersioning",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetReplicationConfiguration",
      "s3:ListBucket",
    ]

    resources = ["arn:${local.partition}:s3:::${var.name_prefix}-${local.account}-*"]
  }

  statement {
    sid       = "SeeExportRole"
    actions   = ["iam:GetRole"]
    resources = ["arn:${local.partition}:iam::${local.account}:role/${var.name_prefix}-export-*"]
  }

  statement {
    sid       = "SeeKeys"
    actions   = ["kms:DescribeKey"]
    resources = ["arn:${local.partition}:kms:*:${local.account}:key/*"]

    condition {
      test     = "ForAnyValue:StringEquals"
      variable = "kms:ResourceAliases"
      values   = ["alias/${var.name_prefix}"]
    }
  }

  statement {
    sid = "SeeQueues"

    actions = [
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
    ]

    resources = [
      "arn:${local.partition}:sqs:*:${local.account}:${var.queue_name}",
      "arn:${local.partition}:sqs:*:${local.account}:${var.queue_name}-dead",
    ]
  }

  statement {
    sid       = "SeeControlTable"
    actions   = ["dynamodb:DescribeTable"]
    resources = ["arn:${local.partition}:dynamodb:*:${local.account}:table/${var.control_table}"]
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

  statement {
    sid       = "SeeRecoveryPoints"
    actions   = ["backup:ListRecoveryPointsByBackupVault"]
    resources = ["arn:${local.partition}:backup:*:${local.account}:backup-vault:${var.vault_name}"]
  }

  # Neither knows resources: AWS takes nothing but *.
  statement {
    sid = "SeeVaultsAndExports"

    actions = [
      "backup:ListBackupVaults",
      "rds:DescribeExportTasks",
    ]

    resources = ["*"]
  }
}

resource "aws_iam_role" "doctor" {
  name                 = "${var.name_prefix}-doctor"
  description          = "Reads how AWS Data Restore is set up, and none of its data"
  max_session_duration = 14400
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "doctor" {
  name   = "examine"
  role   = aws_iam_role.doctor.id
  policy = data.aws_iam_policy_document.examine.json
}
