//! What is promised of DynamoDB.

mod batches;
mod imports;
mod items;
mod pages;
mod tables;
mod transactions;

use std::time::Duration;

use aws::dynamodb::{Item, KeyDefinition, TableDefinition, TableRef, Value};
use recovery::plan::Capacity;
use recovery::types::AttributeType;

use crate::case::Case;
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    let mut all = tables::cases();
    all.extend(items::cases());
    all.extend(pages::cases());
    all.extend(transactions::cases());
    all.extend(batches::cases());
    all.extend(imports::cases());
    all
}

fn text(name: &str) -> KeyDefinition {
    KeyDefinition {
        name: name.to_owned(),
        attribute_type: AttributeType::S,
    }
}

/// A table by a text and a text.
fn pk_and_sk() -> TableDefinition {
    TableDefinition {
        partition: text("pk"),
        sort: Some(text("sk")),
        capacity: Capacity::OnDemand,
        warm_write_units: None,
    }
}

/// A table by a number.
fn by_id() -> TableDefinition {
    TableDefinition {
        partition: KeyDefinition {
            name: "id".to_owned(),
            attribute_type: AttributeType::N,
        },
        sort: None,
        ..pk_and_sk()
    }
}

/// A table that can be written.
async fn table(at: &Place, what: &str, definition: &TableDefinition) -> TableRef {
    let table = at.no_table(what);
    at.cloud.create_table(&table, definition).await.unwrap();
    at.cloud
        .wait_active(&table, Duration::from_secs(30))
        .await
        .unwrap();
    table
}

fn key(pk: &str, sk: &str) -> Item {
    Item::default()
        .with("pk", Value::string(pk))
        .with("sk", Value::string(sk))
}

fn id(number: i64) -> Item {
    Item::default().with("id", Value::number(number))
}
