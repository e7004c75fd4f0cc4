//! GetBucketReplication.

use aws_sdk_s3::types::ReplicationRuleStatus;

use super::BucketRef;
use crate::{Cloud, Error};

impl Cloud {
    /// The names of the buckets that an enabled rule of the bucket leads to; none where it has no configuration.
    pub async fn replicates_to(&self, bucket: &BucketRef) -> Result<Vec<String>, Error> {
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .get_bucket_replication()
            .bucket(&bucket.name)
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                let error = Error::from_sdk("GetBucketReplication", bucket.to_string(), &error);
                return match error.code.as_deref() {
                    Some("ReplicationConfigurationNotFoundError") => Ok(Vec::new()),
                    _ => Err(error),
                };
            }
        };
        let rules = answer
            .replication_configuration
            .map(|configuration| configuration.rules)
            .unwrap_or_default();
        Ok(rules
            .into_iter()
            .filter(|rule| rule.status == ReplicationRuleStatus::Enabled)
            .filter_map(|rule| rule.destination)
            .map(|destination| {
                let arn = destination.bucket;
                arn.rsplit(':').next().unwrap_or(&arn).to_owned()
            })
            .collect())
    }
}
