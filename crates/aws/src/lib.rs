//! The only crate that names aws-sdk-*: one file per operation, our types in and out
