//! BatchGetItem.

use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::{Item, TableRef};
use crate::{Cloud, Error, ErrorKind};

/// The most keys of one request.
pub const BATCH_KEYS_MAX: usize = 100;

/// What a read by keys brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemsRead {
    /// The items, in no order. A key without an item brings none.
    pub items: Vec<Item>,
    /// Keys that DynamoDB did not come to. They are to be read again.
    pub left: Vec<Item>,
}

impl Cloud {
    /// Reads the items that have these keys, consistently: at most [`BATCH_KEYS_MAX`] of them, each once.
    pub async fn batch_get(&self, table: &TableRef, keys: &[Item]) -> Result<ItemsRead, Error> {
        let invalid = |cause: String| {
            let kind = ErrorKind::Invalid;
            Error::new("BatchGetItem", table.to_string(), kind, cause)
        };
        let asked = KeysAndAttributes::builder()
            .consistent_read(true)
            .set_keys(Some(keys.iter().map(|key| key.attributes.clone()).collect()))
            .build()
            .map_err(|error| invalid(error.to_string()))?;
        let answer = self
            .clients(&table.region, table.account.as_ref())
            .dynamodb
            .batch_get_item()
            .request_items(table.name.as_str(), asked)
            .send()
            .await
            .map_err(|error| Error::from_sdk("BatchGetItem", table.to_string(), &error))?;
        let items = answer.responses.into_iter().flatten();
        let left = answer.unprocessed_keys.into_iter().flatten();
        Ok(ItemsRead {
            items: items.flat_map(|(_, items)| items).map(Item::from).collect(),
            left: left.flat_map(|(_, left)| left.keys).map(Item::from).collect(),
        })
    }
}
