variable "name_prefix" {
  description = "The prefix of names that the stack of copies.yaml was given."
  type        = string
  default     = "data-restore"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,18}[a-z0-9]$", var.name_prefix))
    error_message = "3 to 20 lower case letters, digits and hyphens."
  }
}

variable "export_prefix" {
  description = "The key prefix of exports that the stack of copies.yaml was given."
  type        = string
  default     = "exports"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$", var.export_prefix))
    error_message = "Letters, digits, dots, hyphens, underscores and slashes inside."
  }
}

variable "vault_name" {
  description = "The backup vault; workflow.vaults of data-restore.toml."
  type        = string
  default     = "hourly"

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{2,50}$", var.vault_name))
    error_message = "As [a-zA-Z0-9_-]{2,50}."
  }
}

variable "queue_name" {
  description = "The queue of events; workflow.queues of data-restore.toml."
  type        = string
  default     = "data-restore-events"

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,70}$", var.queue_name))
    error_message = "As [A-Za-z0-9_-]{1,70}."
  }
}

variable "schedule" {
  description = "When a recovery point is made, in UTC. AWS Backup takes at most one an hour."
  type        = string
  default     = "cron(0 * * * ? *)"
}

variable "retention_days" {
  description = "Days for which AWS Backup keeps a recovery point."
  type        = number
  default     = 35

  validation {
    condition     = var.retention_days >= 1
    error_message = "At least 1."
  }
}

variable "selection_tag_key" {
  description = "Databases with this tag are backed up."
  type        = string
  default     = "backup"
}

variable "selection_tag_value" {
  description = "The value that the tag must have."
  type        = string
  default     = "hourly"
}

variable "copy_vault_arn" {
  description = "A vault of another Region or account that AWS Backup copies every recovery point to; empty for none."
  type        = string
  default     = ""
}

variable "copy_retention_days" {
  description = "Days for which that copy is kept."
  type        = number
  default     = 35

  validation {
    condition     = var.copy_retention_days >= 1
    error_message = "At least 1."
  }
}

variable "vault_lock_min_days" {
  description = "With 1 or more, the vault is locked in governance mode - nobody deletes a recovery point before this many days. 0 leaves it open."
  type        = number
  default     = 0

  validation {
    condition     = var.vault_lock_min_days >= 0
    error_message = "At least 0."
  }
}

variable "vault_lock_max_days" {
  description = "The longest retention that a locked vault takes."
  type        = number
  default     = 400

  validation {
    condition     = var.vault_lock_max_days >= 1
    error_message = "At least 1."
  }
}

variable "alarm_topic_arn" {
  description = "The SNS topic that alarms go to; empty for alarms that only show themselves."
  type        = string
  default     = ""
}
