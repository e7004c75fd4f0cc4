//! SDK clients for the embedded cloud.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeDefinition, KeySchemaElement, KeyType, ScalarAttributeType};
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, VersioningConfiguration,
};
use local_aws::{Account, LocalAws, Options};

pub const HOME: &str = "us-east-1";
pub const WEST: &str = "us-west-2";
pub const IRELAND: &str = "eu-west-1";

/// A cloud in memory that replicates at once.
pub async fn cloud() -> LocalAws {
    let options = Options {
        replication_delay: std::time::Duration::from_millis(50),
        ..Options::default()
    };
    LocalAws::start(options).await.unwrap()
}

pub fn config(aws: &LocalAws, account: &Account, region: &str) -> SdkConfig {
    let credentials = Credentials::new(
        &account.access_key_id, &account.secret_access_key, None, None, "local-aws",
    );
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(aws.endpoint())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(aws_sdk_s3::config::SharedAsyncSleep::new(TokioSleep))
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .build()
}

#[derive(Debug)]
struct TokioSleep;

impl aws_sdk_s3::config::AsyncSleep for TokioSleep {
    fn sleep(&self, duration: std::time::Duration) -> aws_sdk_s3::config::Sleep {
        aws_sdk_s3::config::Sleep::new(tokio::time::sleep(duration))
    }
}

pub fn s3(aws: &LocalAws, region: &str) -> aws_sdk_s3::Client {
    s3_of(aws, &aws.accounts()[0], region)
}

pub fn s3_of(aws: &LocalAws, account: &Account, region: &str) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(&config(aws, account, region)).force_path_style(true);
    aws_sdk_s3::Client::from_conf(config.build())
}

pub fn dynamodb(aws: &LocalAws, region: &str) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(&config(aws, &aws.accounts()[0], region))
}

/// A partition key, the number `id`: its attribute and its place in the schema.
pub fn key_by_id() -> (AttributeDefinition, KeySchemaElement) {
    let attribute = AttributeDefinition::builder()
        .attribute_name("id")
        .attribute_type(ScalarAttributeType::N);
    let key = KeySchemaElement::builder()
        .attribute_name("id")
        .key_type(KeyType::Hash);
    (attribute.build().unwrap(), key.build().unwrap())
}

/// A request for a table with that key.
pub fn table_by_id(client: &aws_sdk_dynamodb::Client, name: &str) -> CreateTableFluentBuilder {
    let (attribute, key) = key_by_id();
    client
        .create_table()
        .table_name(name)
        .attribute_definitions(attribute)
        .key_schema(key)
}

/// A bucket, versioned, in a Region.
pub async fn bucket(aws: &LocalAws, region: &str, name: &str) -> aws_sdk_s3::Client {
    bucket_of(s3(aws, region), region, name).await
}

/// The same of any account, with its client.
pub async fn bucket_of(client: aws_sdk_s3::Client, region: &str, name: &str) -> aws_sdk_s3::Client {
    let mut create = client.create_bucket().bucket(name);
    if region != HOME {
        let constraint = BucketLocationConstraint::from(region);
        create = create.create_bucket_configuration(
            CreateBucketConfiguration::builder()
                .location_constraint(constraint)
                .build(),
        );
    }
    create.send().await.unwrap();
    client
        .put_bucket_versioning()
        .bucket(name)
        .versioning_configuration(
            VersioningConfiguration::builder()
                .status(BucketVersioningStatus::Enabled)
                .build(),
        )
        .send()
        .await
        .unwrap();
    client
}

/// The error code that a call was refused with.
pub fn code<T: std::fmt::Debug, E>(result: Result<T, aws_sdk_s3::error::SdkError<E>>) -> String
where
    E: aws_sdk_s3::error::ProvideErrorMetadata + std::error::Error + 'static,
{
    let error = result.unwrap_err();
    match error.as_service_error().and_then(|error| error.code()) {
        Some(code) => code.to_owned(),
        None => panic!(
            "no error code: {}",
            aws_sdk_s3::error::DisplayErrorContext(&error)
        ),
    }
}
