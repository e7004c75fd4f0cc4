//! GetBucketReplication.

use aws_sdk_s3::types::{
    DeleteMarkerReplicationStatus, ReplicationRule as SdkRule, ReplicationRuleStatus,
    SseKmsEncryptedObjectsStatus,
};

use super::BucketRef;
use crate::{Cloud, Error};

/// A rule by which a bucket's objects are replicated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicationRule {
    /// Its name.
    pub id: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Only keys that begin so; empty for all.
    pub prefix: String,
    /// Whether only objects with certain tags are meant.
    pub by_tag: bool,
    /// The destination bucket's name.
    pub bucket: String,
    /// Whether objects under a KMS key are replicated; without it S3 leaves them out and says nothing.
    pub with_kms_objects: bool,
    /// The key that replicas are encrypted with.
    pub replica_key: Option<String>,
    /// Whether deletions are replicated, too.
    pub deletes: bool,
}

impl Cloud {
    /// The bucket's replication rules; empty where it has none.
    pub async fn bucket_replication(&self, bucket: &BucketRef) -> Result<Vec<ReplicationRule>, Error> {
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .get_bucket_replication()
            .bucket(&bucket.name)
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetBucketReplication", bucket.to_string(), &error));
        match answer {
            Ok(answer) => Ok(answer
                .replication_configuration
                .map(|configuration| configuration.rules)
                .unwrap_or_default()
                .into_iter()
                .map(rule)
                .collect()),
            Err(error) if error.code.as_deref() == Some("ReplicationConfigurationNotFoundError") => {
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }
}

fn rule(rule: SdkRule) -> ReplicationRule {
    #[expect(deprecated, reason = "rules of the first version have their prefix there")]
    let own_prefix = rule.prefix;
    let (prefix, by_tag) = match rule.filter {
        None => (None, false),
        Some(filter) => match filter.and {
            Some(and) => (and.prefix, and.tags.is_some_and(|tags| !tags.is_empty())),
            None => (filter.prefix, filter.tag.is_some()),
        },
    };
    let kms = rule
        .source_selection_criteria
        .and_then(|criteria| criteria.sse_kms_encrypted_objects)
        .is_some_and(|objects| objects.status == SseKmsEncryptedObjectsStatus::Enabled);
    let destination = rule.destination;
    let bucket = destination
        .as_ref()
        .map(|destination| destination.bucket.as_str())
        .unwrap_or_default();
    ReplicationRule {
        id: rule.id.unwrap_or_default(),
        enabled: rule.status == ReplicationRuleStatus::Enabled,
        prefix: prefix.or(own_prefix).unwrap_or_default(),
        by_tag,
        bucket: bucket.rsplit(':').next().unwrap_or_default().to_owned(),
        with_kms_objects: kms,
        replica_key: destination
            .and_then(|destination| destination.encryption_configuration)
            .and_then(|encryption| encryption.replica_kms_key_id),
        deletes: rule
            .delete_marker_replication
            .and_then(|markers| markers.status)
            .is_some_and(|status| status == DeleteMarkerReplicationStatus::Enabled),
    }
}
