variable "trusted_principal_arns" {
  description = "Accounts (their root), roles or users that may take the roles."
  type        = list(string)
}

variable "external_id" {
  description = "What those of another company have to name when they take a role (sts:ExternalId); empty for one's own. It is no secret."
  type        = string
  default     = ""
}

variable "name_prefix" {
  description = "The prefix of names that the stacks of copies.yaml and source.yaml were given."
  type        = string
  default     = "data-restore"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,18}[a-z0-9]$", var.name_prefix))
    error_message = "As [a-z0-9][a-z0-9-]{1,18}[a-z0-9]."
  }
}

variable "export_prefix" {
  description = "The key prefix of exports that those stacks were given. A longer one, such as exports/tvshows-, lets less be read."
  type        = string
  default     = "exports"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$", var.export_prefix))
    error_message = "As [A-Za-z0-9][A-Za-z0-9._/-]{0,199}."
  }
}

variable "control_table" {
  description = "The control table."
  type        = string
  default     = "data-restore"

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.control_table))
    error_message = "As [A-Za-z0-9_.-]{3,255}."
  }
}

variable "vault_name" {
  description = "The backup vault of the stacks of source.yaml."
  type        = string
  default     = "hourly"

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{2,50}$", var.vault_name))
    error_message = "As [a-zA-Z0-9_-]{2,50}."
  }
}

variable "queue_name" {
  description = "The queue of events."
  type        = string
  default     = "data-restore-events"

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,70}$", var.queue_name))
    error_message = "As [A-Za-z0-9_-]{1,70}."
  }
}

variable "target_table_prefix" {
  description = "What the names of the DynamoDB tables begin with that may be read back, in every Region. It must not fit the control table."
  type        = string
  default     = "restored-"

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,200}$", var.target_table_prefix))
    error_message = "As [A-Za-z0-9_.-]{3,200}."
  }
}

variable "live_table" {
  description = "A table besides those; * in it stands for anything. Empty for none."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9_.*-]{0,255}$", var.live_table))
    error_message = "As [A-Za-z0-9_.*-]{0,255}."
  }
}
