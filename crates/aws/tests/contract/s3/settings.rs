//! What buckets are set to: versions, rules, encryption, locks.

use aws::s3::{BucketEncryption, BucketRef, ObjectLock};
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, DefaultRetention, Destination, ExpirationStatus,
    LifecycleExpiration, LifecycleRule, LifecycleRuleAndOperator, LifecycleRuleFilter,
    ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetentionMode, ObjectLockRule,
    PublicAccessBlockConfiguration, ReplicationConfiguration, ReplicationRule, ReplicationRuleFilter,
    ReplicationRuleStatus, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, Transition, TransitionStorageClass,
    VersioningConfiguration,
};

use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        a_new_bucket_has_no_rules,
        a_new_bucket_is_encrypted_by_s3,
        a_new_bucket_is_closed_to_the_public,
        a_bucket_keeps_versions_once_it_is_told_to,
        what_is_open_to_the_public_is_named,
        the_default_key_is_told,
        replication_rules_are_told_as_they_were_set,
        lifecycle_rules_are_told_as_they_were_set,
        a_default_lock_is_told_as_it_was_set,
    ]
}

/// Switches versions on.
pub async fn keep_versions(at: &Place, bucket: &BucketRef) {
    let enabled = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .build();
    at.s3(&bucket.region)
        .await
        .put_bucket_versioning()
        .bucket(&bucket.name)
        .versioning_configuration(enabled)
        .send()
        .await
        .unwrap();
}

async fn a_new_bucket_has_no_rules(at: &Place) {
    let bucket = at.bucket(&at.away, "new").await;
    assert!(!at.cloud.is_bucket_versioned(&bucket).await.unwrap());
    assert_eq!(at.cloud.bucket_replication(&bucket).await.unwrap(), []);
    assert_eq!(at.cloud.lifecycle_rules(&bucket).await.unwrap(), []);
    assert_eq!(at.cloud.object_lock(&bucket).await.unwrap(), None);
}

async fn a_new_bucket_is_encrypted_by_s3(at: &Place) {
    let bucket = at.bucket(&at.away, "new").await;
    assert_eq!(
        at.cloud.bucket_encryption(&bucket).await.unwrap(),
        BucketEncryption::S3
    );
}

async fn a_new_bucket_is_closed_to_the_public(at: &Place) {
    // Since April 2023: https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
    let bucket = at.bucket(&at.away, "new").await;
    let open = at.cloud.public_access_left_open(&bucket).await.unwrap();
    assert!(open.is_empty(), "{open:?}");
}

async fn a_bucket_keeps_versions_once_it_is_told_to(at: &Place) {
    let bucket = at.bucket(&at.away, "versions").await;
    keep_versions(at, &bucket).await;
    assert!(at.cloud.is_bucket_versioned(&bucket).await.unwrap());
    let mut versions = Vec::new();
    for content in ["first", "other"] {
        at.cloud
            .put_object(&bucket, "k", content.into(), None)
            .await
            .unwrap();
        versions.push(
            at.cloud
                .head_object(&bucket, "k")
                .await
                .unwrap()
                .version_id
                .unwrap(),
        );
    }
    assert_ne!(versions[0], versions[1]);
    // A deletion is only the newest version: the key is gone, and no error to delete again.
    at.cloud.delete_object(&bucket, "k").await.unwrap();
    assert!(
        at.cloud
            .head_object(&bucket, "k")
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert_eq!(at.cloud.list_objects_up_to(&bucket, "", 1).await.unwrap(), []);
}

async fn what_is_open_to_the_public_is_named(at: &Place) {
    let bucket = at.bucket(&at.away, "public").await;
    let some = PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .ignore_public_acls(true)
        .block_public_policy(false)
        .restrict_public_buckets(false)
        .build();
    let s3 = at.s3(&at.away).await;
    s3.put_public_access_block()
        .bucket(&bucket.name)
        .public_access_block_configuration(some)
        .send()
        .await
        .unwrap();
    let open = at.cloud.public_access_left_open(&bucket).await.unwrap();
    assert_eq!(open, ["BlockPublicPolicy", "RestrictPublicBuckets"]);
    s3.delete_public_access_block()
        .bucket(&bucket.name)
        .send()
        .await
        .unwrap();
    assert_eq!(at.cloud.public_access_left_open(&bucket).await.unwrap().len(), 4);
}

async fn the_default_key_is_told(at: &Place) {
    let bucket = at.bucket(&at.away, "key").await;
    let key = format!(
        "arn:aws:kms:{}:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        at.away, at.account
    );
    let default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::AwsKms)
        .kms_master_key_id(&key)
        .build()
        .unwrap();
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(default)
        .build();
    at.s3(&at.away)
        .await
        .put_bucket_encryption()
        .bucket(&bucket.name)
        .server_side_encryption_configuration(
            ServerSideEncryptionConfiguration::builder()
                .rules(rule)
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    let found = at.cloud.bucket_encryption(&bucket).await.unwrap();
    assert_eq!(found, BucketEncryption::Kms(Some(key)));
}

async fn replication_rules_are_told_as_they_were_set(at: &Place) {
    let (from, to) = (at.bucket(&at.home, "from").await, at.bucket(&at.away, "to").await);
    keep_versions(at, &from).await;
    keep_versions(at, &to).await;
    let rule = ReplicationRule::builder()
        .id("west")
        .priority(1)
        .status(ReplicationRuleStatus::Enabled)
        .filter(ReplicationRuleFilter::builder().prefix("exports/").build())
        .delete_marker_replication(
            aws_sdk_s3::types::DeleteMarkerReplication::builder()
                .status(aws_sdk_s3::types::DeleteMarkerReplicationStatus::Disabled)
                .build(),
        )
        .destination(
            Destination::builder()
                .bucket(format!("arn:aws:s3:::{}", to.name))
                .build()
                .unwrap(),
        )
        .build()
        .unwrap();
    at.s3(&at.home)
        .await
        .put_bucket_replication()
        .bucket(&from.name)
        .replication_configuration(
            ReplicationConfiguration::builder()
                .role(format!("arn:aws:iam::{}:role/replication", at.account))
                .rules(rule)
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    let found = at.cloud.bucket_replication(&from).await.unwrap();
    let expected = aws::s3::ReplicationRule {
        id: "west".into(),
        enabled: true,
        prefix: "exports/".into(),
        by_tag: false,
        bucket: to.name,
        with_kms_objects: false,
        replica_key: None,
        deletes: false,
    };
    assert_eq!(found, [expected]);
}

async fn lifecycle_rules_are_told_as_they_were_set(at: &Place) {
    let bucket = at.bucket(&at.away, "lifecycle").await;
    let tagged = LifecycleRuleAndOperator::builder()
        .prefix("exports/")
        .tags(Tag::builder().key("end").value("yes").build().unwrap())
        .build();
    let rules = [
        LifecycleRule::builder()
            .id("ended")
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().and(tagged).build())
            .expiration(LifecycleExpiration::builder().days(1).build())
            .build()
            .unwrap(),
        LifecycleRule::builder()
            .id("cold")
            .status(ExpirationStatus::Disabled)
            .filter(LifecycleRuleFilter::builder().prefix("old/").build())
            .transitions(
                Transition::builder()
                    .days(0)
                    .storage_class(TransitionStorageClass::DeepArchive)
                    .build(),
            )
            .build()
            .unwrap(),
    ];
    at.s3(&at.away)
        .await
        .put_bucket_lifecycle_configuration()
        .bucket(&bucket.name)
        .lifecycle_configuration(
            BucketLifecycleConfiguration::builder()
                .set_rules(Some(rules.to_vec()))
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    let found = at.cloud.lifecycle_rules(&bucket).await.unwrap();
    let expected = [
        aws::s3::LifecycleRule {
            id: "ended".into(),
            enabled: true,
            prefix: "exports/".into(),
            tags: vec![("end".into(), "yes".into())],
            transition_to: None,
            expires: true,
            expires_noncurrent: false,
        },
        aws::s3::LifecycleRule {
            id: "cold".into(),
            enabled: false,
            prefix: "old/".into(),
            tags: Vec::new(),
            transition_to: Some("DEEP_ARCHIVE".into()),
            expires: false,
            expires_noncurrent: false,
        },
    ];
    assert_eq!(found, expected);
}

async fn a_default_lock_is_told_as_it_was_set(at: &Place) {
    let (s3, bucket) = (at.s3(&at.home).await, at.no_bucket(&at.home, "locked"));
    s3.create_bucket()
        .bucket(&bucket.name)
        .object_lock_enabled_for_bucket(true)
        .send()
        .await
        .unwrap();
    let able = ObjectLock {
        mode: None,
        days: None,
    };
    assert_eq!(at.cloud.object_lock(&bucket).await.unwrap(), Some(able));
    let retention = DefaultRetention::builder()
        .mode(ObjectLockRetentionMode::Governance)
        .days(35)
        .build();
    s3.put_object_lock_configuration()
        .bucket(&bucket.name)
        .object_lock_configuration(
            ObjectLockConfiguration::builder()
                .object_lock_enabled(ObjectLockEnabled::Enabled)
                .rule(ObjectLockRule::builder().default_retention(retention).build())
                .build(),
        )
        .send()
        .await
        .unwrap();
    let expected = ObjectLock {
        mode: Some("GOVERNANCE".into()),
        days: Some(35),
    };
    assert_eq!(at.cloud.object_lock(&bucket).await.unwrap(), Some(expected));
    // What is written from now on is kept.
    at.cloud.put_object(&bucket, "k", "x".into(), None).await.unwrap();
    assert!(
        at.cloud
            .head_object(&bucket, "k")
            .await
            .unwrap()
            .retained_until
            .is_some()
    );
}
