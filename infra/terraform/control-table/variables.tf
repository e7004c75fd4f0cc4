variable "control_table" {
  description = "The table's name; workflow.control_table of data-restore.toml."
  type        = string
  default     = "data-restore"

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.control_table))
    error_message = "As [A-Za-z0-9_.-]{3,255}."
  }
}

variable "replica_regions" {
  description = "Regions that keep a replica, from which the service goes on when the control Region is lost."
  type        = list(string)
  default     = []
}

variable "alarm_topic_arn" {
  description = "The SNS topic that alarms go to; empty for alarms that only show themselves."
  type        = string
  default     = ""
}
