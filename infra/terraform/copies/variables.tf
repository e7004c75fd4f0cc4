variable "name_prefix" {
  description = "What every name begins with, the same in all Regions - the bucket is PREFIX-ACCOUNT-REGION, the key's alias is alias/PREFIX."
  type        = string
  default     = "data-restore"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,18}[a-z0-9]$", var.name_prefix))
    error_message = "3 to 20 lower case letters, digits and hyphens."
  }
}

variable "export_prefix" {
  description = "Key prefix of every export, without slashes at its ends; \"prefix\" of data-restore.toml."
  type        = string
  default     = "exports"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$", var.export_prefix))
    error_message = "Letters, digits, dots, hyphens, underscores and slashes inside."
  }
}

variable "replica_regions" {
  description = "Regions that objects below the prefix are replicated to; their buckets must be there. Empty in Regions that only receive."
  type        = list(string)
  default     = []
}

variable "replica_account" {
  description = "Another account that objects below the prefix are replicated to as well and that owns its replicas; its stack, with this account as SourceAccount, must be there. Empty for none."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([0-9]{12})?$", var.replica_account))
    error_message = "Twelve digits, or nothing."
  }
}

variable "replica_account_region" {
  description = "The Region of that account's stack, where there is one."
  type        = string
  default     = ""
}

variable "replica_account_key_id" {
  description = "The id of the KMS key of that account's stack, as it ends the stack's KeyArn, where there is one."
  type        = string
  default     = ""
}

variable "source_account" {
  description = "Another account whose exports are replicated into this bucket, where they belong to this account. Empty for none."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([0-9]{12})?$", var.source_account))
    error_message = "Twelve digits, or nothing."
  }
}

variable "glacier_class" {
  description = "Where copies move to when their policy says so (\"lifecycle\" of data-restore.toml says when) - what lies in GLACIER_IR is read at once, from the others a restore has to thaw it first."
  type        = string
  default     = "GLACIER"

  validation {
    condition     = contains(["GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"], var.glacier_class)
    error_message = "One of GLACIER_IR, GLACIER, DEEP_ARCHIVE."
  }
}

variable "noncurrent_version_days" {
  description = "Days for which overwritten and deleted versions can be brought back."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_version_days >= 1
    error_message = "At least 1."
  }
}

variable "object_lock_mode" {
  description = "Whether copies are locked against deletion, and against whom - GOVERNANCE can be lifted by a permission, COMPLIANCE by nobody, not even the root user. Choose it for every Region or for none."
  type        = string
  default     = "NONE"

  validation {
    condition     = contains(["NONE", "GOVERNANCE", "COMPLIANCE"], var.object_lock_mode)
    error_message = "One of NONE, GOVERNANCE, COMPLIANCE."
  }
}

variable "object_lock_days" {
  description = "Days for which a new copy is locked, where ObjectLockMode is not NONE."
  type        = number
  default     = 35

  validation {
    condition     = var.object_lock_days >= 1
    error_message = "At least 1."
  }
}
