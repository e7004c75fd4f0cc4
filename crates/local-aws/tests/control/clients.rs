//! SDK clients for the embedded cloud, and what most tests begin with.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_rds::error::{ProvideErrorMetadata, SdkError};
use jiff::SignedDuration;
use local_aws::database::{BuiltIn, Database};
use local_aws::rds::Instance;
use local_aws::{Clock, LocalAws, Options};

pub const HOME: &str = "us-east-1";
pub const WEST: &str = "us-west-2";
pub const ROLE: &str = "arn:aws:iam::111122223333:role/exports";
pub const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub const START: &str = "2026-11-19T08:00:00Z";

pub fn config(aws: &LocalAws, region: &str) -> SdkConfig {
    let account = &aws.accounts()[0];
    let credentials = Credentials::new(
        &account.access_key_id, &account.secret_access_key, None, None, "local-aws",
    );
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(aws.endpoint())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .timeout_config(aws_config::timeout::TimeoutConfig::disabled())
        .stalled_stream_protection(aws_sdk_s3::config::StalledStreamProtectionConfig::disabled())
        .build()
}

pub fn rds(aws: &LocalAws) -> aws_sdk_rds::Client {
    aws_sdk_rds::Client::new(&config(aws, HOME))
}

pub fn backup(aws: &LocalAws, region: &str) -> aws_sdk_backup::Client {
    aws_sdk_backup::Client::new(&config(aws, region))
}

pub fn sqs(aws: &LocalAws) -> aws_sdk_sqs::Client {
    aws_sdk_sqs::Client::new(&config(aws, HOME))
}

/// A cloud whose clock stands still, with both built-in instances, a vault and a bucket in the home Region.
pub async fn cloud() -> LocalAws {
    let clock = Clock::held_at(START.parse().unwrap());
    let aws = LocalAws::start(Options {
        clock,
        ..Options::default()
    })
    .await
    .unwrap();
    furnish(&aws).await;
    aws
}

pub async fn furnish(aws: &LocalAws) {
    let account = account(aws);
    for (id, database) in [("tvshows", BuiltIn::TvShows), ("securecart", BuiltIn::SecureCart)] {
        aws.control()
            .add_instance(&account, HOME, instance(id, Database::BuiltIn(database)))
            .await
            .unwrap();
    }
    aws.control()
        .backup()
        .ensure_vault(&account, HOME, "hourly")
        .unwrap();
    aws.s3()
        .create_bucket(&account, HOME, "exports-home")
        .await
        .unwrap();
}

pub fn instance(id: &str, database: Database) -> Instance {
    Instance {
        id: id.to_owned(),
        engine: "mysql".to_owned(),
        engine_version: "8.4.3".to_owned(),
        class: "db.r6g.large".to_owned(),
        database,
    }
}

pub fn account(aws: &LocalAws) -> String {
    aws.accounts()[0].id.clone()
}

/// Lets time pass on the held clock and does what is then due.
pub async fn pass(aws: &LocalAws, time: Duration) {
    aws.clock().advance(SignedDuration::try_from(time).unwrap());
    aws.control().run_due().await.unwrap();
}

/// Backs up an instance now. The recovery point's ARN, which is the snapshot's.
pub async fn back_up(aws: &LocalAws, instance: &str) -> String {
    let started = backup(aws, HOME)
        .start_backup_job()
        .backup_vault_name("hourly")
        .resource_arn(format!("arn:aws:rds:{HOME}:{}:db:{instance}", account(aws)))
        .iam_role_arn(ROLE)
        .send()
        .await
        .unwrap();
    aws.control().run_due().await.unwrap();
    started.recovery_point_arn().unwrap().to_owned()
}

/// The error code that a call was refused with.
pub fn code<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(
    result: Result<T, SdkError<E, R>>,
) -> String {
    match result {
        Err(SdkError::ServiceError(error)) => error.err().code().unwrap_or_default().to_owned(),
        other => panic!("not refused: {other:?}"),
    }
}
