//! BatchWriteItem of puts.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};

use super::{Item, TableRef};
use crate::{Cloud, Error, ErrorKind};

/// The most items of one request.
pub const BATCH_ITEMS_MAX: usize = 25;

/// The most bytes of one request (16 MB). Items are counted by their size, with room left for JSON around them.
pub const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What became of a batch.
#[derive(Debug, Default)]
pub struct BatchWritten {
    /// Items that DynamoDB did not take this time. They are to be sent again, later and slower.
    pub unprocessed: Vec<Item>,
}

impl Cloud {
    /// Puts up to [`BATCH_ITEMS_MAX`] items, once.
    ///
    /// The SDK does not retry this call: a throttle or a fault comes back at once as an error, or as unprocessed
    /// items, because whoever writes many batches must slow down over all of them and not within each.
    pub async fn batch_write(&self, table: &TableRef, items: Vec<Item>) -> Result<BatchWritten, Error> {
        let broken = |error: &dyn std::fmt::Display| {
            Error::new(
                "BatchWriteItem",
                table.to_string(),
                ErrorKind::Other,
                error.to_string(),
            )
        };
        let mut requests = Vec::with_capacity(items.len());
        for item in items {
            let put = PutRequest::builder()
                .set_item(Some(item.attributes))
                .build()
                .map_err(|error| broken(&error))?;
            requests.push(WriteRequest::builder().put_request(put).build());
        }
        let answer = self
            .clients(&table.region, table.account.as_ref())
            .dynamodb_once
            .batch_write_item()
            .set_request_items(Some(HashMap::from([(table.name.to_string(), requests)])))
            .send()
            .await
            .map_err(|error| Error::from_sdk("BatchWriteItem", table.to_string(), &error))?;
        let unprocessed = answer
            .unprocessed_items
            .unwrap_or_default()
            .into_values()
            .flatten()
            .filter_map(|request| request.put_request)
            .map(|put| Item::from(put.item))
            .collect();
        Ok(BatchWritten { unprocessed })
    }
}
