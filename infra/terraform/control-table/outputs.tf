output "control_table" {
  description = "The table; workflow.control_table of data-restore.toml."
  value       = aws_dynamodb_table.control.name
}
