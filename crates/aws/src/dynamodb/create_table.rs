//! CreateTable.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ProvisionedThroughput, ScalarAttributeType,
    WarmThroughput,
};
use aws_smithy_types::error::operation::BuildError;
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
    /// Write units a second that a table on demand is made ready for at once: its warm throughput.
    pub warm_write_units: Option<u64>,
}

impl TableDefinition {
    /// The key in the SDK's form: its schema, and the types of its attributes.
    pub(super) fn key(&self) -> Result<(Vec<KeySchemaElement>, Vec<AttributeDefinition>), BuildError> {
        let (mut schema, mut attributes) = (Vec::new(), Vec::new());
        let keys = [(&self.partition, KeyType::Hash)]
            .into_iter()
            .chain(self.sort.as_ref().map(|sort| (sort, KeyType::Range)));
        for (key, role) in keys {
            let element = KeySchemaElement::builder()
                .attribute_name(&key.name)
                .key_type(role);
            schema.push(element.build()?);
            let attribute = AttributeDefinition::builder()
                .attribute_name(&key.name)
                .attribute_type(match key.attribute_type {
                    AttributeType::N => ScalarAttributeType::N,
                    AttributeType::S => ScalarAttributeType::S,
                    AttributeType::B => ScalarAttributeType::B,
                });
            attributes.push(attribute.build()?);
        }
        Ok((schema, attributes))
    }

    /// The warm throughput in the SDK's form.
    fn warmth(&self) -> Option<WarmThroughput> {
        let units = i64::try_from(self.warm_write_units?).unwrap_or(i64::MAX);
        Some(WarmThroughput::builder().write_units_per_second(units).build())
    }

    /// The capacity in the SDK's form.
    pub(super) fn billing(&self) -> Result<(BillingMode, Option<ProvisionedThroughput>), BuildError> {
        match self.capacity {
            Capacity::OnDemand => Ok((BillingMode::PayPerRequest, None)),
            Capacity::Provisioned {
                read_units,
                write_units,
            } => {
                let throughput = ProvisionedThroughput::builder()
                    .read_capacity_units(i64::try_from(read_units).unwrap_or(i64::MAX))
                    .write_capacity_units(i64::try_from(write_units).unwrap_or(i64::MAX))
                    .build()?;
                Ok((BillingMode::Provisioned, Some(throughput)))
            }
        }
    }
}

impl Cloud {
    /// Creates a table and returns at once; [`Cloud::wait_active`] waits until it can be written.
    ///
    /// Fails with [`AlreadyExists`](crate::ErrorKind::AlreadyExists) where a table of that name is.
    pub async fn create_table(&self, table: &TableRef, definition: &TableDefinition) -> Result<(), Error> {
        let invalid = |error: BuildError| {
            let kind = crate::ErrorKind::Invalid;
            Error::new("CreateTable", table.to_string(), kind, error.to_string())
        };
        let (schema, attributes) = definition.key().map_err(invalid)?;
        let (mode, throughput) = definition.billing().map_err(invalid)?;
        self.clients(&table.region, table.account.as_ref())
            .dynamodb
            .create_table()
            .table_name(table.name.as_str())
            .set_key_schema(Some(schema))
            .set_attribute_definitions(Some(attributes))
            .billing_mode(mode)
            .set_provisioned_throughput(throughput)
            .set_warm_throughput(definition.warmth())
            .send()
            .await
            .map_err(|error| Error::from_sdk("CreateTable", table.to_string(), &error))?;
        Ok(())
    }
}
