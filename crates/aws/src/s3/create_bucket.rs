//! CreateBucket.

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};

use super::BucketRef;
use crate::{Cloud, Error};

impl Cloud {
    /// Creates a bucket in its Region.
    pub async fn create_bucket(&self, bucket: &BucketRef) -> Result<(), Error> {
        // us-east-1 is the one Region that may not be named here.
        let configuration = (bucket.region.as_str() != "us-east-1").then(|| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(bucket.region.as_str()))
                .build()
        });
        self.clients(&bucket.region, bucket.account.as_ref())
            .s3
            .create_bucket()
            .bucket(&bucket.name)
            .set_create_bucket_configuration(configuration)
            .send()
            .await
            .map_err(|error| Error::from_sdk("CreateBucket", bucket.to_string(), &error))?;
        Ok(())
    }
}
