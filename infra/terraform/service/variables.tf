variable "vpc_id" {
  description = "The network. AWS's endpoints of every Region must be reached from it (NAT, or VPC endpoints for the home Region)."
  type        = string
}

variable "service_subnet_ids" {
  description = "Private subnets of two zones at least, for the servers."
  type        = list(string)
}

variable "load_balancer_subnet_ids" {
  description = "Subnets of two zones at least, for the load balancer."
  type        = list(string)
}

variable "load_balancer_scheme" {
  description = "Whether the load balancer is reached inside the network alone."
  type        = string
  default     = "internal"

  validation {
    condition     = contains(["internal", "internet-facing"], var.load_balancer_scheme)
    error_message = "One of internal, internet-facing."
  }
}

variable "allowed_cidr" {
  description = "Who may reach the load balancer."
  type        = string
  default     = "10.0.0.0/8"

  validation {
    condition     = can(regex("^[0-9.]+/[0-9]{1,2}$", var.allowed_cidr))
    error_message = "As [0-9.]+/[0-9]{1,2}."
  }
}

variable "certificate_arn" {
  description = "The certificate (ACM) of the name that people type; server.public_url of data-restore.toml."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:acm:.+$", var.certificate_arn))
    error_message = "As arn:[a-z-]+:acm:.+."
  }
}

variable "image" {
  description = "The container image, by digest (…@sha256:…), so that what was tested is what runs."
  type        = string
}

variable "configuration_secret_arn" {
  description = "The Secrets Manager secret whose text is data-restore.toml. It holds hashes of passwords and tokens, never either."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:secretsmanager:.+$", var.configuration_secret_arn))
    error_message = "As arn:[a-z-]+:secretsmanager:.+."
  }
}

variable "server_count" {
  description = "How many servers run. One reconciles, each runs restores; the others stand by."
  type        = number
  default     = 2

  validation {
    condition     = var.server_count >= 1
    error_message = "At least 1."
  }

  validation {
    condition     = var.server_count <= 8
    error_message = "At most 8."
  }
}

variable "cpu_units" {
  description = "CPU of a server; 1024 is one. A restore is as fast as this."
  type        = number
  default     = 2048

  validation {
    condition     = contains([1024, 2048, 4096, 8192], var.cpu_units)
    error_message = "One of 1024, 2048, 4096, 8192."
  }
}

variable "memory_mib" {
  description = "Memory of a server in MiB; 2 GiB a CPU at least."
  type        = number
  default     = 4096

  validation {
    condition     = contains([2048, 4096, 8192, 16384], var.memory_mib)
    error_message = "One of 2048, 4096, 8192, 16384."
  }
}

variable "log_retention_days" {
  description = "Days for which logs are kept. The audit log is in the control table and stays."
  type        = number
  default     = 90

  validation {
    condition     = contains([7, 30, 90, 180, 365, 731, 3653], var.log_retention_days)
    error_message = "One of 7, 30, 90, 180, 365, 731, 3653."
  }
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
  description = "The key prefix of exports that those stacks were given."
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

variable "queue_name" {
  description = "The queue of those stacks."
  type        = string
  default     = "data-restore-events"

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,70}$", var.queue_name))
    error_message = "As [A-Za-z0-9_-]{1,70}."
  }
}

variable "target_table_prefix" {
  description = "What the names of the DynamoDB tables begin with that restores may create, write and read, in every Region. It must not fit the control table."
  type        = string
  default     = "restored-"

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,200}$", var.target_table_prefix))
    error_message = "As [A-Za-z0-9_.-]{3,200}."
  }
}

variable "live_table" {
  description = "A table besides those, while it is restored into; * in it stands for anything. Empty for none."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9_.*-]{0,255}$", var.live_table))
    error_message = "As [A-Za-z0-9_.*-]{0,255}."
  }
}

variable "other_account_role_arns" {
  description = "The roles by which the service works in other accounts, ServiceRoleArn of each account.yaml, with commas; empty for its own account alone."
  type        = list(string)
  default     = []
}

variable "apply_policies" {
  description = "Whether the service may make and change backup plans, vaults and selections, as an operator agrees to. It never removes any."
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

variable "alarm_topic_arn" {
  description = "The SNS topic that alarms go to; empty for alarms that only show themselves."
  type        = string
  default     = ""
}
