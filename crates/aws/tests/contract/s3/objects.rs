//! Objects: written, read whole and by ranges, described, tagged, deleted.

use std::collections::BTreeMap;

use aws::ErrorKind;
use aws::s3::Thawing;
use aws_sdk_s3::types::{ObjectLockLegalHold, ObjectLockLegalHoldStatus, StorageClass};
use recovery::archive::Tier;

use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        an_object_is_read_as_it_was_written,
        an_absent_object_is_not_found,
        a_range_is_answered_whole_and_alone,
        a_range_behind_the_end_is_refused,
        a_writing_is_pinned_by_its_etag,
        a_stream_goes_on_where_it_broke_off,
        an_object_larger_than_asked_for_is_not_read,
        a_new_object_is_written_only_where_none_is,
        equal_content_has_an_equal_checksum_of_the_whole_object,
        a_head_and_the_attributes_tell_the_same,
        an_object_without_rules_has_no_replication_status,
        tags_are_replaced_whole,
        more_than_ten_tags_are_refused,
        deleting_what_is_not_there_is_no_error,
        an_archived_object_is_not_read_and_is_thawed_on_request,
        what_lies_in_no_archive_needs_no_thaw,
        a_legal_hold_is_told_with_the_head,
    ]
}

async fn an_object_is_read_as_it_was_written(at: &Place) {
    let bucket = at.bucket(&at.away, "objects").await;
    let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for (key, content) in [
        ("a", &content[..]),
        ("empty", b""),
        ("Größe/ä +&=%25 'x' 🎬.parquet", b"x"),
    ] {
        at.cloud
            .put_object(
                &bucket,
                key,
                content.to_vec().into(),
                Some("application/octet-stream"),
            )
            .await
            .unwrap();
        assert_eq!(
            &at.cloud.get_object(&bucket, key, 200_000).await.unwrap()[..],
            content,
            "{key}"
        );
        let head = at.cloud.head_object(&bucket, key).await.unwrap();
        assert_eq!(head.size, content.len() as u64, "{key}");
        assert!(
            head.etag.starts_with('"') && head.etag.ends_with('"'),
            "{}",
            head.etag
        );
        assert!(head.last_modified.is_some());
        assert_eq!(
            (head.storage_class, head.version_id, head.legal_hold),
            (None, None, false)
        );
    }
}

async fn an_absent_object_is_not_found(at: &Place) {
    let (cloud, bucket) = (&at.cloud, at.bucket(&at.away, "objects").await);
    let answers = [
        ("GetObject", cloud.get_object(&bucket, "none", 1).await.map(drop)),
        (
            "GetObject, ranged",
            cloud.get_range(&bucket, "none", None, 0..1).await.map(drop),
        ),
        (
            "GetObject, pinned",
            cloud
                .get_range(&bucket, "none", Some("\"e\""), 0..1)
                .await
                .map(drop),
        ),
        ("HeadObject", cloud.head_object(&bucket, "none").await.map(drop)),
        (
            "GetObjectAttributes",
            cloud.object_fact(&bucket, "none", "none").await.map(drop),
        ),
        (
            "GetObjectTagging",
            cloud.object_tags(&bucket, "none").await.map(drop),
        ),
        (
            "PutObjectTagging",
            cloud.put_object_tags(&bucket, "none", &BTreeMap::new()).await,
        ),
        (
            "RestoreObject",
            cloud.thaw_object(&bucket, "none", Tier::Bulk, 1).await.map(drop),
        ),
    ];
    for (call, answer) in answers {
        let error = answer.expect_err(call);
        assert_eq!(error.kind, ErrorKind::NotFound, "{call}: {error}");
    }
}

async fn a_range_is_answered_whole_and_alone(at: &Place) {
    let bucket = at.bucket(&at.away, "ranges").await;
    at.cloud
        .put_object(&bucket, "k", "0123456789".into(), None)
        .await
        .unwrap();
    for (range, expected) in [(0..1, "0"), (3..7, "3456"), (9..10, "9"), (0..10, "0123456789")] {
        let found = at
            .cloud
            .get_range(&bucket, "k", None, range.clone())
            .await
            .unwrap();
        assert_eq!(&found[..], expected.as_bytes(), "{range:?}");
    }
    // A range that the end cuts short is not what was asked for.
    let short = at.cloud.get_range(&bucket, "k", None, 8..12).await.unwrap_err();
    assert_eq!(short.kind, ErrorKind::Precondition, "{short}");
}

async fn a_range_behind_the_end_is_refused(at: &Place) {
    let bucket = at.bucket(&at.away, "ranges").await;
    at.cloud
        .put_object(&bucket, "k", "0123456789".into(), None)
        .await
        .unwrap();
    let behind = at.cloud.get_range(&bucket, "k", None, 10..12).await.unwrap_err();
    assert_eq!(behind.code.as_deref(), Some("InvalidRange"), "{behind}");
    assert_eq!(behind.kind, ErrorKind::Invalid, "{behind}");
}

async fn a_writing_is_pinned_by_its_etag(at: &Place) {
    let bucket = at.bucket(&at.away, "pinned").await;
    at.cloud
        .put_object(&bucket, "k", "first".into(), None)
        .await
        .unwrap();
    let first = at.cloud.head_object(&bucket, "k").await.unwrap().etag;
    assert_eq!(
        &at.cloud
            .get_range(&bucket, "k", Some(&first), 0..2)
            .await
            .unwrap()[..],
        b"fi"
    );
    at.cloud
        .put_object(&bucket, "k", "other".into(), None)
        .await
        .unwrap();
    let changed = at
        .cloud
        .get_range(&bucket, "k", Some(&first), 0..2)
        .await
        .unwrap_err();
    assert_eq!(changed.kind, ErrorKind::Precondition, "{changed}");
}

async fn a_stream_goes_on_where_it_broke_off(at: &Place) {
    let bucket = at.bucket(&at.away, "streams").await;
    at.cloud
        .put_object(&bucket, "k", "0123456789".into(), None)
        .await
        .unwrap();
    let etag = at.cloud.head_object(&bucket, "k").await.unwrap().etag;
    let mut rest = Vec::new();
    let mut stream = at
        .cloud
        .get_object_stream_from(&bucket, "k", Some(&etag), 4)
        .await
        .unwrap();
    assert_eq!(stream.size, Some(6));
    while let Some(piece) = stream.next().await {
        rest.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(rest, b"456789");
    at.cloud
        .put_object(&bucket, "k", "other".into(), None)
        .await
        .unwrap();
    let changed = at
        .cloud
        .get_object_stream_from(&bucket, "k", Some(&etag), 4)
        .await
        .unwrap_err();
    assert_eq!(changed.kind, ErrorKind::Precondition, "{changed}");
}

async fn an_object_larger_than_asked_for_is_not_read(at: &Place) {
    let bucket = at.bucket(&at.away, "large").await;
    at.cloud
        .put_object(&bucket, "k", "0123456789".into(), None)
        .await
        .unwrap();
    let large = at.cloud.get_object(&bucket, "k", 9).await.unwrap_err();
    assert_eq!(large.kind, ErrorKind::Limit, "{large}");
}

async fn a_new_object_is_written_only_where_none_is(at: &Place) {
    let bucket = at.bucket(&at.away, "new").await;
    at.cloud
        .put_new_object(&bucket, "k", "first".into(), None)
        .await
        .unwrap();
    let there = at
        .cloud
        .put_new_object(&bucket, "k", "other".into(), None)
        .await
        .unwrap_err();
    assert_eq!(there.kind, ErrorKind::Precondition, "{there}");
    assert_eq!(
        &at.cloud.get_object(&bucket, "k", 10).await.unwrap()[..],
        b"first"
    );
}

async fn equal_content_has_an_equal_checksum_of_the_whole_object(at: &Place) {
    let buckets = [
        at.bucket(&at.home, "home").await,
        at.bucket(&at.away, "away").await,
    ];
    let mut facts = Vec::new();
    for (bucket, content) in [
        (&buckets[0], "content"),
        (&buckets[1], "content"),
        (&buckets[1], "CONTENT"),
    ] {
        at.cloud
            .put_object(bucket, "k", content.into(), None)
            .await
            .unwrap();
        let fact = at.cloud.object_fact(bucket, "k", "k").await.unwrap();
        assert_eq!(fact.size, 7);
        let whole: Vec<_> = fact
            .checksums
            .into_iter()
            .filter(|checksum| checksum.full_object)
            .collect();
        assert!(!whole.is_empty(), "{content}");
        facts.push(whole);
    }
    assert_eq!(facts[0], facts[1]);
    assert_ne!(facts[1], facts[2]);
}

async fn a_head_and_the_attributes_tell_the_same(at: &Place) {
    let bucket = at.bucket(&at.away, "facts").await;
    at.cloud
        .put_object(&bucket, "k", "content".into(), None)
        .await
        .unwrap();
    let attributes = at.cloud.object_fact(&bucket, "k", "k").await.unwrap();
    let head = at.cloud.head_object(&bucket, "k").await.unwrap();
    assert_eq!(
        (attributes.size, &attributes.checksums),
        (head.size, &head.checksums)
    );
    let evidence = at.cloud.object_evidence(&bucket, "k", "path").await.unwrap();
    assert_eq!((evidence.path.as_str(), evidence.size), ("path", 7));
    assert_eq!(
        (evidence.checksums, evidence.etag),
        (head.checksums, Some(head.etag))
    );
}

async fn an_object_without_rules_has_no_replication_status(at: &Place) {
    let bucket = at.bucket(&at.away, "alone").await;
    at.cloud
        .put_object(&bucket, "k", "content".into(), None)
        .await
        .unwrap();
    assert_eq!(at.cloud.replication_status(&bucket, "k").await.unwrap(), None);
}

async fn tags_are_replaced_whole(at: &Place) {
    let bucket = at.bucket(&at.away, "tags").await;
    at.cloud.put_object(&bucket, "k", "x".into(), None).await.unwrap();
    assert_eq!(at.cloud.object_tags(&bucket, "k").await.unwrap(), BTreeMap::new());
    let tags = |tags: &[(&str, &str)]| -> BTreeMap<String, String> {
        tags.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    for some in [
        tags(&[("a", "1 + 2"), ("b", "")]),
        tags(&[("b", "ä"), ("data-restore/end", "yes")]),
        tags(&[]),
    ] {
        at.cloud.put_object_tags(&bucket, "k", &some).await.unwrap();
        assert_eq!(at.cloud.object_tags(&bucket, "k").await.unwrap(), some);
    }
}

async fn more_than_ten_tags_are_refused(at: &Place) {
    let bucket = at.bucket(&at.away, "tags").await;
    at.cloud.put_object(&bucket, "k", "x".into(), None).await.unwrap();
    let eleven = (0..11)
        .map(|number| (number.to_string(), String::new()))
        .collect();
    let error = at.cloud.put_object_tags(&bucket, "k", &eleven).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid, "{error}");
}

async fn deleting_what_is_not_there_is_no_error(at: &Place) {
    let bucket = at.bucket(&at.away, "deleted").await;
    at.cloud.put_object(&bucket, "k", "x".into(), None).await.unwrap();
    for _ in 0..2 {
        at.cloud.delete_object(&bucket, "k").await.unwrap();
        let gone = at.cloud.head_object(&bucket, "k").await.unwrap_err();
        assert_eq!(gone.kind, ErrorKind::NotFound, "{gone}");
    }
}

async fn an_archived_object_is_not_read_and_is_thawed_on_request(at: &Place) {
    let bucket = at.bucket(&at.away, "archive").await;
    at.s3(&at.away)
        .await
        .put_object()
        .bucket(&bucket.name)
        .key("k")
        .storage_class(StorageClass::DeepArchive)
        .body(b"content".to_vec().into())
        .send()
        .await
        .unwrap();
    let frozen = at.cloud.get_object(&bucket, "k", 10).await.unwrap_err();
    assert_eq!(frozen.kind, ErrorKind::Archived, "{frozen}");
    let head = at.cloud.head_object(&bucket, "k").await.unwrap();
    assert_eq!(
        (head.storage_class.as_deref(), head.thaw),
        (Some("DEEP_ARCHIVE"), None)
    );
    let listed = at.cloud.list_objects_up_to(&bucket, "", 1).await.unwrap();
    assert_eq!(listed[0].storage_class.as_deref(), Some("DEEP_ARCHIVE"));
    for _ in 0..2 {
        let asked = at.cloud.thaw_object(&bucket, "k", Tier::Bulk, 1).await.unwrap();
        assert_eq!(asked, Thawing::Asked);
        assert!(at.cloud.head_object(&bucket, "k").await.unwrap().thaw.is_some());
    }
}

async fn what_lies_in_no_archive_needs_no_thaw(at: &Place) {
    let bucket = at.bucket(&at.away, "thawed").await;
    at.cloud.put_object(&bucket, "k", "x".into(), None).await.unwrap();
    let asked = at
        .cloud
        .thaw_object(&bucket, "k", Tier::Standard, 1)
        .await
        .unwrap();
    assert_eq!(asked, Thawing::NotArchived);
}

async fn a_legal_hold_is_told_with_the_head(at: &Place) {
    let (s3, bucket) = (at.s3(&at.home).await, at.no_bucket(&at.home, "locked"));
    s3.create_bucket()
        .bucket(&bucket.name)
        .object_lock_enabled_for_bucket(true)
        .send()
        .await
        .unwrap();
    at.cloud.put_object(&bucket, "k", "x".into(), None).await.unwrap();
    assert!(!at.cloud.head_object(&bucket, "k").await.unwrap().legal_hold);
    let hold = ObjectLockLegalHold::builder()
        .status(ObjectLockLegalHoldStatus::On)
        .build();
    s3.put_object_legal_hold()
        .bucket(&bucket.name)
        .key("k")
        .legal_hold(hold)
        .send()
        .await
        .unwrap();
    assert!(at.cloud.head_object(&bucket, "k").await.unwrap().legal_hold);
}
