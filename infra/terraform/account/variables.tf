variable "service_role_arn" {
  description = "The role that the service works with, and that alone may take this one; TaskRoleArn of service.yaml."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/.+$", var.service_role_arn))
    error_message = "As arn:[a-z-]+:iam::[0-9]{12}:role/.+."
  }
}

variable "external_id" {
  description = "What the service has to name when it takes the role (sts:ExternalId); external_id of workflow.roles. It is no secret."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@:/_-]{2,1224}$", var.external_id))
    error_message = "As [A-Za-z0-9+=,.@:/_-]{2,1224}."
  }
}

variable "name_prefix" {
  description = "The prefix of names that this account's stacks of copies.yaml and source.yaml were given."
  type        = string
  default     = "data-restore"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,18}[a-z0-9]$", var.name_prefix))
    error_message = "As [a-z0-9][a-z0-9-]{1,18}[a-z0-9]."
  }
}

variable "export_prefix" {
  description = "The key prefix of exports that those stacks were given."
  type        = string
  default     = "exports"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$", var.export_prefix))
    error_message = "As [A-Za-z0-9][A-Za-z0-9._/-]{0,199}."
  }
}

variable "queue_name" {
  description = "The queue of those stacks."
  type        = string
  default     = "data-restore-events"

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,70}$", var.queue_name))
    error_message = "As [A-Za-z0-9_-]{1,70}."
  }
}

variable "apply_policies" {
  description = "Whether the service may make and change backup plans, vaults and selections in this account, as an operator agrees to. It never removes any."
  type        = string
  default     = "no"

  validation {
    condition     = contains(["yes", "no"], var.apply_policies)
    error_message = "One of yes, no."
  }
}

variable "backup_role_name" {
  description = "The role, with its path, that those selections let AWS Backup work as; backup_role_arn of workflow.policy."
  type        = string
  default     = "service-role/AWSBackupDefaultServiceRole"

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_/-]{1,200}$", var.backup_role_name))
    error_message = "As [A-Za-z0-9+=,.@_/-]{1,200}."
  }
}
