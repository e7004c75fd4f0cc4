# What the server calls on AWS, each and nothing else: the same as in service.yaml, which a test compares with the calls of a whole run.

data "aws_iam_policy_document" "tasks_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "task" {
  statement {
    sid = "KeepRecords"

    actions = [
      "dynamodb:DeleteItem",
      "dynamodb:DescribeTable",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
    ]

    resources = ["arn:${local.partition}:dynamodb:*:${local.account}:table/${var.control_table}"]
  }

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

  statement {
    sid       = "ListImports"
    actions   = ["s3:ListBucket"]
    resources = ["arn:${local.partition}:s3:::${var.name_prefix}-work-${local.account}-*"]
  }

  # DynamoDB reads an import's objects as whoever asked for it.
  statement {
    sid = "PrepareImports"

    actions = [
      "s3:DeleteObject",
      "s3:GetObject",
      "s3:PutObject",
    ]

    resources = ["arn:${local.partition}:s3:::${var.name_prefix}-work-${local.account}-*/*"]
  }

  statement {
    sid = "Restore"

    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:BatchWriteItem",
      "dynamodb:CreateTable",
      "dynamodb:DescribeTable",
      "dynamodb:ImportTable",
      "dynamodb:PutItem",
      "dynamodb:Scan",
    ]

    resources = [for name in local.tables : "arn:${local.partition}:dynamodb:*:${local.account}:table/${name}"]
  }

  statement {
    sid       = "FollowImports"
    actions   = ["dynamodb:DescribeImport"]
    resources = [for name in local.tables : "arn:${local.partition}:dynamodb:*:${local.account}:table/${name}/import/*"]
  }

  # DynamoDB tells an import's errors there, as whoever asked for it.
  statement {
    sid = "LogImports"

    actions = [
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:DescribeLogStreams",
      "logs:PutLogEvents",
      "logs:PutRetentionPolicy",
    ]

    resources = ["arn:${local.partition}:logs:*:${local.account}:log-group:/aws-dynamodb/imports:*"]
  }

  statement {
    sid       = "FindImportLogs"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["arn:${local.partition}:logs:*:${local.account}:log-group:*"]
  }
}

resource "aws_iam_role" "task" {
  name_prefix        = "${var.name_prefix}-task-"
  description        = "AWS Data Restore works with it"
  assume_role_policy = data.aws_iam_policy_document.tasks_trust.json
}

resource "aws_iam_role_policy" "task" {
  name   = "data-restore"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}

# Exactly the roles that were named; each lets the service in by itself, too.
data "aws_iam_policy_document" "reach" {
  statement {
    sid       = "TakeRoles"
    actions   = ["sts:AssumeRole"]
    resources = var.other_account_role_arns
  }
}

resource "aws_iam_role_policy" "reach" {
  count  = length(var.other_account_role_arns) == 0 ? 0 : 1
  name   = "reach-other-accounts"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.reach.json
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

resource "aws_iam_role_policy" "apply_policies" {
  count  = var.apply_policies == "yes" ? 1 : 0
  name   = "apply-policies"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.apply_policies.json
}

# What ECS itself needs to start a server.
resource "aws_iam_role" "execution" {
  name_prefix        = "${var.name_prefix}-start-"
  description        = "ECS starts AWS Data Restore with it"
  assume_role_policy = data.aws_iam_policy_document.tasks_trust.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

data "aws_iam_policy_document" "configuration" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.configuration_secret_arn]
  }
}

resource "aws_iam_role_policy" "configuration" {
  name   = "configuration"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.configuration.json
}
