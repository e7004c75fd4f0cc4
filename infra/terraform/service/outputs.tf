output "address" {
  description = "What the name that people type has to point to."
  value       = aws_lb.service.dns_name
}

output "task_role_arn" {
  description = "The role that the server works with."
  value       = aws_iam_role.task.arn
}

output "server_group_id" {
  description = "The servers' security group; let whatever scrapes /metrics in by it."
  value       = aws_security_group.server.id
}
