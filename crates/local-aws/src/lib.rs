//! An embedded AWS: S3, DynamoDB, Backup, RDS exports, IAM, KMS, SQS and STS in several Regions and accounts, over the
//! real wire protocols, on one loopback port.
//!
//! A request's service and Region come from its SigV4 credential scope, so `AWS_ENDPOINT_URL` is all that the
//! AWS CLI, boto3 or an SDK client needs. Everything is durable under one data folder; without one, everything
//! is in memory or in a temporary folder.
//!
//! ```no_run
//! # async fn example() -> Result<(), local_aws::Error> {
//! let aws = local_aws::LocalAws::start(local_aws::Options::default()).await?;
//! println!("AWS_ENDPOINT_URL={}", aws.endpoint());
//! aws.shutdown().await;
//! # Ok(())
//! # }
//! ```

pub mod backup;
mod caller;
mod clock;
mod cloud;
pub mod control;
pub mod database;
mod dynamodb;
mod error;
pub mod events;
pub mod export;
mod front;
pub mod iam;
mod identity;
mod keyring;
pub mod kms;
mod options;
mod outage;
pub mod rds;
pub mod s3;
pub mod sqs;
pub mod sts;

pub use caller::{Account, Caller, Principal};
pub use clock::Clock;
pub use cloud::{Context, LocalAws};
pub use control::Control;
pub use dynamodb::DynamoDb;
pub use error::Error;
pub use front::Service;
pub use options::Options;
