//! GetBucketVersioning.

use aws_sdk_s3::types::BucketVersioningStatus;

use super::BucketRef;
use crate::{Cloud, Error};

impl Cloud {
    /// Whether the bucket keeps old versions; replication needs it.
    pub async fn is_bucket_versioned(&self, bucket: &BucketRef) -> Result<bool, Error> {
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .get_bucket_versioning()
            .bucket(&bucket.name)
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetBucketVersioning", bucket.to_string(), &error))?;
        Ok(answer.status() == Some(&BucketVersioningStatus::Enabled))
    }
}
