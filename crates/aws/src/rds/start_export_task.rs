//! StartExportTask.

use recovery::ids::{AccountId, RecoveryPointArn, Region};

use super::ExportTask;
use super::export_task::export_task;
use crate::{Cloud, Error};

/// An export that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportRequest {
    /// Used once: an identifier that RDS knows already answers `AlreadyExists`.
    pub identifier: String,
    /// The recovery point; AWS Backup's ARN of an RDS snapshot is taken as it is.
    pub source: RecoveryPointArn,
    /// The bucket, in the snapshot's Region.
    pub bucket: String,
    /// The prefix before the identifier; empty for none.
    pub prefix: String,
    /// The role that RDS writes with.
    pub role_arn: String,
    /// The KMS key.
    pub kms_key_id: String,
    /// Only these tables (`db.table`) and databases (`db`); empty for all.
    pub only: Vec<String>,
}

impl Cloud {
    /// Starts an export. `AlreadyExists`: the identifier was used before, by us or by others. `Limit`: five are in
    /// progress.
    pub async fn start_export_task(
        &self,
        region: &Region,
        account: &AccountId,
        request: &ExportRequest,
    ) -> Result<ExportTask, Error> {
        let answer = self
            .clients(region, Some(account))
            .rds
            .start_export_task()
            .export_task_identifier(&request.identifier)
            .source_arn(request.source.as_str())
            .s3_bucket_name(&request.bucket)
            .set_s3_prefix((!request.prefix.is_empty()).then(|| request.prefix.clone()))
            .iam_role_arn(&request.role_arn)
            .kms_key_id(&request.kms_key_id)
            .set_export_only((!request.only.is_empty()).then(|| request.only.clone()))
            .send()
            .await
            .map_err(|error| {
                let subject = format!("{} of {}", request.identifier, request.source);
                Error::from_sdk("StartExportTask", subject, &error)
            })?;
        let mut task = aws_sdk_rds::types::ExportTask::builder();
        task = task
            .set_export_task_identifier(answer.export_task_identifier)
            .set_source_arn(answer.source_arn)
            .set_status(answer.status)
            .set_percent_progress(answer.percent_progress)
            .set_s3_bucket(answer.s3_bucket)
            .set_s3_prefix(answer.s3_prefix)
            .set_task_start_time(answer.task_start_time)
            .set_task_end_time(answer.task_end_time)
            .set_failure_cause(answer.failure_cause)
            .set_warning_message(answer.warning_message);
        Ok(export_task(task.build()))
    }
}
