//! The only door to the cloud: every call of an AWS service is a file here, in our words.
//!
//! SDK types do not cross this border. Demo, tests and production make the same calls; where they go is decided by
//! the SDK's ordinary settings (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_S3`, profiles, roles).

pub mod backup;
mod cloud;
mod contact;
pub mod dynamodb;
mod error;
pub mod iam;
pub mod kms;
pub mod rds;
pub mod s3;
pub mod sqs;
pub mod sts;
mod time;

pub use cloud::{Cloud, CloudConfig, StaticCredentials, sdk_versions};
pub use error::{Error, ErrorKind};
