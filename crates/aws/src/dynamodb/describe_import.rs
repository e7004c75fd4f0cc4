//! DescribeImport: how far an import is.

use aws_sdk_dynamodb::types::ImportTableDescription;

use super::TableRef;
use crate::{Cloud, Error, ErrorKind};

/// How an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportStatus {
    /// DynamoDB fills the table.
    InProgress,
    /// The table can be read and written.
    Completed,
    /// Somebody has cancelled it, or it is being cancelled.
    Cancelled,
    /// It has ended without every item in the table.
    Failed,
}

/// An import as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its ARN, by which it is described.
    pub arn: String,
    /// How it is.
    pub status: ImportStatus,
    /// AWS's id of the table that it creates.
    pub table_id: Option<String>,
    /// Items read from S3 so far.
    pub items_processed: u64,
    /// Items put so far.
    pub items_imported: u64,
    /// Items, and objects, that could not be put.
    pub errors: u64,
    /// Why it failed: AWS's code and message.
    pub failure: Option<String>,
}

impl Cloud {
    /// The import as it is. `table` is the one that it fills.
    pub async fn describe_import(&self, table: &TableRef, arn: &str) -> Result<Import, Error> {
        const OPERATION: &str = "DescribeImport";
        let answer = self
            .clients(&table.region, table.account.as_ref())
            .dynamodb
            .describe_import()
            .import_arn(arn)
            .send()
            .await
            .map_err(|error| Error::from_sdk(OPERATION, table.to_string(), &error))?;
        Import::of(OPERATION, table, answer.import_table_description)
    }
}

impl Import {
    pub(super) fn of(
        operation: &'static str,
        table: &TableRef,
        description: Option<ImportTableDescription>,
    ) -> Result<Self, Error> {
        let lacks = |field: &str| {
            let cause = format!("the answer lacks its {field}");
            Error::new(operation, table.to_string(), ErrorKind::Other, cause)
        };
        let found = description.ok_or_else(|| lacks("description"))?;
        let count = |count: i64| u64::try_from(count).unwrap_or_default();
        let status = found.import_status().ok_or_else(|| lacks("status"))?;
        let failure: Vec<&str> = [found.failure_code(), found.failure_message()]
            .into_iter()
            .flatten()
            .collect();
        Ok(Self {
            status: match status.as_str() {
                "IN_PROGRESS" => ImportStatus::InProgress,
                "COMPLETED" => ImportStatus::Completed,
                "CANCELLING" | "CANCELLED" => ImportStatus::Cancelled,
                _ => ImportStatus::Failed,
            },
            items_processed: count(found.processed_item_count),
            items_imported: count(found.imported_item_count),
            errors: count(found.error_count),
            failure: (!failure.is_empty()).then(|| failure.join(": ")),
            arn: found.import_arn.ok_or_else(|| lacks("ARN"))?,
            table_id: found.table_id,
        })
    }
}
