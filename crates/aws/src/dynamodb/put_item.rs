//! PutItem.

use super::condition::Expressions;
use super::{Condition, Item, TableRef};
use crate::{Cloud, Error};

impl Cloud {
    /// Puts an item whole, in place of one of its key, if the condition holds for that one.
    pub async fn put_item(
        &self,
        table: &TableRef,
        item: Item,
        condition: Option<Condition>,
    ) -> Result<(), Error> {
        let mut expressions = Expressions::default();
        let condition = condition.map(|condition| expressions.condition(condition));
        self.clients(&table.region, table.account.as_ref())
            .dynamodb
            .put_item()
            .table_name(table.name.as_str())
            .set_item(Some(item.attributes))
            .set_condition_expression(condition)
            .set_expression_attribute_names(expressions.names())
            .set_expression_attribute_values(expressions.values())
            .send()
            .await
            .map_err(|error| Error::from_sdk("PutItem", table.to_string(), &error))?;
        Ok(())
    }
}
