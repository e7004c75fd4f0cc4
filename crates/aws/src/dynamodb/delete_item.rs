//! DeleteItem.

use super::condition::Expressions;
use super::{Condition, Item, TableRef};
use crate::{Cloud, Error};

impl Cloud {
    /// Deletes the item of that key, if the condition holds; one that isn't there is deleted already.
    pub async fn delete_item(
        &self,
        table: &TableRef,
        key: Item,
        condition: Option<Condition>,
    ) -> Result<(), Error> {
        let mut expressions = Expressions::default();
        let condition = condition.map(|condition| expressions.condition(condition));
        self.clients(&table.region, table.account.as_ref())
            .dynamodb
            .delete_item()
            .table_name(table.name.as_str())
            .set_key(Some(key.attributes))
            .set_condition_expression(condition)
            .set_expression_attribute_names(expressions.names())
            .set_expression_attribute_values(expressions.values())
            .send()
            .await
            .map_err(|error| Error::from_sdk("DeleteItem", table.to_string(), &error))?;
        Ok(())
    }
}
