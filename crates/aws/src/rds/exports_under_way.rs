//! DescribeExportTasks, of those that count against the limit.

use aws_sdk_rds::types::Filter;
use recovery::ids::{AccountId, Region};

use super::ExportTask;
use super::export_task::export_task;
use crate::{Cloud, Error};

impl Cloud {
    /// The export tasks of an account and Region that RDS works on, whoever started them. RDS takes five at a time.
    pub async fn exports_under_way(
        &self,
        region: &Region,
        account: &AccountId,
    ) -> Result<Vec<ExportTask>, Error> {
        let filter = Filter::builder()
            .name("status")
            .set_values(Some(
                ["starting", "in_progress", "canceling"]
                    .map(String::from)
                    .to_vec(),
            ))
            .build();
        let answer = self
            .clients(region, Some(account))
            .rds
            .describe_export_tasks()
            .filters(filter)
            .send()
            .await
            .map_err(|error| {
                Error::from_sdk(
                    "DescribeExportTasks",
                    format!("account {account} ({region})"),
                    &error,
                )
            })?;
        Ok(answer
            .export_tasks
            .unwrap_or_default()
            .into_iter()
            .map(export_task)
            .filter(|task| task.status.is_under_way())
            .collect())
    }
}
