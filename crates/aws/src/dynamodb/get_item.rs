//! GetItem.

use super::{Item, TableRef};
use crate::{Cloud, Error};

impl Cloud {
    /// The item of that key, read consistently.
    pub async fn get_item(&self, table: &TableRef, key: Item) -> Result<Option<Item>, Error> {
        let answer = self
            .clients(&table.region, table.account.as_ref())
            .dynamodb
            .get_item()
            .table_name(table.name.as_str())
            .consistent_read(true)
            .set_key(Some(key.attributes))
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetItem", table.to_string(), &error))?;
        Ok(answer.item.map(Item::from))
    }
}
