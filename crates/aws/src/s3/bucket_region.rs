//! HeadBucket: whether a bucket can be reached, and in which Region it lies.

use recovery::ids::Region;

use super::BucketRef;
use crate::{Cloud, Error, ErrorKind};

impl Cloud {
    /// The Region that the bucket says it lies in, asked at the Region of `bucket`.
    ///
    /// S3 answers a wrong Region with a redirect, which is [`ErrorKind::WrongRegion`] here; an emulator that tells no
    /// Region is taken to lie where it was asked.
    pub async fn bucket_region(&self, bucket: &BucketRef) -> Result<Region, Error> {
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .head_bucket()
            .bucket(&bucket.name)
            .send()
            .await
            .map_err(|error| Error::from_sdk("HeadBucket", bucket.to_string(), &error))?;
        match answer.bucket_region().filter(|region| !region.is_empty()) {
            None => Ok(bucket.region.clone()),
            Some(region) => region.parse().map_err(|error: recovery::ids::InvalidId| {
                Error::new(
                    "HeadBucket",
                    bucket.to_string(),
                    ErrorKind::Other,
                    error.to_string(),
                )
            }),
        }
    }
}
