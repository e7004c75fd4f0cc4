output "works" {
  description = "What the server always calls, as a policy."
  value       = data.aws_iam_policy_document.works.json
}

output "apply_policies" {
  description = "What it calls besides where it may apply policies, as a policy."
  value       = data.aws_iam_policy_document.apply_policies.json
}
