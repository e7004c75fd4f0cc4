//! Whether S3 may write a replica where a rule wants it.
//!
//! In one account the replication role's own policies decide, which are not emulated; a bucket policy may still deny. Into
//! another account's bucket that bucket's policy has to allow each action, as it has on AWS. What is written belongs to the
//! destination's owner: every bucket here has the object ownership of new ones, `BucketOwnerEnforced`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html>

use rusqlite::Transaction;
use s3s::dto::{Destination, ReplicationConfiguration};

use super::S3Failure;
use super::buckets::{Bucket, Setting};
use super::policy::{Decision, Policy, Requester};
use super::replication::bucket_of_arn;
use super::versions::Version;

/// Checks a rule's destination as PutBucketReplication does.
pub(super) fn validate(destination: &Destination, bucket: &Bucket) -> Result<(), S3Failure> {
    if let Some(account) = &destination.account
        && *account != bucket.account
    {
        return Err(S3Failure::InvalidArgument(
            "The AWS account specified in the <Account> element must match the destination bucket owner."
                .to_owned(),
        ));
    }
    if destination.access_control_translation.is_some() && destination.account.is_none() {
        return Err(S3Failure::InvalidRequest(
            "If the <Owner> in <AccessControlTranslation> has a value, the <Account> element must be specified."
                .to_owned(),
        ));
    }
    Ok(())
}

/// AWS's code of why `source` may not be written at `destination`, if it may not.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html>
pub(super) fn refusal(
    transaction: &Transaction<'_>,
    source: &Version,
    destination: &Bucket,
) -> Result<Option<&'static str>, S3Failure> {
    let origin = Bucket::existing(transaction, &source.bucket)?;
    let crosses = origin.account != destination.account;
    let configuration = origin.setting(transaction, Setting::Replication)?;
    let Some(configuration) = configuration else {
        return Ok(crosses.then_some("SrcBucketReplicationConfigMissing"));
    };
    let configuration: ReplicationConfiguration = serde_json::from_str(&configuration)?;
    let changes_owner = configuration.rules.iter().any(|rule| {
        bucket_of_arn(&rule.destination.bucket) == destination.name
            && rule.destination.access_control_translation.is_some()
    });
    let policy = destination.setting(transaction, Setting::Policy)?;
    let policy = policy.as_deref().map(Policy::parse).transpose()?;
    let role = Requester {
        account: &origin.account,
        arn: Some(&configuration.role),
    };
    let resource = format!("arn:aws:s3:::{}/{}", destination.name, source.key);
    let mut wanted = if source.delete_marker {
        vec![("ReplicateDelete", "DstDelObjNotPermitted")]
    } else {
        vec![("ReplicateObject", "DstPutObjectNotPermitted")]
    };
    if changes_owner && !source.delete_marker {
        wanted.push(("ObjectOwnerOverrideToBucketOwner", "DstPutObjectNotPermitted"));
    }
    if source.attributes.tagging.is_some() {
        wanted.push(("ReplicateTags", "DstPutTaggingNotPermitted"));
    }
    let refused = wanted.into_iter().find(|(action, _)| {
        let decision = policy.as_ref().map_or(Decision::Silent, |policy| {
            policy.decide(role, &format!("s3:{action}"), &resource)
        });
        match decision {
            Decision::Allow => false,
            Decision::Deny => true,
            Decision::Silent => crosses,
        }
    });
    Ok(refused.map(|(_, code)| code))
}
