# One Region of an account in which databases run: the backup vault and its plan, the role that RDS exports with, and the events that tell
# the server of both. Needs the module copies in the same Region.

locals {
  bucket = "arn:${local.partition}:s3:::${var.name_prefix}-${local.account}-${local.region}"
  notify = var.alarm_topic_arn == "" ? [] : [var.alarm_topic_arn]
}

resource "aws_backup_vault" "vault" {
  name = var.vault_name

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_backup_vault_lock_configuration" "vault" {
  count              = var.vault_lock_min_days > 0 ? 1 : 0
  backup_vault_name  = aws_backup_vault.vault.name
  min_retention_days = var.vault_lock_min_days
  max_retention_days = var.vault_lock_max_days
}

resource "aws_backup_plan" "plan" {
  name = "${var.name_prefix}-${var.vault_name}"

  rule {
    rule_name         = var.vault_name
    target_vault_name = aws_backup_vault.vault.name
    schedule          = var.schedule

    # The shortest that AWS Backup takes: a backup that begins later than its hour is a missed one.
    start_window      = 60
    completion_window = 120

    lifecycle {
      delete_after = var.retention_days
    }

    dynamic "copy_action" {
      for_each = var.copy_vault_arn == "" ? [] : [var.copy_vault_arn]

      content {
        destination_vault_arn = copy_action.value

        lifecycle {
          delete_after = var.copy_retention_days
        }
      }
    }
  }
}

resource "aws_backup_selection" "tagged" {
  name         = "${var.name_prefix}-tagged"
  plan_id      = aws_backup_plan.plan.id
  iam_role_arn = aws_iam_role.backup.arn

  selection_tag {
    type  = "STRINGEQUALS"
    key   = var.selection_tag_key
    value = var.selection_tag_value
  }
}

data "aws_iam_policy_document" "backup_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "backup" {
  name_prefix        = "${var.name_prefix}-backup-"
  description        = "AWS Backup makes recovery points and copies of them with it"
  assume_role_policy = data.aws_iam_policy_document.backup_trust.json
}

resource "aws_iam_role_policy_attachment" "backup" {
  role       = aws_iam_role.backup.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
}

data "aws_iam_policy_document" "export_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["export.rds.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "export" {
  statement {
    sid       = "FindBucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
    resources = [local.bucket]
  }

  # RDS's documentation asks for these very wildcards.
  statement {
    sid       = "WriteExport"
    actions   = ["s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*"]
    resources = ["${local.bucket}/${var.export_prefix}/*"]
  }

  # For what S3 does by the bucket's default; the objects of the export itself are written by a grant.
  statement {
    sid       = "UseKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["arn:${local.partition}:kms:${local.region}:${local.account}:key/*"]

    condition {
      test     = "ForAnyValue:StringEquals"
      variable = "kms:ResourceAliases"
      values   = ["alias/${var.name_prefix}"]
    }
  }
}

# Roles are known in every Region of an account, so the Region is in its name.
resource "aws_iam_role" "export" {
  name               = "${var.name_prefix}-export-${local.region}"
  description        = "RDS writes exports with it"
  assume_role_policy = data.aws_iam_policy_document.export_trust.json
}

resource "aws_iam_role_policy" "export" {
  name   = "export"
  role   = aws_iam_role.export.id
  policy = data.aws_iam_policy_document.export.json
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.queue_name}-dead"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = ["arn:${local.partition}:sqs:${local.region}:${local.account}:${var.queue_name}"]
  })
}

resource "aws_sqs_queue" "events" {
  name = var.queue_name

  # Longer than a pass of the server; after that an event counts as not dealt with.
  visibility_timeout_seconds = 120
  message_retention_seconds  = 345600
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

locals {
  queues = {
    events       = aws_sqs_queue.events
    dead_letters = aws_sqs_queue.dead_letters
  }
}

data "aws_iam_policy_document" "queue" {
  for_each = local.queues

  statement {
    sid       = "EventsOfOurRules"
    actions   = ["sqs:SendMessage"]
    resources = [each.value.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for rule in aws_cloudwatch_event_rule.events : rule.arn]
    }
  }

  statement {
    sid       = "OnlyTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [each.value.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "all" {
  for_each  = local.queues
  queue_url = each.value.id
  policy    = data.aws_iam_policy_document.queue[each.key].json
}

locals {
  events = {
    backup = {
      description = "Recovery points that come, go and are copied"
      source      = "aws.backup"
      types       = ["Backup Job State Change", "Copy Job State Change", "Recovery Point State Change"]
    }
    export = {
      description = "Snapshots that come, and exports that end"
      source      = "aws.rds"
      types       = ["RDS DB Snapshot Event", "RDS DB Cluster Snapshot Event"]
    }
  }
}

resource "aws_cloudwatch_event_rule" "events" {
  for_each    = local.events
  name        = "${var.name_prefix}-${each.key}"
  description = each.value.description

  event_pattern = jsonencode({
    source      = [each.value.source]
    detail-type = each.value.types
  })
}

resource "aws_cloudwatch_event_target" "queue" {
  for_each  = local.events
  rule      = aws_cloudwatch_event_rule.events[each.key].name
  target_id = "queue"
  arn       = aws_sqs_queue.events.arn

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 20
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_cloudwatch_metric_alarm" "nobody_listens" {
  alarm_name          = "${var.queue_name}-nobody-listens"
  alarm_description   = "Events wait for longer than 15 minutes, so no server receives them. Backups are still found, at each pass of a server."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.events.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 3
  threshold           = 900
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.notify
}

resource "aws_cloudwatch_metric_alarm" "events_lost" {
  alarm_name          = "${var.queue_name}-lost"
  alarm_description   = "An event could not be delivered or was received five times without being deleted. Look at the dead letters."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.notify
}

resource "aws_cloudwatch_metric_alarm" "backups_fail" {
  alarm_name          = "${var.name_prefix}-${var.vault_name}-backups-fail"
  alarm_description   = "A backup job failed."
  namespace           = "AWS/Backup"
  metric_name         = "NumberOfBackupJobsFailed"
  dimensions          = { BackupVaultName = var.vault_name }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.notify
}
