output "bucket_name" {
  description = "The bucket of copies; workflow.buckets of data-restore.toml."
  value       = aws_s3_bucket.copies.id
}

output "work_bucket_name" {
  description = "Where imports into this Region work (--work)."
  value       = aws_s3_bucket.work.id
}

output "key_arn" {
  description = "The key of both buckets."
  value       = aws_kms_key.copies.arn
}

output "key_alias" {
  description = "Its alias; workflow.kms_key_id of data-restore.toml."
  value       = aws_kms_alias.copies.name
}
