//! An embedded AWS: S3, DynamoDB, Backup, RDS exports, SQS and STS in several Regions and accounts, over the
//! real wire protocols, on one loopback port.
//!
//! A request's service and Region come from its SigV4 credential scope, so `AWS_ENDPOINT_URL` is all that the
//! AWS CLI, boto3 or an SDK client needs. Everything is durable under one data folder; without one, everything
//! is in memory or in a temporary folder.

mod caller;
mod clock;

pub use caller::{Account, Caller};
pub use clock::Clock;
