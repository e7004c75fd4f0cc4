//! CreateTable.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ProvisionedThroughput, ScalarAttributeType,
};
use recovery::plan::Capacity;
use recovery::types::AttributeType;

use super::TableRef;
use crate::{Cloud, Error};

/// A key attribute of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDefinition {
    /// The attribute's name.
    pub name: String,
    /// Its type.
    pub attribute_type: AttributeType,
}

/// A table to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDefinition {
    /// The partition key.
    pub partition: KeyDefinition,
    /// The sort key.
    pub sort: Option<KeyDefinition>,
    /// How it is billed.
    pub capacity: Capacity,
}

impl Cloud {
    /// Creates a table and returns at once; [`Cloud::wait_active`] waits until it can be written.
    ///
    /// Fails with [`AlreadyExists`](crate::ErrorKind::AlreadyExists) where a table of that name is.
    pub async fn create_table(&self, table: &TableRef, definition: &TableDefinition) -> Result<(), Error> {
        let mut request = self
            .clients(&table.region, table.account.as_ref())
            .dynamodb
            .create_table()
            .table_name(table.name.as_str());
        let keys = [(&definition.partition, KeyType::Hash)]
            .into_iter()
            .chain(definition.sort.as_ref().map(|sort| (sort, KeyType::Range)));
        for (key, role) in keys {
            let built = KeySchemaElement::builder()
                .attribute_name(&key.name)
                .key_type(role)
                .build();
            let schema = built.map_err(|error| invalid(table, &error))?;
            let built = AttributeDefinition::builder()
                .attribute_name(&key.name)
                .attribute_type(match key.attribute_type {
                    AttributeType::N => ScalarAttributeType::N,
                    AttributeType::S => ScalarAttributeType::S,
                    AttributeType::B => ScalarAttributeType::B,
                })
                .build();
            let attribute = built.map_err(|error| invalid(table, &error))?;
            request = request.key_schema(schema).attribute_definitions(attribute);
        }
        request = match definition.capacity {
            Capacity::OnDemand => request.billing_mode(BillingMode::PayPerRequest),
            Capacity::Provisioned {
                read_units,
                write_units,
            } => {
                let throughput = ProvisionedThroughput::builder()
                    .read_capacity_units(i64::try_from(read_units).unwrap_or(i64::MAX))
                    .write_capacity_units(i64::try_from(write_units).unwrap_or(i64::MAX))
                    .build()
                    .map_err(|error| invalid(table, &error))?;
                request
                    .billing_mode(BillingMode::Provisioned)
                    .provisioned_throughput(throughput)
            }
        };
        request
            .send()
            .await
            .map_err(|error| Error::from_sdk("CreateTable", table.to_string(), &error))?;
        Ok(())
    }
}

fn invalid(table: &TableRef, error: &aws_smithy_types::error::operation::BuildError) -> Error {
    Error::new(
        "CreateTable",
        table.to_string(),
        crate::ErrorKind::Invalid,
        error.to_string(),
    )
}
