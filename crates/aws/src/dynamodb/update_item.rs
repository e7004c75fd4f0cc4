//! UpdateItem.

use aws_sdk_dynamodb::types::ReturnValue;

use super::condition::Expressions;
use super::{Condition, Item, TableRef, Value};
use crate::{Cloud, Error};

/// Changes to some attributes of an item. An item that isn't there is made.
#[derive(Clone, Debug, Default)]
pub struct Update {
    set: Vec<(String, Value)>,
    add: Vec<(String, i64)>,
    remove: Vec<String>,
    condition: Option<Condition>,
}

impl Update {
    /// Sets an attribute.
    #[must_use]
    pub fn set(mut self, name: &str, value: Value) -> Self {
        self.set.push((name.to_owned(), value));
        self
    }

    /// Adds to a number, which is 0 where it isn't there.
    #[must_use]
    pub fn add(mut self, name: &str, number: i64) -> Self {
        self.add.push((name.to_owned(), number));
        self
    }

    /// Removes an attribute.
    #[must_use]
    pub fn remove(mut self, name: &str) -> Self {
        self.remove.push(name.to_owned());
        self
    }

    /// Only if this holds.
    #[must_use]
    pub fn only_if(mut self, condition: Condition) -> Self {
        self.condition = Some(condition);
        self
    }

    fn expression(self, expressions: &mut Expressions) -> String {
        let set: Vec<_> = self
            .set
            .into_iter()
            .map(|(name, value)| format!("{} = {}", expressions.name(&name), expressions.value(value)))
            .collect();
        let add: Vec<_> = self
            .add
            .into_iter()
            .map(|(name, number)| {
                format!(
                    "{} {}",
                    expressions.name(&name),
                    expressions.value(Value::number(number))
                )
            })
            .collect();
        let remove: Vec<_> = self.remove.iter().map(|name| expressions.name(name)).collect();
        [("SET", set), ("ADD", add), ("REMOVE", remove)]
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(clause, parts)| format!("{clause} {}", parts.join(", ")))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl Cloud {
    /// Changes the item of that key and gives it back as it is then.
    pub async fn update_item(&self, table: &TableRef, key: Item, mut update: Update) -> Result<Item, Error> {
        let mut expressions = Expressions::default();
        let condition = update
            .condition
            .take()
            .map(|condition| expressions.condition(condition));
        let expression = update.expression(&mut expressions);
        let answer = self
            .clients(&table.region, table.account.as_ref())
            .dynamodb
            .update_item()
            .table_name(table.name.as_str())
            .set_key(Some(key.attributes))
            .update_expression(expression)
            .set_condition_expression(condition)
            .set_expression_attribute_names(expressions.names())
            .set_expression_attribute_values(expressions.values())
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(|error| Error::from_sdk("UpdateItem", table.to_string(), &error))?;
        Ok(answer.attributes.unwrap_or_default().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_stand_once_each() {
        let mut expressions = Expressions::default();
        let text = Update::default()
            .set("a", Value::number(1))
            .set("b", Value::Null)
            .add("n", 2)
            .remove("c")
            .expression(&mut expressions);
        assert_eq!(text, "SET #n0 = :v0, #n1 = :v1 ADD #n2 :v2 REMOVE #n3");
    }
}
