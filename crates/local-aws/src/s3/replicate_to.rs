//! Replication rules for whoever embeds the cloud: as PutBucketReplication would set them.

use s3s::dto::{
    DeleteMarkerReplication, DeleteMarkerReplicationStatus, Destination, ReplicationConfiguration,
    ReplicationRule, ReplicationRuleFilter, ReplicationRuleStatus,
};

use super::buckets::{Asker, Bucket, Setting};
use super::{S3Failure, S3Store, replication};

impl S3Store {
    /// Replicates every new object of a bucket to each of `destinations`, which are buckets with versioning. The
    /// bucket's earlier rules are replaced.
    pub async fn replicate_to(
        &self,
        account: &str,
        region: &str,
        bucket: &str,
        destinations: &[String],
    ) -> Result<(), S3Failure> {
        let rules = (1_i32..)
            .zip(destinations)
            .map(|(priority, destination)| ReplicationRule {
                id: Some(format!("to-{destination}")),
                priority: Some(priority),
                status: ReplicationRuleStatus::from_static(ReplicationRuleStatus::ENABLED),
                filter: Some(ReplicationRuleFilter::default()),
                delete_marker_replication: Some(DeleteMarkerReplication {
                    status: Some(DeleteMarkerReplicationStatus::from_static(
                        DeleteMarkerReplicationStatus::DISABLED,
                    )),
                }),
                destination: Destination {
                    bucket: format!("arn:aws:s3:::{destination}"),
                    ..Destination::default()
                },
                existing_object_replication: None,
                prefix: None,
                source_selection_criteria: None,
            })
            .collect();
        let configuration = ReplicationConfiguration {
            role: format!("arn:aws:iam::{account}:role/s3-replication"),
            rules,
        };
        let asker = Asker {
            account: account.to_owned(),
            region: region.to_owned(),
        };
        let bucket = bucket.to_owned();
        self.inner
            .database
            .change(move |transaction| {
                let bucket = Bucket::open(transaction, &asker, &bucket, "PutReplicationConfiguration", None)?;
                replication::validate(transaction, &bucket, &configuration)?;
                let json = serde_json::to_string(&configuration)?;
                bucket.set(transaction, Setting::Replication, Some(&json))
            })
            .await
    }
}
