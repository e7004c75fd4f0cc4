# The control table, a DynamoDB global table. Once, in the control Region; it outlives the service.

locals {
  notify = var.alarm_topic_arn == "" ? [] : [var.alarm_topic_arn]
}

resource "aws_dynamodb_table" "control" {
  name                        = var.control_table
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = true

  # Replication needs it.
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  server_side_encryption {
    enabled = true
  }

  point_in_time_recovery {
    enabled = true
  }

  dynamic "replica" {
    for_each = var.replica_regions

    content {
      region_name            = replica.value
      point_in_time_recovery = true
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

# SystemErrors is counted for each operation apart.
resource "aws_cloudwatch_metric_alarm" "fails" {
  alarm_name          = "${var.control_table}-fails"
  alarm_description   = "DynamoDB answers requests for the control table with faults of its own."
  evaluation_periods  = 2
  threshold           = 5
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.notify

  metric_query {
    id          = "faults"
    expression  = "SUM(METRICS())"
    label       = "faults of the control table"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = {
      gets         = "GetItem"
      queries      = "Query"
      puts         = "PutItem"
      transactions = "TransactWriteItems"
    }

    content {
      id          = metric_query.key
      return_data = false

      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = "SystemErrors"
        period      = 300
        stat        = "Sum"
        dimensions  = { TableName = var.control_table, Operation = metric_query.value }
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "throttles" {
  alarm_name          = "${var.control_table}-throttles"
  alarm_description   = "Writes of the control table are throttled; the pipeline falls behind."
  namespace           = "AWS/DynamoDB"
  metric_name         = "WriteThrottleEvents"
  dimensions          = { TableName = var.control_table }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 2
  threshold           = 20
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.notify
}
