//! Scan, a page of one segment at a time.

use super::{Item, ItemPage, TableRef};
use crate::{Cloud, Error};

/// Which page to scan. The default is the first page of the whole table, read consistently.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Segment and number of segments, for a parallel scan.
    pub segment: Option<(u32, u32)>,
    /// At most so many items; DynamoDB ends a page at 1 MB anyway.
    pub limit: Option<u32>,
    /// The `next` of the page before.
    pub start_after: Option<Item>,
}

impl Cloud {
    /// One page, read consistently.
    pub async fn scan_segment(&self, table: &TableRef, scan: &Scan) -> Result<ItemPage, Error> {
        let as_i32 = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let answer = self
            .clients(&table.region, table.account.as_ref())
            .dynamodb
            .scan()
            .table_name(table.name.as_str())
            .consistent_read(true)
            .set_segment(scan.segment.map(|(segment, _)| as_i32(segment)))
            .set_total_segments(scan.segment.map(|(_, total)| as_i32(total)))
            .set_limit(scan.limit.map(as_i32))
            .set_exclusive_start_key(scan.start_after.clone().map(|key| key.attributes))
            .send()
            .await
            .map_err(|error| Error::from_sdk("Scan", table.to_string(), &error))?;
        Ok(ItemPage::new(answer.items, answer.last_evaluated_key))
    }
}
