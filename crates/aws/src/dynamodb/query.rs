//! Query: the items of one partition, in sort key order.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::condition::Expressions;
use super::{Condition, Item, TableRef, Value};
use crate::{Cloud, Error};

/// What the sort key must be.
#[derive(Clone, Debug, PartialEq)]
pub enum SortKey {
    /// Text or bytes that begin so.
    BeginsWith(Value),
    /// From the first to the second, both included.
    Between(Value, Value),
    /// At most this.
    AtMost(Value),
    /// At least this.
    AtLeast(Value),
}

/// Which page of a partition to read.
#[derive(Clone, Debug)]
pub struct Query {
    /// The partition key's name and value.
    pub partition: (String, Value),
    /// The sort key's name and what it must be.
    pub sort: Option<(String, SortKey)>,
    /// What else an item must be. It is asked after the limit is counted.
    pub filter: Option<Condition>,
    /// Descending instead of ascending sort keys.
    pub backward: bool,
    /// At most so many items.
    pub limit: Option<u32>,
    /// The `next` of the page before: the key attributes of its last item.
    pub start_after: Option<Item>,
}

impl Query {
    /// The whole partition, ascending.
    pub fn partition(name: &str, value: Value) -> Self {
        Self {
            partition: (name.to_owned(), value),
            sort: None,
            filter: None,
            backward: false,
            limit: None,
            start_after: None,
        }
    }

    /// Only where the sort key `name` is so.
    #[must_use]
    pub fn sort(mut self, name: &str, sort: SortKey) -> Self {
        self.sort = Some((name.to_owned(), sort));
        self
    }

    /// Descending.
    #[must_use]
    pub fn backward(mut self) -> Self {
        self.backward = true;
        self
    }

    /// At most `limit` items.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Behind the item with this key.
    #[must_use]
    pub fn start_after(mut self, key: Option<Item>) -> Self {
        self.start_after = key;
        self
    }
}

/// A page of items.
#[derive(Debug, Default)]
pub struct ItemPage {
    /// The items.
    pub items: Vec<Item>,
    /// Where the next page begins; `None` at the end. A page may be empty and yet have a next one.
    pub next: Option<Item>,
}

impl ItemPage {
    pub(super) fn new(
        items: Option<Vec<HashMap<String, AttributeValue>>>,
        last: Option<HashMap<String, AttributeValue>>,
    ) -> Self {
        Self {
            items: items.unwrap_or_default().into_iter().map(Item::from).collect(),
            next: last.filter(|key| !key.is_empty()).map(Item::from),
        }
    }
}

impl Cloud {
    /// One page of a partition, read consistently.
    pub async fn query(&self, table: &TableRef, query: Query) -> Result<ItemPage, Error> {
        let mut expressions = Expressions::default();
        let mut key = expressions.condition(Condition::Equals(query.partition.0, query.partition.1));
        if let Some((name, sort)) = query.sort {
            let name = expressions.name(&name);
            let sort = match sort {
                SortKey::BeginsWith(prefix) => format!("begins_with({name}, {})", expressions.value(prefix)),
                SortKey::Between(from, to) => {
                    let from = expressions.value(from);
                    format!("{name} BETWEEN {from} AND {}", expressions.value(to))
                }
                SortKey::AtMost(value) => format!("{name} <= {}", expressions.value(value)),
                SortKey::AtLeast(value) => format!("{name} >= {}", expressions.value(value)),
            };
            key = format!("{key} AND {sort}");
        }
        let filter = query.filter.map(|filter| expressions.condition(filter));
        let answer = self
            .clients(&table.region, table.account.as_ref())
            .dynamodb
            .query()
            .table_name(table.name.as_str())
            .consistent_read(true)
            .key_condition_expression(key)
            .set_filter_expression(filter)
            .set_expression_attribute_names(expressions.names())
            .set_expression_attribute_values(expressions.values())
            .scan_index_forward(!query.backward)
            .set_limit(query.limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_exclusive_start_key(query.start_after.map(|key| key.attributes))
            .send()
            .await
            .map_err(|error| Error::from_sdk("Query", table.to_string(), &error))?;
        Ok(ItemPage::new(answer.items, answer.last_evaluated_key))
    }
}
