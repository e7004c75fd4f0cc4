//! A batch of puts: the body of a BatchWriteItem request, made once and sent as often as it takes.

use std::sync::Arc;

use bytes::Bytes;

use super::item_json::push_text;
use super::{Item, ItemWriter, TableRef};

/// The most items of one request.
pub const BATCH_ITEMS_MAX: usize = 25;

/// A batch is full at this many bytes of JSON: a request may have 16 MB, and the item that fills the batch may bring
/// six times its 400 KB where every character needs an escape.
const FULL_BYTES: usize = 6 * 1024 * 1024;

/// What a batch of ordinary rows comes to, so that its buffer seldom grows.
const USUAL_BYTES: usize = 8 * 1024;

/// Write units of one item: one for each 1 KB begun.
pub(super) fn write_units(item_bytes: u64) -> u64 {
    item_bytes.div_ceil(1024).max(1)
}

/// Puts of up to [`BATCH_ITEMS_MAX`] items into one table, as they go over the wire. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PutBatch {
    pub(super) table: Arc<TableRef>,
    pub(super) body: Bytes,
    items: usize,
    item_bytes: u64,
    write_units: u64,
}

impl PutBatch {
    /// The table that is written to.
    pub fn table(&self) -> &TableRef {
        &self.table
    }

    /// How many items it puts.
    pub fn items(&self) -> usize {
        self.items
    }

    /// Bytes of the items by DynamoDB's item size rules.
    pub fn item_bytes(&self) -> u64 {
        self.item_bytes
    }

    /// Write units that the items take: one for each 1 KB begun of each.
    pub fn write_units(&self) -> u64 {
        self.write_units
    }

    /// Bytes of the request's body: what the batch takes in memory.
    pub fn body_bytes(&self) -> usize {
        self.body.len()
    }

    /// A batch of items that came back; `None` where one holds what nothing in this product writes.
    pub(super) fn of_items<'a>(
        table: &Arc<TableRef>,
        items: impl IntoIterator<Item = &'a Item>,
    ) -> Option<Self> {
        let mut builder = PutBatchBuilder::new(Arc::clone(table));
        for item in items {
            builder.put(|writer| item.write(writer).ok_or(())).ok()?;
        }
        builder.take()
    }
}

/// Makes batches, one after the other.
#[derive(Debug)]
pub struct PutBatchBuilder {
    table: Arc<TableRef>,
    /// `{"RequestItems":{"table":[`
    head: Vec<u8>,
    json: Vec<u8>,
    items: usize,
    item_bytes: u64,
    write_units: u64,
}

impl PutBatchBuilder {
    /// Batches of puts into `table`.
    pub fn new(table: Arc<TableRef>) -> Self {
        let mut head = br#"{"RequestItems":{"#.to_vec();
        push_text(&mut head, table.name.as_str());
        head.extend_from_slice(b":[");
        Self {
            table,
            head,
            json: Vec::new(),
            items: 0,
            item_bytes: 0,
            write_units: 0,
        }
    }

    /// Adds an item, written by `write`, and gives its size by DynamoDB's rules. Where `write` fails, the batch is as it
    /// was before.
    pub fn put<E>(&mut self, write: impl FnOnce(&mut ItemWriter<'_>) -> Result<(), E>) -> Result<usize, E> {
        if self.json.is_empty() {
            self.json.reserve(USUAL_BYTES);
            self.json.extend_from_slice(&self.head);
        }
        let start = self.json.len();
        if self.items > 0 {
            self.json.push(b',');
        }
        self.json.extend_from_slice(br#"{"PutRequest":{"Item":"#);
        let mut item = ItemWriter::begin(&mut self.json);
        if let Err(error) = write(&mut item) {
            self.json.truncate(start);
            return Err(error);
        }
        let size = item.end();
        self.json.extend_from_slice(b"}}");
        self.items += 1;
        self.item_bytes += size as u64;
        self.write_units += write_units(size as u64);
        Ok(size)
    }

    /// Whether the batch should be sent before another item is added.
    pub fn is_full(&self) -> bool {
        self.items >= BATCH_ITEMS_MAX || self.json.len() >= FULL_BYTES
    }

    /// The batch so far, if it has an item; the next one begins.
    pub fn take(&mut self) -> Option<PutBatch> {
        if self.items == 0 {
            return None;
        }
        self.json.extend_from_slice(b"]}}");
        Some(PutBatch {
            table: Arc::clone(&self.table),
            body: std::mem::take(&mut self.json).into(),
            items: std::mem::take(&mut self.items),
            item_bytes: std::mem::take(&mut self.item_bytes),
            write_units: std::mem::take(&mut self.write_units),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamodb::{AttributeName, Value};

    #[test]
    fn a_batch_is_the_request_that_dynamodb_takes_and_a_failed_item_leaves_no_trace() {
        let table = Arc::new(TableRef::new(
            "us-east-1".parse().unwrap(),
            "shows".parse().unwrap(),
        ));
        let mut builder = PutBatchBuilder::new(Arc::clone(&table));
        assert!(builder.take().is_none());
        let id = AttributeName::new("id");
        let mut put = |digits: &str, fails: bool| {
            builder.put(|item| {
                item.number(&id, digits);
                if fails { Err("no") } else { Ok(()) }
            })
        };
        assert_eq!(put("12", false), Ok(4));
        assert_eq!(put("99", true), Err("no"));
        assert_eq!(put("13", false), Ok(4));
        let batch = builder.take().unwrap();
        assert!(builder.take().is_none(), "the next batch begins empty");
        assert_eq!(
            (batch.items(), batch.item_bytes(), batch.write_units()),
            (2, 8, 2)
        );
        let body: serde_json::Value = serde_json::from_slice(&batch.body).unwrap();
        let put = |digits| serde_json::json!({"PutRequest": {"Item": {"id": {"N": digits}}}});
        assert_eq!(
            body,
            serde_json::json!({"RequestItems": {"shows": [put("12"), put("13")]}})
        );
        let items = [12, 13].map(|id| Item::default().with("id", Value::number(id)));
        assert_eq!(PutBatch::of_items(&table, &items).unwrap().body, batch.body);
    }
}
