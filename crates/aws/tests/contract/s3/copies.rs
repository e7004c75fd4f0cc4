//! Copies within S3, whole and in parts.

use aws::ErrorKind;
use aws::s3::{BucketRef, CopiedPart, CopySource, Onto};

use super::{PART_BYTES, crc64nvme};
use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        an_object_is_copied_between_regions,
        a_copy_is_made_of_the_writing_that_was_named,
        a_copy_is_made_of_the_version_that_was_named,
        a_copy_goes_only_onto_what_it_expects,
        a_copy_of_nothing_is_not_found,
        parts_become_an_object_with_a_checksum_of_its_whole,
        a_part_is_copied_of_the_writing_that_was_named,
        an_upload_is_completed_only_where_nothing_is,
        an_upload_that_has_ended_is_not_found,
        parts_that_do_not_add_up_are_refused,
    ]
}

fn source(bucket: &BucketRef, key: &str) -> CopySource {
    CopySource {
        bucket: bucket.clone(),
        key: key.to_owned(),
        version_id: None,
        etag: None,
    }
}

async fn an_object_is_copied_between_regions(at: &Place) {
    let (from, to) = (at.bucket(&at.home, "from").await, at.bucket(&at.away, "to").await);
    let key = "exports/shop-1/shop/shop.orders/1/part-0 +&=ä.gz.parquet";
    at.cloud
        .put_object(&from, key, "content".into(), None)
        .await
        .unwrap();
    let version = at
        .cloud
        .copy_object(&source(&from, key), &to, key, &Onto::Nothing)
        .await
        .unwrap();
    assert_eq!(version, None, "the bucket keeps no versions");
    assert_eq!(&at.cloud.get_object(&to, key, 10).await.unwrap()[..], b"content");
    let [one, other] = [&from, &to].map(|bucket| at.cloud.object_fact(bucket, key, key));
    assert_eq!(one.await.unwrap().checksums, other.await.unwrap().checksums);
}

async fn a_copy_is_made_of_the_writing_that_was_named(at: &Place) {
    let bucket = at.bucket(&at.away, "writings").await;
    at.cloud
        .put_object(&bucket, "k", "first".into(), None)
        .await
        .unwrap();
    let etag = at.cloud.head_object(&bucket, "k").await.unwrap().etag;
    let first = CopySource {
        etag: Some(etag),
        ..source(&bucket, "k")
    };
    at.cloud
        .copy_object(&first, &bucket, "copied", &Onto::Nothing)
        .await
        .unwrap();
    at.cloud
        .put_object(&bucket, "k", "other".into(), None)
        .await
        .unwrap();
    let changed = at
        .cloud
        .copy_object(&first, &bucket, "again", &Onto::Nothing)
        .await
        .unwrap_err();
    assert_eq!(changed.kind, ErrorKind::Precondition, "{changed}");
}

async fn a_copy_is_made_of_the_version_that_was_named(at: &Place) {
    let bucket = at.bucket(&at.away, "versions").await;
    super::settings::keep_versions(at, &bucket).await;
    at.cloud
        .put_object(&bucket, "k", "first".into(), None)
        .await
        .unwrap();
    let first = at.cloud.head_object(&bucket, "k").await.unwrap();
    at.cloud
        .put_object(&bucket, "k", "other".into(), None)
        .await
        .unwrap();
    let newest = at.cloud.head_object(&bucket, "k").await.unwrap();
    assert!(first.version_id.is_some() && first.version_id != newest.version_id);
    let named = CopySource {
        version_id: first.version_id,
        etag: Some(first.etag),
        ..source(&bucket, "k")
    };
    let version = at
        .cloud
        .copy_object(&named, &bucket, "copied", &Onto::Nothing)
        .await
        .unwrap();
    assert_eq!(
        &at.cloud.get_object(&bucket, "copied", 10).await.unwrap()[..],
        b"first"
    );
    assert_eq!(
        version,
        at.cloud.head_object(&bucket, "copied").await.unwrap().version_id
    );
}

async fn a_copy_goes_only_onto_what_it_expects(at: &Place) {
    let bucket = at.bucket(&at.away, "onto").await;
    for (key, content) in [("k", "content"), ("there", "other")] {
        at.cloud
            .put_object(&bucket, key, content.into(), None)
            .await
            .unwrap();
    }
    let there = at.cloud.head_object(&bucket, "there").await.unwrap().etag;
    let wrong = at.cloud.head_object(&bucket, "k").await.unwrap().etag;
    let from = source(&bucket, "k");
    for onto in [Onto::Nothing, Onto::Etag(wrong)] {
        let refused = at
            .cloud
            .copy_object(&from, &bucket, "there", &onto)
            .await
            .unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Precondition, "{onto:?}: {refused}");
        assert_eq!(
            &at.cloud.get_object(&bucket, "there", 10).await.unwrap()[..],
            b"other"
        );
    }
    at.cloud
        .copy_object(&from, &bucket, "there", &Onto::Etag(there))
        .await
        .unwrap();
    assert_eq!(
        &at.cloud.get_object(&bucket, "there", 10).await.unwrap()[..],
        b"content"
    );
}

async fn a_copy_of_nothing_is_not_found(at: &Place) {
    let bucket = at.bucket(&at.away, "nothing").await;
    let none = source(&bucket, "none");
    let error = at
        .cloud
        .copy_object(&none, &bucket, "k", &Onto::Nothing)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
}

/// An object of two parts, and what it holds.
async fn two_parts(at: &Place, from: &BucketRef) -> Vec<u8> {
    let content: Vec<u8> = (0..PART_BYTES + 3)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect();
    at.cloud
        .put_object(from, "k", content.clone().into(), None)
        .await
        .unwrap();
    content
}

/// Copies both parts; gives them and the upload.
async fn copied(at: &Place, from: &CopySource, to: &BucketRef, size: u64) -> (String, Vec<CopiedPart>) {
    let upload = at.cloud.create_multipart_upload(to, "k", None).await.unwrap();
    let middle = PART_BYTES as u64;
    let mut parts = Vec::new();
    for (number, range) in [(1, 0..middle), (2, middle..size)] {
        let part = at
            .cloud
            .upload_part_copy(from, range, to, "k", &upload, number)
            .await
            .unwrap();
        assert_eq!(part.number, number);
        parts.push(part);
    }
    (upload, parts)
}

async fn parts_become_an_object_with_a_checksum_of_its_whole(at: &Place) {
    let (from, to) = (at.bucket(&at.home, "from").await, at.bucket(&at.away, "to").await);
    let content = two_parts(at, &from).await;
    let size = content.len() as u64;
    let (upload, parts) = copied(at, &source(&from, "k"), &to, size).await;
    at.cloud
        .complete_multipart_upload(&to, "k", &upload, parts, size, &Onto::Nothing)
        .await
        .unwrap();
    assert!(at.cloud.get_object(&to, "k", content.len()).await.unwrap() == content);
    let fact = at.cloud.object_fact(&to, "k", "k").await.unwrap();
    assert_eq!(fact.size, size);
    let [checksum] = fact.checksums.as_slice() else {
        panic!("one checksum: {fact:?}");
    };
    assert!(checksum.full_object, "{checksum:?}");
    assert_eq!(
        (checksum.algorithm.as_str(), &checksum.value),
        ("CRC64NVME", &crc64nvme(&content))
    );
}

async fn a_part_is_copied_of_the_writing_that_was_named(at: &Place) {
    let bucket = at.bucket(&at.away, "writings").await;
    at.cloud
        .put_object(&bucket, "k", "first".into(), None)
        .await
        .unwrap();
    let etag = at.cloud.head_object(&bucket, "k").await.unwrap().etag;
    at.cloud
        .put_object(&bucket, "k", "other".into(), None)
        .await
        .unwrap();
    let first = CopySource {
        etag: Some(etag),
        ..source(&bucket, "k")
    };
    let upload = at
        .cloud
        .create_multipart_upload(&bucket, "to", None)
        .await
        .unwrap();
    let changed = at
        .cloud
        .upload_part_copy(&first, 0..5, &bucket, "to", &upload, 1)
        .await
        .unwrap_err();
    assert_eq!(changed.kind, ErrorKind::Precondition, "{changed}");
}

async fn an_upload_is_completed_only_where_nothing_is(at: &Place) {
    let bucket = at.bucket(&at.away, "onto").await;
    at.cloud
        .put_object(&bucket, "from", "content".into(), None)
        .await
        .unwrap();
    at.cloud
        .put_object(&bucket, "k", "other".into(), None)
        .await
        .unwrap();
    let there = at.cloud.head_object(&bucket, "k").await.unwrap().etag;
    let upload = at
        .cloud
        .create_multipart_upload(&bucket, "k", None)
        .await
        .unwrap();
    let part = at
        .cloud
        .upload_part_copy(&source(&bucket, "from"), 0..7, &bucket, "k", &upload, 1)
        .await
        .unwrap();
    let complete = async |onto: Onto| {
        let parts = vec![part.clone()];
        at.cloud
            .complete_multipart_upload(&bucket, "k", &upload, parts, 7, &onto)
            .await
    };
    let refused = complete(Onto::Nothing).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Precondition, "{refused}");
    // The upload stays, and may be completed onto what is there.
    complete(Onto::Etag(there)).await.unwrap();
    assert_eq!(
        &at.cloud.get_object(&bucket, "k", 10).await.unwrap()[..],
        b"content"
    );
}

async fn an_upload_that_has_ended_is_not_found(at: &Place) {
    let bucket = at.bucket(&at.away, "ended").await;
    at.cloud
        .put_object(&bucket, "from", "content".into(), None)
        .await
        .unwrap();
    let upload = at
        .cloud
        .create_multipart_upload(&bucket, "k", None)
        .await
        .unwrap();
    let from = source(&bucket, "from");
    let part = at
        .cloud
        .upload_part_copy(&from, 0..7, &bucket, "k", &upload, 1)
        .await
        .unwrap();
    at.cloud
        .abort_multipart_upload(&bucket, "k", &upload)
        .await
        .unwrap();
    let answers = [
        (
            "AbortMultipartUpload",
            at.cloud.abort_multipart_upload(&bucket, "k", &upload).await,
        ),
        (
            "UploadPartCopy",
            at.cloud
                .upload_part_copy(&from, 0..7, &bucket, "k", &upload, 1)
                .await
                .map(drop),
        ),
        (
            "CompleteMultipartUpload",
            at.cloud
                .complete_multipart_upload(&bucket, "k", &upload, vec![part], 7, &Onto::Nothing)
                .await
                .map(drop),
        ),
    ];
    for (call, answer) in answers {
        let error = answer.expect_err(call);
        assert_eq!(error.kind, ErrorKind::NotFound, "{call}: {error}");
    }
}

async fn parts_that_do_not_add_up_are_refused(at: &Place) {
    let bucket = at.bucket(&at.away, "sum").await;
    at.cloud
        .put_object(&bucket, "from", "content".into(), None)
        .await
        .unwrap();
    let upload = at
        .cloud
        .create_multipart_upload(&bucket, "k", None)
        .await
        .unwrap();
    let part = at
        .cloud
        .upload_part_copy(&source(&bucket, "from"), 0..7, &bucket, "k", &upload, 1)
        .await
        .unwrap();
    let other = CopiedPart {
        etag: "\"00000000000000000000000000000000\"".into(),
        ..part.clone()
    };
    for (parts, size) in [(vec![other], 7), (vec![part], 8)] {
        let refused = at
            .cloud
            .complete_multipart_upload(&bucket, "k", &upload, parts, size, &Onto::Nothing)
            .await
            .unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Invalid, "{size}: {refused}");
    }
}
