# Where copies of backups lie in one Region of one account: the KMS key, the bucket of exports or replicas, and the bucket that imports
# work in. Once in every Region that holds copies, the replicas' Regions first.

resource "aws_kms_key" "copies" {
  description             = "Copies of backups of AWS Data Restore in ${local.region}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json

  lifecycle {
    prevent_destroy = true
  }
}

data "aws_iam_policy_document" "key" {
  # Who may use the key is said by the roles' own policies.
  statement {
    sid       = "AccountDecides"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }

  dynamic "statement" {
    for_each = local.source_accounts

    content {
      sid       = "ReplicasOfAnotherAccount"
      actions   = ["kms:Encrypt", "kms:GenerateDataKey"]
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = ["arn:${local.partition}:iam::${statement.value}:root"]
      }

      condition {
        test     = "StringLike"
        variable = "kms:ViaService"
        values   = ["s3.${local.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_kms_alias" "copies" {
  name          = "alias/${var.name_prefix}"
  target_key_id = aws_kms_key.copies.key_id
}

resource "aws_s3_bucket" "copies" {
  bucket              = "${var.name_prefix}-${local.account}-${local.region}"
  object_lock_enabled = var.object_lock_mode != "NONE"

  lifecycle {
    prevent_destroy = true
  }
}

# Imports put objects here for DynamoDB to read, and remove them when they end. What is left after a week was forgotten.
resource "aws_s3_bucket" "work" {
  bucket = "${var.name_prefix}-work-${local.account}-${local.region}"

  lifecycle {
    prevent_destroy = true
  }
}

locals {
  # Each is one account, or none.
  source_accounts  = var.source_account == "" ? [] : [var.source_account]
  replica_accounts = var.replica_account == "" ? [] : [var.replica_account]
  replicates       = length(var.replica_regions) + length(local.replica_accounts) > 0
  replica_key      = "arn:${local.partition}:kms:${var.replica_account_region}:${var.replica_account}:key/${var.replica_account_key_id}"

  buckets = {
    copies = aws_s3_bucket.copies
    work   = aws_s3_bucket.work
  }
}

resource "aws_s3_bucket_versioning" "copies" {
  bucket = aws_s3_bucket.copies.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "all" {
  for_each = local.buckets
  bucket   = each.value.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.copies.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "all" {
  for_each                = local.buckets
  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "all" {
  for_each = local.buckets
  bucket   = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

data "aws_iam_policy_document" "tls" {
  for_each = local.buckets

  statement {
    sid       = "OnlyTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value.arn, "${each.value.arn}/*"]

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

  statement {
    sid       = "OnlyNewTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value.arn, "${each.value.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "NumericLessThan"
      variable = "s3:TlsVersion"
      values   = ["1.2"]
    }
  }

  # No s3:ReplicateDelete: what is deleted in the other account stays here.
  dynamic "statement" {
    for_each = each.key == "copies" ? local.source_accounts : []

    content {
      sid       = "ReplicasOfAnotherAccount"
      actions   = ["s3:ReplicateObject", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"]
      resources = ["${each.value.arn}/${var.export_prefix}/*"]

      principals {
        type        = "AWS"
        identifiers = ["arn:${local.partition}:iam::${statement.value}:root"]
      }
    }
  }
}

resource "aws_s3_bucket_policy" "all" {
  for_each = local.buckets
  bucket   = each.value.id
  policy   = data.aws_iam_policy_document.tls[each.key].json
}

resource "aws_s3_bucket_object_lock_configuration" "copies" {
  count  = var.object_lock_mode == "NONE" ? 0 : 1
  bucket = aws_s3_bucket.copies.id

  rule {
    default_retention {
      mode = var.object_lock_mode
      days = var.object_lock_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.copies]
}

resource "aws_s3_bucket_lifecycle_configuration" "copies" {
  bucket = aws_s3_bucket.copies.id

  rule {
    id     = "old-versions-and-broken-uploads"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # The service tags what a policy lets go, never what a source could be restored from last. The value names the Region,
  # because tags are replicated.
  rule {
    id     = "to-glacier"
    status = "Enabled"

    filter {
      and {
        prefix = "${var.export_prefix}/"

        tags = {
          data-restore-lifecycle = "transition-${local.region}"
        }
      }
    }

    transition {
      storage_class = var.glacier_class
      days          = 1
    }
  }

  rule {
    id     = "ended"
    status = "Enabled"

    filter {
      and {
        prefix = "${var.export_prefix}/"

        tags = {
          data-restore-lifecycle = "expiration-${local.region}"
        }
      }
    }

    expiration {
      days = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.copies]
}

resource "aws_s3_bucket_lifecycle_configuration" "work" {
  bucket = aws_s3_bucket.work.id

  rule {
    id     = "forgotten"
    status = "Enabled"

    filter {}

    expiration {
      days = 7
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_replication_configuration" "copies" {
  count  = local.replicates ? 1 : 0
  bucket = aws_s3_bucket.copies.id
  role   = aws_iam_role.replication[0].arn

  dynamic "rule" {
    for_each = var.replica_regions

    content {
      id       = "to-${rule.value}"
      priority = rule.key + 1
      status   = "Enabled"

      filter {
        prefix = "${var.export_prefix}/"
      }

      delete_marker_replication {
        status = "Disabled"
      }

      # Without this, objects under a KMS key are not replicated, and S3 says nothing.
      source_selection_criteria {
        sse_kms_encrypted_objects {
          status = "Enabled"
        }
      }

      destination {
        bucket = "arn:${local.partition}:s3:::${var.name_prefix}-${local.account}-${rule.value}"

        encryption_configuration {
          replica_kms_key_id = "arn:${local.partition}:kms:${rule.value}:${local.account}:alias/${var.name_prefix}"
        }
      }
    }
  }

  dynamic "rule" {
    for_each = local.replica_accounts

    content {
      id       = "to-${rule.value}"
      priority = length(var.replica_regions) + 1
      status   = "Enabled"

      filter {
        prefix = "${var.export_prefix}/"
      }

      delete_marker_replication {
        status = "Disabled"
      }

      source_selection_criteria {
        sse_kms_encrypted_objects {
          status = "Enabled"
        }
      }

      destination {
        bucket  = "arn:${local.partition}:s3:::${var.name_prefix}-${rule.value}-${var.replica_account_region}"
        account = rule.value

        # Replicas that belong to this account would be lost with it.
        access_control_translation {
          owner = "Destination"
        }

        encryption_configuration {
          replica_kms_key_id = local.replica_key
        }
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.copies]
}

data "aws_iam_policy_document" "replication_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "replication" {
  statement {
    sid       = "ReadRules"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [aws_s3_bucket.copies.arn]
  }

  statement {
    sid = "ReadVersions"

    actions = [
      "s3:GetObjectVersionForReplication",
      "s3:GetObjectVersionAcl",
      "s3:GetObjectVersionTagging",
      "s3:GetObjectRetention",
      "s3:GetObjectLegalHold",
    ]

    resources = ["${aws_s3_bucket.copies.arn}/${var.export_prefix}/*"]
  }

  statement {
    sid       = "WriteReplicas"
    actions   = ["s3:ReplicateObject", "s3:ReplicateTags"]
    resources = ["arn:${local.partition}:s3:::${var.name_prefix}-${local.account}-*/${var.export_prefix}/*"]
  }

  statement {
    sid       = "ReadEncrypted"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.copies.arn]

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }

  # A key's ARN in another Region is not known here; its alias is.
  statement {
    sid       = "WriteEncrypted"
    actions   = ["kms:Encrypt"]
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
}

resource "aws_iam_role" "replication" {
  count              = local.replicates ? 1 : 0
  name_prefix        = "${var.name_prefix}-replicate-"
  description        = "S3 copies exports into the other Regions with it"
  assume_role_policy = data.aws_iam_policy_document.replication_trust.json
}

resource "aws_iam_role_policy" "replication" {
  count  = local.replicates ? 1 : 0
  name   = "replicate"
  role   = aws_iam_role.replication[0].id
  policy = data.aws_iam_policy_document.replication.json
}

data "aws_iam_policy_document" "replication_elsewhere" {
  statement {
    sid       = "WriteReplicasElsewhere"
    actions   = ["s3:ReplicateObject", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"]
    resources = ["arn:${local.partition}:s3:::${var.name_prefix}-${var.replica_account}-${var.replica_account_region}/${var.export_prefix}/*"]
  }

  statement {
    sid       = "WriteEncryptedElsewhere"
    actions   = ["kms:Encrypt", "kms:GenerateDataKey"]
    resources = [local.replica_key]

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = ["s3.${var.replica_account_region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "replication_elsewhere" {
  count  = length(local.replica_accounts)
  name   = "replicate-into-another-account"
  role   = aws_iam_role.replication[0].id
  policy = data.aws_iam_policy_document.replication_elsewhere.json
}
