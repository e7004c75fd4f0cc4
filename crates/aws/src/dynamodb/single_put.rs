//! PutItem of an item whose JSON is made once, and what its key held before.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

use super::item_json::push_text;
use super::put_batch::write_units;
use super::{Item, ItemWriter, TableRef};
use crate::{Cloud, Error, ErrorKind};

const OPERATION: &str = "PutItem";

/// A put of one item, as it goes over the wire. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SinglePut {
    table: Arc<TableRef>,
    body: Bytes,
    item_bytes: u64,
}

impl SinglePut {
    /// The table that is written to.
    pub fn table(&self) -> &TableRef {
        &self.table
    }

    /// Bytes of the item by DynamoDB's item size rules.
    pub fn item_bytes(&self) -> u64 {
        self.item_bytes
    }

    /// Write units that the item takes: one for each 1 KB begun.
    pub fn write_units(&self) -> u64 {
        write_units(self.item_bytes)
    }

    /// Bytes of the request's body: what the put takes in memory.
    pub fn body_bytes(&self) -> usize {
        self.body.len()
    }
}

/// Makes puts of one sort.
#[derive(Clone, Debug)]
pub struct SinglePutBuilder {
    table: Arc<TableRef>,
    /// The request up to its item.
    head: Vec<u8>,
}

impl SinglePutBuilder {
    /// Puts that take place only where no item has the key yet. `partition` is the partition key's name.
    pub fn only_missing(table: Arc<TableRef>, partition: &str) -> Self {
        let mut builder = Self::begin(table);
        let head = &mut builder.head;
        head.extend_from_slice(br#""ConditionExpression":"attribute_not_exists(#key)","#);
        head.extend_from_slice(br#""ReturnValuesOnConditionCheckFailure":"ALL_OLD","#);
        head.extend_from_slice(br##""ExpressionAttributeNames":{"#key":"##);
        push_text(head, partition);
        head.extend_from_slice(br#"},"Item":"#);
        builder
    }

    /// Puts that replace an item of their key, whole.
    pub fn replacing(table: Arc<TableRef>) -> Self {
        let mut builder = Self::begin(table);
        builder
            .head
            .extend_from_slice(br#""ReturnValues":"ALL_OLD","Item":"#);
        builder
    }

    fn begin(table: Arc<TableRef>) -> Self {
        let mut head = br#"{"TableName":"#.to_vec();
        push_text(&mut head, table.name.as_str());
        head.push(b',');
        Self { table, head }
    }

    /// The put of the item that `write` writes.
    pub fn put<E>(&self, write: impl FnOnce(&mut ItemWriter<'_>) -> Result<(), E>) -> Result<SinglePut, E> {
        let mut json = self.head.clone();
        let mut item = ItemWriter::begin(&mut json);
        write(&mut item)?;
        let item_bytes = item.end() as u64;
        json.push(b'}');
        Ok(SinglePut {
            table: Arc::clone(&self.table),
            body: json.into(),
            item_bytes,
        })
    }
}

impl Cloud {
    /// Sends a put, once, and gives the item that its key held: the one that stays, for a put that is
    /// [only for missing items](SinglePutBuilder::only_missing), or the one that was [replaced](SinglePutBuilder::replacing).
    ///
    /// Nothing here retries, as with [`batch_write`](Cloud::batch_write).
    pub async fn put_single(&self, put: &SinglePut) -> Result<Option<Item>, Error> {
        let table = put.table();
        let (body, length) = (put.body.clone(), put.body.len().to_string());
        let answer = self
            .clients(&table.region, table.account.as_ref())
            .dynamodb_once
            .put_item()
            .table_name(table.name.as_str())
            .set_item(Some(HashMap::new()))
            .customize()
            .mutate_request(move |request| {
                *request.body_mut() = SdkBody::from(body.clone());
                request.headers_mut().insert("content-length", length.clone());
            })
            .send()
            .await;
        let error = match answer {
            Ok(answer) => return Ok(answer.attributes.map(Item::from)),
            Err(error) => error,
        };
        if let Some(PutItemError::ConditionalCheckFailedException(stays)) = error.as_service_error() {
            let item = stays.item().ok_or_else(|| {
                let cause = "the answer lacks the item that has the key";
                Error::new(OPERATION, table.to_string(), ErrorKind::Service, cause)
            })?;
            return Ok(Some(Item::from(item.clone())));
        }
        Err(Error::from_sdk(OPERATION, table.to_string(), &error))
    }
}
