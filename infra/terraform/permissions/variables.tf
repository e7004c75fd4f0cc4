variable "name_prefix" {
  description = "The prefix of names that the modules copies and source were given."
  type        = string
}

variable "export_prefix" {
  description = "The key prefix of exports that those modules were given."
  type        = string
}

variable "queue_name" {
  description = "The queue of those modules."
  type        = string
}

variable "backup_role_name" {
  description = "The role, with its path, that selections let AWS Backup work as."
  type        = string
}
