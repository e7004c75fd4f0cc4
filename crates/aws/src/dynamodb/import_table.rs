//! ImportTable: a new table, filled from S3 by DynamoDB itself.

use aws_sdk_dynamodb::types::{InputCompressionType, InputFormat, S3BucketSource, TableCreationParameters};
use aws_smithy_types::error::operation::BuildError;

use super::{Import, TableDefinition, TableRef};
use crate::s3::BucketRef;
use crate::{Cloud, Error, ErrorKind};

/// What a table is filled from: every object under a prefix, each gzip over a line `{"Item":{…}}` for every item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportSource {
    /// The bucket.
    pub bucket: BucketRef,
    /// The prefix, with its trailing slash: `a/b` would take `a/bc` too.
    pub prefix: String,
}

impl Cloud {
    /// Creates a table and begins to fill it; [`Cloud::describe_import`] tells how far it is.
    ///
    /// Until the import has ended the table is CREATING. Items of one key overwrite each other in silence.
    /// `client_token` makes the call idempotent for eight hours after the import has ended: the same request again
    /// answers the same import. Fails with [`AlreadyExists`](ErrorKind::AlreadyExists) where a table of that name is, and
    /// with [`Precondition`](ErrorKind::Precondition) where the token was used for another request.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ImportTable.html>
    pub async fn import_table(
        &self,
        table: &TableRef,
        definition: &TableDefinition,
        source: &ImportSource,
        client_token: &str,
    ) -> Result<Import, Error> {
        const OPERATION: &str = "ImportTable";
        let invalid = |error: BuildError| {
            Error::new(
                OPERATION,
                table.to_string(),
                ErrorKind::Invalid,
                error.to_string(),
            )
        };
        let objects = S3BucketSource::builder()
            .s3_bucket(&source.bucket.name)
            .s3_key_prefix(&source.prefix)
            .build()
            .map_err(invalid)?;
        let answer = self
            .clients(&table.region, table.account.as_ref())
            .dynamodb
            .import_table()
            .client_token(client_token)
            .s3_bucket_source(objects)
            .input_format(InputFormat::DynamodbJson)
            .input_compression_type(InputCompressionType::Gzip)
            .table_creation_parameters(parameters(table, definition).map_err(invalid)?)
            .send()
            .await
            .map_err(|error| Error::from_sdk(OPERATION, table.to_string(), &error))?;
        Import::of(OPERATION, table, answer.import_table_description)
    }
}

fn parameters(table: &TableRef, definition: &TableDefinition) -> Result<TableCreationParameters, BuildError> {
    let (schema, attributes) = definition.key()?;
    let (mode, throughput) = definition.billing()?;
    TableCreationParameters::builder()
        .table_name(table.name.as_str())
        .set_key_schema(Some(schema))
        .set_attribute_definitions(Some(attributes))
        .billing_mode(mode)
        .set_provisioned_throughput(throughput)
        .build()
}
