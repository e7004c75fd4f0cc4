//! Objects: what is put is what is read, with S3's checksums, conditions and pages.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart, Delete,
    ObjectAttributes, ObjectIdentifier,
};

use crate::clients::{HOME, IRELAND, WEST, bucket, cloud, code, s3};

#[tokio::test]
async fn buckets_live_in_regions_and_say_so() {
    let aws = cloud().await;
    for (region, name) in [
        (HOME, "home-exports"),
        (WEST, "west-exports"),
        (IRELAND, "ireland-exports"),
    ] {
        bucket(&aws, region, name).await;
    }
    let home = s3(&aws, HOME);
    let listed = home.list_buckets().send().await.unwrap();
    let regions: Vec<_> = listed
        .buckets()
        .iter()
        .map(|bucket| bucket.bucket_region().unwrap())
        .collect();
    assert_eq!(regions, [HOME, IRELAND, WEST]);
    let location = home
        .get_bucket_location()
        .bucket("west-exports")
        .send()
        .await
        .unwrap();
    assert_eq!(location.location_constraint().unwrap().as_str(), WEST);

    let wrong = home
        .get_object()
        .bucket("west-exports")
        .key("k")
        .send()
        .await
        .unwrap_err();
    let raw = wrong.raw_response().unwrap();
    assert_eq!(raw.status().as_u16(), 301);
    assert_eq!(raw.headers().get("x-amz-bucket-region"), Some(WEST));
    assert_eq!(
        wrong.as_service_error().unwrap().code(),
        Some("PermanentRedirect")
    );

    assert_eq!(
        code(home.head_object().bucket("nowhere").key("k").send().await),
        "NotFound"
    );
    assert_eq!(
        code(home.get_object().bucket("nowhere").key("k").send().await),
        "NoSuchBucket"
    );
    assert_eq!(
        code(home.get_object().bucket("home-exports").key("k").send().await),
        "NoSuchKey"
    );
    aws.shutdown().await;
}

#[tokio::test]
async fn an_object_comes_back_whole_in_ranges_and_with_its_checksum() {
    let aws = cloud().await;
    let client = bucket(&aws, WEST, "exports").await;
    let body: Vec<u8> = (0..600_000_u32).flat_map(u32::to_le_bytes).collect();
    client
        .put_object()
        .bucket("exports")
        .key("shop/shop.orders/1/ü part.parquet")
        .body(ByteStream::from(body.clone()))
        .metadata("origin", "test")
        .send()
        .await
        .unwrap();
    let get = || {
        client
            .get_object()
            .bucket("exports")
            .key("shop/shop.orders/1/ü part.parquet")
    };
    let whole = get().checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
    // The SDK sends CRC32 by default, and S3 keeps what it is sent.
    assert!(whole.checksum_crc32().is_some());
    assert_eq!(whole.metadata().unwrap()["origin"], "test");
    assert_eq!(whole.body.collect().await.unwrap().to_vec(), body);
    let range = get().range("bytes=1000000-1000009").send().await.unwrap();
    assert_eq!(range.content_range(), Some("bytes 1000000-1000009/2400000"));
    assert_eq!(
        range.body.collect().await.unwrap().to_vec(),
        body[1_000_000..1_000_010]
    );
    let tail = get().range("bytes=-4").send().await.unwrap();
    assert_eq!(
        tail.body.collect().await.unwrap().to_vec(),
        body[body.len() - 4..]
    );
    assert_eq!(code(get().range("bytes=2400000-").send().await), "InvalidRange");
    aws.shutdown().await;
}

#[tokio::test]
async fn s3_adds_crc64nvme_where_the_client_sends_nothing_and_keeps_what_is_asked_for() {
    let aws = cloud().await;
    let client = bucket(&aws, HOME, "sums").await;
    aws.s3()
        .put_file(
            &aws.accounts()[0].id,
            HOME,
            "sums",
            "crc64",
            local_aws::s3::Content::Bytes("123456789".into()),
        )
        .await
        .unwrap();
    let attributes = |key: &str| {
        client
            .get_object_attributes()
            .bucket("sums")
            .key(key)
            .object_attributes(ObjectAttributes::Checksum)
            .object_attributes(ObjectAttributes::ObjectSize)
            .object_attributes(ObjectAttributes::Etag)
            .send()
    };
    let crc64 = attributes("crc64").await.unwrap();
    assert_eq!(
        crc64.checksum().unwrap().checksum_crc64_nvme(),
        Some("rosUhgp5mIg=")
    );
    assert_eq!(
        crc64.checksum().unwrap().checksum_type(),
        Some(&ChecksumType::FullObject)
    );
    assert_eq!(crc64.object_size(), Some(9));
    for algorithm in [
        ChecksumAlgorithm::Sha256,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Crc32C,
    ] {
        client
            .put_object()
            .bucket("sums")
            .key(algorithm.as_str())
            .checksum_algorithm(algorithm.clone())
            .body(ByteStream::from_static(b"abc"))
            .send()
            .await
            .unwrap();
    }
    let sha256 = attributes("SHA256").await.unwrap();
    assert_eq!(
        sha256.checksum().unwrap().checksum_sha256(),
        Some("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
    );
    assert!(
        attributes("SHA1")
            .await
            .unwrap()
            .checksum()
            .unwrap()
            .checksum_sha1()
            .is_some()
    );
    assert!(
        attributes("CRC32C")
            .await
            .unwrap()
            .checksum()
            .unwrap()
            .checksum_crc32_c()
            .is_some()
    );
    aws.shutdown().await;
}

#[tokio::test]
async fn wrong_digests_and_unmet_conditions_store_nothing() {
    let aws = cloud().await;
    let client = bucket(&aws, HOME, "strict").await;
    let put = || {
        client
            .put_object()
            .bucket("strict")
            .key("k")
            .body(ByteStream::from_static(b"abc"))
    };
    let wrong_sha = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_eq!(code(put().checksum_sha256(wrong_sha).send().await), "BadDigest");
    assert_eq!(
        code(put().content_md5("AAAAAAAAAAAAAAAAAAAAAA==").send().await),
        "BadDigest"
    );
    assert_eq!(
        code(client.get_object().bucket("strict").key("k").send().await),
        "NoSuchKey"
    );

    let first = put().if_none_match("*").send().await.unwrap();
    assert_eq!(code(put().if_none_match("*").send().await), "PreconditionFailed");
    assert_eq!(
        code(put().if_match("\"0123\"").send().await),
        "PreconditionFailed"
    );
    put().if_match(first.e_tag().unwrap()).send().await.unwrap();
    let get = || client.get_object().bucket("strict").key("k");
    assert_eq!(
        code(get().if_match("\"0123\"").send().await),
        "PreconditionFailed"
    );
    let unchanged = get()
        .if_none_match(first.e_tag().unwrap())
        .send()
        .await
        .unwrap_err();
    assert_eq!(unchanged.raw_response().unwrap().status().as_u16(), 304);
    aws.shutdown().await;
}

#[tokio::test]
async fn listings_page_and_fold() {
    let aws = cloud().await;
    let client = bucket(&aws, HOME, "many").await;
    let account = aws.accounts()[0].id.clone();
    let mut keys: Vec<String> = (0..25)
        .map(|n| format!("a/{}/{n:02}", n % 3))
        .chain(["b".into(), "c&<é".into()])
        .collect();
    for key in &keys {
        let content = local_aws::s3::Content::Bytes(key.clone().into());
        aws.s3()
            .put_file(&account, HOME, "many", key, content)
            .await
            .unwrap();
    }
    keys.sort();
    let mut listed = Vec::new();
    let mut pages = client
        .list_objects_v2()
        .bucket("many")
        .max_keys(7)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert!(page.key_count().unwrap() <= 7);
        listed.extend(
            page.contents()
                .iter()
                .map(|object| object.key().unwrap().to_owned()),
        );
    }
    assert_eq!(listed, keys);
    let folded = client
        .list_objects_v2()
        .bucket("many")
        .prefix("a/")
        .delimiter("/")
        .send()
        .await
        .unwrap();
    let prefixes: Vec<_> = folded
        .common_prefixes()
        .iter()
        .map(|prefix| prefix.prefix().unwrap())
        .collect();
    assert_eq!(prefixes, ["a/0/", "a/1/", "a/2/"]);
    let mut folded = Vec::new();
    let mut pages = client
        .list_objects_v2()
        .bucket("many")
        .delimiter("/")
        .max_keys(1)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        folded.extend(
            page.common_prefixes()
                .iter()
                .map(|prefix| prefix.prefix().unwrap().to_owned()),
        );
        folded.extend(
            page.contents()
                .iter()
                .map(|object| object.key().unwrap().to_owned()),
        );
    }
    assert_eq!(folded, ["a/", "b", "c&<é"]);
    let after = client
        .list_objects_v2()
        .bucket("many")
        .start_after("a/2/23")
        .send()
        .await
        .unwrap();
    assert_eq!(after.contents().len(), 2);
    aws.shutdown().await;
}

#[tokio::test]
async fn versions_survive_deletion_and_delete_markers_can_be_removed() {
    let aws = cloud().await;
    let client = bucket(&aws, HOME, "old").await;
    for body in [b"one", b"two"] {
        client
            .put_object()
            .bucket("old")
            .key("k")
            .body(ByteStream::from_static(body))
            .send()
            .await
            .unwrap();
    }
    let marker = client
        .delete_object()
        .bucket("old")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(marker.delete_marker(), Some(true));
    let gone = client
        .get_object()
        .bucket("old")
        .key("k")
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        gone.raw_response().unwrap().headers().get("x-amz-delete-marker"),
        Some("true")
    );
    let versions = client
        .list_object_versions()
        .bucket("old")
        .max_keys(2)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (versions.versions().len(), versions.delete_markers().len()),
        (1, 1)
    );
    let rest = client
        .list_object_versions()
        .bucket("old")
        .key_marker(versions.next_key_marker().unwrap())
        .version_id_marker(versions.next_version_id_marker().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(rest.versions().len(), 1);
    let oldest = rest.versions()[0].version_id().unwrap();
    let old = client
        .get_object()
        .bucket("old")
        .key("k")
        .version_id(oldest)
        .send()
        .await
        .unwrap();
    assert_eq!(old.body.collect().await.unwrap().to_vec(), b"one");
    let delete = Delete::builder()
        .objects(
            ObjectIdentifier::builder()
                .key("k")
                .version_id(marker.version_id().unwrap())
                .build()
                .unwrap(),
        )
        .build()
        .unwrap();
    client
        .delete_objects()
        .bucket("old")
        .delete(delete)
        .send()
        .await
        .unwrap();
    let back = client.get_object().bucket("old").key("k").send().await.unwrap();
    assert_eq!(back.body.collect().await.unwrap().to_vec(), b"two");
    assert_eq!(
        code(client.delete_bucket().bucket("old").send().await),
        "BucketNotEmpty"
    );
    aws.shutdown().await;
}

#[tokio::test]
async fn a_multipart_upload_has_parts_and_a_checksum_of_the_asked_kind() {
    let aws = cloud().await;
    let client = bucket(&aws, HOME, "parts").await;
    let body: Vec<u8> = (0..2_800_000_u32).flat_map(|n| (n * 7).to_le_bytes()).collect();
    for (key, kind) in [
        ("full", ChecksumType::FullObject),
        ("composite", ChecksumType::Composite),
    ] {
        let upload = client
            .create_multipart_upload()
            .bucket("parts")
            .key(key)
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .checksum_type(kind.clone())
            .send()
            .await
            .unwrap();
        let upload_id = upload.upload_id().unwrap();
        let mut completed = CompletedMultipartUpload::builder();
        for (number, part) in (1..).zip(body.chunks(6 * 1024 * 1024)) {
            let uploaded = client
                .upload_part()
                .bucket("parts")
                .key(key)
                .upload_id(upload_id)
                .part_number(number)
                .checksum_algorithm(ChecksumAlgorithm::Crc32)
                .body(ByteStream::from(part.to_vec()))
                .send()
                .await
                .unwrap();
            completed = completed.parts(
                CompletedPart::builder()
                    .part_number(number)
                    .set_e_tag(uploaded.e_tag().map(str::to_owned))
                    .set_checksum_crc32(uploaded.checksum_crc32().map(str::to_owned))
                    .build(),
            );
        }
        let listed = client
            .list_parts()
            .bucket("parts")
            .key(key)
            .upload_id(upload_id)
            .send()
            .await
            .unwrap();
        assert_eq!(listed.parts().len(), 2);
        let done = client
            .complete_multipart_upload()
            .bucket("parts")
            .key(key)
            .upload_id(upload_id)
            .multipart_upload(completed.build())
            .send()
            .await
            .unwrap();
        assert!(done.e_tag().unwrap().ends_with("-2\""));
        assert_eq!(
            done.checksum_crc32().unwrap().ends_with("-2"),
            kind == ChecksumType::Composite
        );
        let attributes = client
            .get_object_attributes()
            .bucket("parts")
            .key(key)
            .object_attributes(ObjectAttributes::Checksum)
            .object_attributes(ObjectAttributes::ObjectParts)
            .send()
            .await
            .unwrap();
        assert_eq!(attributes.checksum().unwrap().checksum_type(), Some(&kind));
        assert_eq!(attributes.object_parts().unwrap().total_parts_count(), Some(2));
        let whole = client.get_object().bucket("parts").key(key).send().await.unwrap();
        assert_eq!(whole.body.collect().await.unwrap().to_vec(), body);
        let second = client
            .get_object()
            .bucket("parts")
            .key(key)
            .part_number(2)
            .send()
            .await
            .unwrap();
        assert_eq!(
            second.body.collect().await.unwrap().to_vec(),
            body[6 * 1024 * 1024..]
        );
        // Across the border of the parts.
        let border = client
            .get_object()
            .bucket("parts")
            .key(key)
            .range("bytes=6291450-6291461")
            .send()
            .await
            .unwrap();
        assert_eq!(
            border.body.collect().await.unwrap().to_vec(),
            body[6_291_450..6_291_462]
        );
        let gone = client
            .list_parts()
            .bucket("parts")
            .key(key)
            .upload_id(upload_id)
            .send()
            .await;
        assert_eq!(code(gone), "NoSuchUpload");
    }
    let head = client
        .head_object()
        .bucket("parts")
        .key("full")
        .checksum_mode(ChecksumMode::Enabled)
        .send()
        .await;
    let once = client
        .put_object()
        .bucket("parts")
        .key("once")
        .checksum_algorithm(ChecksumAlgorithm::Crc32)
        .body(ByteStream::from(body))
        .send()
        .await
        .unwrap();
    assert_eq!(
        head.unwrap().checksum_crc32(),
        once.checksum_crc32(),
        "combined from the parts' checksums"
    );
    let copied = client
        .copy_object()
        .bucket("parts")
        .key("copy")
        .copy_source("parts/composite")
        .send()
        .await
        .unwrap();
    assert_eq!(
        copied.copy_object_result().unwrap().checksum_crc32(),
        once.checksum_crc32()
    );
    aws.shutdown().await;
}
