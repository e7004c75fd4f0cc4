output "copy_reader_role_arn" {
  description = "For customers who inspect copies and prove restores themselves."
  value       = aws_iam_role.copy_reader.arn
}

output "doctor_role_arn" {
  description = "For auditors and `data-restore doctor`."
  value       = aws_iam_role.doctor.arn
}
