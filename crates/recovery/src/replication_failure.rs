//! Why S3 could not replicate an object, in AWS's codes and in words, with what to do.
//!
//! An object tells only that its replication FAILED. AWS gives the code with the event
//! `s3:Replication:OperationFailedReplication`; some causes also show in the buckets' settings.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html>

use serde::{Deserialize, Serialize};

/// A failure code, what it means and what mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ReplicationFailure {
    /// AWS's code.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do.
    pub fix: &'static str,
}

/// What the buckets' settings show of a pair of buckets, as far as they could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// Whether the destination bucket exists; `None` where that could not be asked.
    pub destination_exists: Option<bool>,
    /// Whether the destination keeps versions.
    pub destination_versioned: Option<bool>,
    /// Whether the origin has an enabled rule that leads to the destination.
    pub has_rule: Option<bool>,
    /// Whether the destination bucket belongs to another account than the origin.
    #[serde(default)]
    pub crosses_accounts: bool,
}

/// Every code that concerns an export's objects, in the order in which they are worth looking at.
pub const FAILURES: [ReplicationFailure; 21] = [
    failure(
        "DstBucketNotFound",
        "S3 cannot find the destination bucket.",
        "Create it, or correct its name in the replication rule.",
    ),
    failure(
        "DstBucketUnversioned",
        "The destination bucket does not keep versions.",
        "Turn versioning on there.",
    ),
    failure(
        "SrcBucketReplicationConfigMissing",
        "The source bucket has no replication configuration any more.",
        "Add the rule again.",
    ),
    failure(
        "AssumeRoleNotPermitted",
        "S3 cannot assume the replication role.",
        "Let s3.amazonaws.com assume the role that the rule names.",
    ),
    failure(
        "DstPutObjectNotPermitted",
        "S3 may not write into the destination bucket.",
        "Allow s3:ReplicateObject on the destination to the replication role.",
    ),
    failure(
        "DstKmsKeyNotFound",
        "The destination's KMS key does not exist.",
        "Name an existing key of the destination's Region in the rule.",
    ),
    failure(
        "DstKmsKeyInvalidState",
        "The destination's KMS key is disabled or is being deleted.",
        "Enable the key, or name another one.",
    ),
    failure(
        "SrcKmsKeyInvalidState",
        "The source object's KMS key is disabled or is being deleted.",
        "Enable the key.",
    ),
    failure(
        "SrcGetObjectNotPermitted",
        "S3 may not read the source object.",
        "Allow s3:GetObjectVersionForReplication, and kms:Decrypt on its key, to the replication role.",
    ),
    failure(
        "SrcHeadObjectNotPermitted",
        "S3 may not read the source object's head.",
        "Allow s3:GetObjectVersionForReplication to the replication role.",
    ),
    failure(
        "SrcGetTaggingNotPermitted",
        "S3 may not read the source object's tags.",
        "Allow s3:GetObjectVersionTagging to the replication role.",
    ),
    failure(
        "DstPutTaggingNotPermitted",
        "S3 may not write tags at the destination.",
        "Allow s3:ReplicateTags to the replication role.",
    ),
    failure(
        "DstBucketObjectLockConfigMissing",
        "The source object is locked, and the destination bucket has no object lock.",
        "Turn object lock on at the destination.",
    ),
    failure(
        "DstMultipartInitNotPermitted",
        "S3 may not begin a multipart upload at the destination.",
        "Allow s3:ReplicateObject on the destination to the replication role.",
    ),
    failure(
        "DstMultipartUploadNotPermitted",
        "S3 may not upload parts at the destination.",
        "Allow s3:ReplicateObject, and kms:GenerateDataKey and kms:Decrypt on the key, to the replication role.",
    ),
    failure(
        "DstMultipartCompleteNotPermitted",
        "S3 may not complete a multipart upload at the destination.",
        "Allow s3:ReplicateObject on the destination to the replication role.",
    ),
    failure(
        "DstPutRetentionNotPermitted",
        "S3 may not set a retention period at the destination.",
        "Allow s3:PutObjectRetention on the destination to the replication role.",
    ),
    failure(
        "DstPutLegalHoldNotPermitted",
        "S3 may not set a legal hold at the destination.",
        "Allow s3:PutObjectLegalHold on the destination to the replication role.",
    ),
    failure(
        "SrcKeyNotFound",
        "The source object was deleted before it was replicated.",
        "Check the export; repair it from a verified copy.",
    ),
    failure(
        "SrcObjectNotFound",
        "The source object was gone before it was replicated.",
        "Check the export; repair it from a verified copy.",
    ),
    failure(
        "SrcObjectNotEligible",
        "The source object lies in a class that is not replicated, or is encrypted in a way that the rule leaves out.",
        "Let the rule select objects encrypted with KMS keys; keep exports out of Glacier until they are replicated.",
    ),
];

const fn failure(code: &'static str, meaning: &'static str, fix: &'static str) -> ReplicationFailure {
    ReplicationFailure { code, meaning, fix }
}

/// The failure of that code.
pub fn by_code(code: &str) -> Option<&'static ReplicationFailure> {
    FAILURES.iter().find(|failure| failure.code == code)
}

/// What `count` objects whose replication FAILED come from, as far as the settings show it, and what to do.
pub fn explain(count: usize, observed: &Observed) -> String {
    let cause = match observed {
        Observed {
            destination_exists: Some(false),
            ..
        } => by_code("DstBucketNotFound"),
        Observed {
            destination_versioned: Some(false),
            ..
        } => by_code("DstBucketUnversioned"),
        Observed {
            has_rule: Some(false),
            ..
        } => by_code("SrcBucketReplicationConfigMissing"),
        _ => None,
    };
    let said = match cause {
        Some(failure) => format!("{}: {} {}", failure.code, failure.meaning, failure.fix),
        None if observed.crosses_accounts => {
            "the buckets' settings show no cause; as they belong to two accounts, the destination's bucket policy must allow \
             the replication role s3:ReplicateObject, s3:ReplicateTags and s3:ObjectOwnerOverrideToBucketOwner, and the \
             destination key's policy kms:Encrypt; AWS gives the code with the event \
             s3:Replication:OperationFailedReplication"
                .to_owned()
        }
        None => "the buckets' settings show no cause; AWS gives the code with the event \
                 s3:Replication:OperationFailedReplication, most often a permission of the replication role or of a \
                 KMS key"
            .to_owned(),
    };
    format!("S3's replication FAILED for {count} of them ({said})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_told_where_the_settings_show_it() {
        let observed = Observed {
            destination_exists: Some(true),
            destination_versioned: Some(false),
            has_rule: Some(true),
            crosses_accounts: true,
        };
        let text = explain(3, &observed);
        assert!(
            text.contains("DstBucketUnversioned") && text.contains("Turn versioning on"),
            "{text}"
        );
        let unseen = explain(1, &Observed::default());
        assert!(unseen.contains("OperationFailedReplication"), "{unseen}");
        let foreign = explain(
            1,
            &Observed {
                crosses_accounts: true,
                ..Observed::default()
            },
        );
        assert!(
            foreign.contains("s3:ObjectOwnerOverrideToBucketOwner"),
            "{foreign}"
        );
    }

    #[test]
    fn every_code_stands_once() {
        let codes: std::collections::BTreeSet<&str> = FAILURES.iter().map(|failure| failure.code).collect();
        assert_eq!(codes.len(), FAILURES.len());
    }
}
