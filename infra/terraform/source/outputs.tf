output "vault_name" {
  description = "The vault; workflow.vaults of data-restore.toml."
  value       = aws_backup_vault.vault.name
}

output "queue_name" {
  description = "The queue of events; workflow.queues of data-restore.toml."
  value       = aws_sqs_queue.events.name
}

output "dead_letter_queue_name" {
  description = "Where events go that nobody dealt with."
  value       = aws_sqs_queue.dead_letters.name
}

output "export_role_arn" {
  description = "The role that RDS exports with; workflow.export_role_arn of data-restore.toml."
  value       = aws_iam_role.export.arn
}
