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

module "permissions" {
  source = "../permissions"

  name_prefix      = var.name_prefix
  export_prefix    = var.export_prefix
  queue_name       = var.queue_name
  backup_role_name = var.backup_role_name
}

# Its own records, and what restores write: in its own account alone.
data "aws_iam_policy_document" "task" {
  source_policy_documents = [module.permissions.works]

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

resource "aws_iam_role_policy" "apply_policies" {
  count  = var.apply_policies == "yes" ? 1 : 0
  name   = "apply-policies"
  role   = aws_iam_role.task.id
  policy = module.permissions.apply_policies
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
