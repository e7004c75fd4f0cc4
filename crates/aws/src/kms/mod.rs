//! KMS: what a key is like. Nothing here encrypts: S3 and RDS do, in our name.

mod describe_key;

pub use describe_key::KeyDescription;
