output "service_role_arn" {
  description = "One of other_account_role_arns of the module service; arn of workflow.roles in data-restore.toml."
  value       = aws_iam_role.service.arn
}
