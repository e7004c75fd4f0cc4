//! GetBucketEncryption.

use aws_sdk_s3::types::ServerSideEncryption;

use super::BucketRef;
use crate::{Cloud, Error};

/// How a bucket encrypts what nobody says anything about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BucketEncryption {
    /// By S3's own keys (SSE-S3), as every bucket does.
    S3,
    /// By a KMS key: its id, ARN or alias, or AWS's own `aws/s3` where none is named.
    Kms(Option<String>),
}

impl Cloud {
    /// The bucket's default encryption.
    pub async fn bucket_encryption(&self, bucket: &BucketRef) -> Result<BucketEncryption, Error> {
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .get_bucket_encryption()
            .bucket(&bucket.name)
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetBucketEncryption", bucket.to_string(), &error))?;
        let rules = answer
            .server_side_encryption_configuration
            .map(|configuration| configuration.rules)
            .unwrap_or_default();
        let default = rules
            .into_iter()
            .find_map(|rule| rule.apply_server_side_encryption_by_default);
        Ok(match default {
            Some(default) if default.sse_algorithm != ServerSideEncryption::Aes256 => {
                BucketEncryption::Kms(default.kms_master_key_id)
            }
            _ => BucketEncryption::S3,
        })
    }
}
