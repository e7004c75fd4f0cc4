//! Where buckets lie, and what is answered where there is none.

use std::pin::pin;

use aws::ErrorKind;
use aws::s3::{CopySource, Onto};
use futures::StreamExt as _;
use recovery::archive::Tier;

use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        a_bucket_lies_where_it_was_created,
        a_bucket_asked_for_in_another_region_is_told_to_lie_elsewhere,
        an_absent_bucket_is_not_found,
        an_absent_bucket_has_no_settings,
        a_bucket_of_ones_own_is_not_created_twice,
    ]
}

async fn a_bucket_lies_where_it_was_created(at: &Place) {
    for region in [&at.home, &at.away] {
        let bucket = at.bucket(region, region.as_str()).await;
        assert_eq!(at.cloud.bucket_region(&bucket).await.unwrap(), *region);
    }
}

async fn a_bucket_asked_for_in_another_region_is_told_to_lie_elsewhere(at: &Place) {
    let mut bucket = at.bucket(&at.away, "away").await;
    bucket.region = at.home.clone();
    let error = at.cloud.bucket_region(&bucket).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::WrongRegion, "{error}");
    let error = at.cloud.list_objects_up_to(&bucket, "", 1).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::WrongRegion, "{error}");
}

async fn an_absent_bucket_is_not_found(at: &Place) {
    let (cloud, none) = (&at.cloud, at.no_bucket(&at.away, "none"));
    let there = at.bucket(&at.away, "there").await;
    let source = CopySource {
        bucket: none.clone(),
        key: "k".into(),
        version_id: None,
        etag: None,
    };
    let folders = async || {
        pin!(cloud.list_folders(&none, ""))
            .next()
            .await
            .unwrap()
            .map(drop)
    };
    let answers = [
        ("HeadBucket", cloud.bucket_region(&none).await.map(drop)),
        (
            "ListObjectsV2",
            cloud.list_objects_up_to(&none, "", 1).await.map(drop),
        ),
        ("ListObjectsV2, folded", folders().await),
        ("GetObject", cloud.get_object(&none, "k", 1).await.map(drop)),
        (
            "GetObject, ranged",
            cloud.get_range(&none, "k", None, 0..1).await.map(drop),
        ),
        ("HeadObject", cloud.head_object(&none, "k").await.map(drop)),
        (
            "GetObjectAttributes",
            cloud.object_fact(&none, "k", "k").await.map(drop),
        ),
        ("GetObjectTagging", cloud.object_tags(&none, "k").await.map(drop)),
        ("PutObject", cloud.put_object(&none, "k", "x".into(), None).await),
        ("DeleteObject", cloud.delete_object(&none, "k").await),
        (
            "RestoreObject",
            cloud.thaw_object(&none, "k", Tier::Bulk, 1).await.map(drop),
        ),
        (
            "CreateMultipartUpload",
            cloud.create_multipart_upload(&none, "k", None).await.map(drop),
        ),
        (
            "CopyObject out of it",
            cloud
                .copy_object(&source, &there, "k", &Onto::Nothing)
                .await
                .map(drop),
        ),
    ];
    for (call, answer) in answers {
        let error = answer.expect_err(call);
        assert_eq!(error.kind, ErrorKind::NotFound, "{call}: {error}");
    }
}

async fn an_absent_bucket_has_no_settings(at: &Place) {
    let (cloud, none) = (&at.cloud, at.no_bucket(&at.away, "none"));
    let answers = [
        (
            "GetBucketVersioning",
            cloud.is_bucket_versioned(&none).await.map(drop),
        ),
        (
            "GetBucketReplication",
            cloud.bucket_replication(&none).await.map(drop),
        ),
        (
            "GetBucketLifecycleConfiguration",
            cloud.lifecycle_rules(&none).await.map(drop),
        ),
        (
            "GetBucketEncryption",
            cloud.bucket_encryption(&none).await.map(drop),
        ),
        (
            "GetObjectLockConfiguration",
            cloud.object_lock(&none).await.map(drop),
        ),
        (
            "GetPublicAccessBlock",
            cloud.public_access_left_open(&none).await.map(drop),
        ),
    ];
    for (call, answer) in answers {
        let error = answer.expect_err(call);
        assert_eq!(error.kind, ErrorKind::NotFound, "{call}: {error}");
    }
}

async fn a_bucket_of_ones_own_is_not_created_twice(at: &Place) {
    // In us-east-1 S3 answers that all is well, for old times' sake.
    let bucket = at.bucket(&at.away, "mine").await;
    let error = at.cloud.create_bucket(&bucket).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AlreadyExists, "{error}");
}
