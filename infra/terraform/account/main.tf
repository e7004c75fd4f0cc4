# The role by which a service that runs in another account works in this one: with its databases, recovery points, exports and copies. In
# each such account once, after the module service.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.service_role_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

# Restores write in the service's own account, so there is no table here.
module "permissions" {
  source = "../permissions"

  name_prefix      = var.name_prefix
  export_prefix    = var.export_prefix
  queue_name       = var.queue_name
  backup_role_name = var.backup_role_name
}

resource "aws_iam_role" "service" {
  name                 = "${var.name_prefix}-service"
  description          = "AWS Data Restore of another account works here with it"
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "service" {
  name   = "data-restore"
  role   = aws_iam_role.service.id
  policy = module.permissions.works
}

resource "aws_iam_role_policy" "apply_policies" {
  count  = var.apply_policies == "yes" ? 1 : 0
  name   = "apply-policies"
  role   = aws_iam_role.service.id
  policy = module.permissions.apply_policies
}
