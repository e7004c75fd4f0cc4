//! DescribeTable, and waiting by it.

use std::time::Duration;

use aws_sdk_dynamodb::types::{KeyType, ScalarAttributeType};
use jiff::Timestamp;
use recovery::plan::Capacity;
use recovery::types::AttributeType;

use super::{KeyDefinition, Scan, TableRef};
use crate::{Cloud, Error, ErrorKind};

/// What a table is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableStatus {
    /// It is being created.
    Creating,
    /// It can be read and written.
    Active,
    /// It can be read and written; its settings are changing.
    Updating,
    /// It is being deleted.
    Deleting,
    /// Archived, or its key is out of reach.
    Inaccessible,
}

/// A table as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDescription {
    /// What it is doing.
    pub status: TableStatus,
    /// The partition key.
    pub partition: KeyDefinition,
    /// The sort key.
    pub sort: Option<KeyDefinition>,
    /// How it is billed.
    pub capacity: Capacity,
    /// Items, as of DynamoDB's last count: it lags by about six hours, so it never decides whether a table is empty.
    pub item_count: u64,
    /// AWS's id of this very table: another table of the same name has another one.
    pub table_id: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
}

impl TableDescription {
    /// What tells this table from another one that once had, or will have, its name.
    pub fn identity(&self) -> String {
        match (&self.table_id, self.created_at) {
            (Some(id), _) => id.clone(),
            (None, Some(at)) => format!("created-{}", at.as_millisecond()),
            (None, None) => String::new(),
        }
    }
}

impl Cloud {
    /// The table as it is; [`ErrorKind::NotFound`] where there is none.
    pub async fn describe_table(&self, table: &TableRef) -> Result<TableDescription, Error> {
        let answer = self
            .clients(&table.region, table.account.as_ref())
            .dynamodb
            .describe_table()
            .table_name(table.name.as_str())
            .send()
            .await
            .map_err(|error| Error::from_sdk("DescribeTable", table.to_string(), &error))?;
        let lacks = |field: &str| {
            Error::new(
                "DescribeTable",
                table.to_string(),
                ErrorKind::Other,
                format!("the answer lacks its {field}"),
            )
        };
        let found = answer.table.ok_or_else(|| lacks("table"))?;
        let key = |role: KeyType| {
            let element = found
                .key_schema()
                .iter()
                .find(|element| element.key_type == role)?;
            let attribute = found
                .attribute_definitions()
                .iter()
                .find(|attribute| attribute.attribute_name == element.attribute_name)?;
            Some(KeyDefinition {
                name: element.attribute_name.clone(),
                attribute_type: match attribute.attribute_type {
                    ScalarAttributeType::N => AttributeType::N,
                    ScalarAttributeType::B => AttributeType::B,
                    _ => AttributeType::S,
                },
            })
        };
        let units = |units: Option<i64>| {
            units
                .and_then(|units| u64::try_from(units).ok())
                .unwrap_or_default()
        };
        let on_demand = found
            .billing_mode_summary()
            .and_then(|summary| summary.billing_mode())
            .is_some_and(|mode| mode.as_str() == "PAY_PER_REQUEST");
        Ok(TableDescription {
            status: match found.table_status().map_or("", |status| status.as_str()) {
                "ACTIVE" => TableStatus::Active,
                "CREATING" => TableStatus::Creating,
                "DELETING" => TableStatus::Deleting,
                "UPDATING" => TableStatus::Updating,
                _ => TableStatus::Inaccessible,
            },
            partition: key(KeyType::Hash).ok_or_else(|| lacks("partition key"))?,
            sort: key(KeyType::Range),
            capacity: match found.provisioned_throughput() {
                Some(throughput) if !on_demand => Capacity::Provisioned {
                    read_units: units(throughput.read_capacity_units()),
                    write_units: units(throughput.write_capacity_units()),
                },
                _ => Capacity::OnDemand,
            },
            item_count: units(found.item_count()),
            table_id: found.table_id().filter(|id| !id.is_empty()).map(str::to_owned),
            created_at: found
                .creation_date_time()
                .and_then(|time| Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()),
        })
    }

    /// Waits until the table can be written, at most `patience`.
    pub async fn wait_active(&self, table: &TableRef, patience: Duration) -> Result<TableDescription, Error> {
        let deadline = tokio::time::Instant::now() + patience;
        let mut pause = Duration::from_millis(50);
        loop {
            let state = match self.describe_table(table).await {
                Ok(found) if matches!(found.status, TableStatus::Active | TableStatus::Updating) => {
                    return Ok(found);
                }
                Ok(found) => format!("{:?}", found.status),
                // A new table may not be seen for a moment: DescribeTable is eventually consistent.
                Err(error) if error.is_not_found() || error.is_transient() => error.to_string(),
                Err(error) => return Err(error),
            };
            if tokio::time::Instant::now() + pause > deadline {
                return Err(Error::new(
                    "DescribeTable",
                    table.to_string(),
                    ErrorKind::Service,
                    format!(
                        "it has not become ACTIVE within {} s; last seen: {state}",
                        patience.as_secs()
                    ),
                ));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    /// Whether the table holds no item, by a consistent read and not by its lagging count.
    pub async fn is_table_empty(&self, table: &TableRef) -> Result<bool, Error> {
        let mut scan = Scan {
            limit: Some(1),
            ..Scan::default()
        };
        loop {
            let page = self.scan_segment(table, &scan).await?;
            match page.next {
                _ if !page.items.is_empty() => return Ok(false),
                None => return Ok(true),
                next => scan.start_after = next,
            }
        }
    }
}
