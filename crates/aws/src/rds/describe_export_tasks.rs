//! DescribeExportTasks.

use recovery::ids::{AccountId, RecoveryPointArn, Region};

use super::ExportTask;
use super::export_task::export_task;
use crate::{Cloud, Error};

/// Tasks that one question may bring; RDS keeps ended ones for long.
const TASKS_MAX: usize = 10_000;

impl Cloud {
    /// One export task; `None` where RDS has none of that identifier.
    pub async fn describe_export_task(
        &self,
        region: &Region,
        account: &AccountId,
        identifier: &str,
    ) -> Result<Option<ExportTask>, Error> {
        let answer = self
            .clients(region, Some(account))
            .rds
            .describe_export_tasks()
            .export_task_identifier(identifier)
            .send()
            .await
            .map_err(|error| Error::from_sdk("DescribeExportTasks", identifier, &error));
        match answer {
            Ok(answer) => Ok(answer
                .export_tasks
                .unwrap_or_default()
                .into_iter()
                .map(export_task)
                .find(|task| task.identifier == identifier)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The export tasks of an account in a Region, of one snapshot where `source` is given; at most 10,000.
    pub async fn describe_export_tasks(
        &self,
        region: &Region,
        account: &AccountId,
        source: Option<&RecoveryPointArn>,
    ) -> Result<Vec<ExportTask>, Error> {
        let mut pages = self
            .clients(region, Some(account))
            .rds
            .describe_export_tasks()
            .set_source_arn(source.map(ToString::to_string))
            .into_paginator()
            .page_size(100)
            .send();
        let mut tasks = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                Error::from_sdk(
                    "DescribeExportTasks",
                    format!("account {account} ({region})"),
                    &error,
                )
            })?;
            tasks.extend(page.export_tasks.unwrap_or_default().into_iter().map(export_task));
            if tasks.len() >= TASKS_MAX {
                tasks.truncate(TASKS_MAX);
                break;
            }
        }
        Ok(tasks)
    }
}
