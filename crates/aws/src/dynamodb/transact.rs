//! TransactWriteItems: several writes that take place together or not at all.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, TransactWriteItem};
use aws_smithy_types::error::operation::BuildError;

use super::condition::Expressions;
use super::{Condition, Item, TableRef};
use crate::{Cloud, Error, ErrorKind};

/// One write of a transaction, or a condition on an item that it leaves alone.
#[derive(Clone, Debug)]
pub enum Write {
    /// Puts an item whole.
    Put {
        /// The item.
        item: Item,
        /// What must hold for the one in its place.
        condition: Option<Condition>,
    },
    /// Deletes the item of a key.
    Delete {
        /// The key.
        key: Item,
        /// What must hold for it.
        condition: Option<Condition>,
    },
    /// Only looks.
    Check {
        /// The key.
        key: Item,
        /// What must hold for it.
        condition: Condition,
    },
}

impl Cloud {
    /// Makes all of `writes` (at most 100, each of another item), or none.
    ///
    /// A condition that does not hold is [`ErrorKind::Precondition`]; a write that DynamoDB takes from nobody is
    /// [`ErrorKind::Invalid`]; a transaction that only ran into another one is [`ErrorKind::Throttled`], for the same call
    /// may succeed later.
    pub async fn transact_write(&self, table: &TableRef, writes: Vec<Write>) -> Result<(), Error> {
        let mut items = Vec::with_capacity(writes.len());
        for write in writes {
            let item = built(table, write).map_err(|error| {
                Error::new(
                    "TransactWriteItems",
                    table.to_string(),
                    ErrorKind::Invalid,
                    error.to_string(),
                )
            })?;
            items.push(item);
        }
        self.clients(&table.region, table.account.as_ref())
            .dynamodb
            .transact_write_items()
            .set_transact_items(Some(items))
            .send()
            .await
            .map_err(|error| {
                let kind = error.as_service_error().and_then(kind_of);
                let mut error = Error::from_sdk("TransactWriteItems", table.to_string(), &error);
                error.kind = kind.unwrap_or(error.kind);
                error
            })?;
        Ok(())
    }
}

/// What the reasons for which a transaction was cancelled make of it; `None` where there are none.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
fn kind_of(error: &TransactWriteItemsError) -> Option<ErrorKind> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        let is_held_up = matches!(error, TransactWriteItemsError::TransactionInProgressException(_));
        return is_held_up.then_some(ErrorKind::Throttled);
    };
    let has = |reasons: &[&str]| {
        let mut codes = cancelled
            .cancellation_reasons()
            .iter()
            .filter_map(|reason| reason.code());
        codes.any(|code| reasons.contains(&code))
    };
    if has(&["ConditionalCheckFailed"]) {
        Some(ErrorKind::Precondition)
    } else if has(&["ValidationError", "ItemCollectionSizeLimitExceeded"]) {
        Some(ErrorKind::Invalid)
    } else if has(&[
        "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded",
    ]) {
        Some(ErrorKind::Throttled)
    } else {
        None
    }
}

fn built(table: &TableRef, write: Write) -> Result<TransactWriteItem, BuildError> {
    let mut expressions = Expressions::default();
    let name = table.name.as_str();
    let item = TransactWriteItem::builder();
    Ok(match write {
        Write::Put { item: put, condition } => {
            let condition = condition.map(|condition| expressions.condition(condition));
            item.put(
                Put::builder()
                    .table_name(name)
                    .set_item(Some(put.attributes))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(expressions.names())
                    .set_expression_attribute_values(expressions.values())
                    .build()?,
            )
        }
        Write::Delete { key, condition } => {
            let condition = condition.map(|condition| expressions.condition(condition));
            item.delete(
                Delete::builder()
                    .table_name(name)
                    .set_key(Some(key.attributes))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(expressions.names())
                    .set_expression_attribute_values(expressions.values())
                    .build()?,
            )
        }
        Write::Check { key, condition } => {
            let condition = expressions.condition(condition);
            item.condition_check(
                ConditionCheck::builder()
                    .table_name(name)
                    .set_key(Some(key.attributes))
                    .condition_expression(condition)
                    .set_expression_attribute_names(expressions.names())
                    .set_expression_attribute_values(expressions.values())
                    .build()?,
            )
        }
    }
    .build())
}
