//! S3's answers.

use aws::ErrorKind;
use aws::s3::BucketRef;
use recovery::archive::Thaw;
use recovery::inventory::Checksum;

use crate::tape::{answering, region};

fn bucket() -> BucketRef {
    BucketRef::new(region(), "DOC-EXAMPLE-BUCKET")
}

fn checksum(algorithm: &str, value: &str, full_object: bool) -> Checksum {
    Checksum {
        algorithm: algorithm.into(),
        value: value.into(),
        full_object,
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>: statuses of replication in both spellings of AWS's
/// documents, and the headers of archives and locks.
#[tokio::test]
async fn heads() {
    let common = [
        ("content-type", "binary/octet-stream"),
        ("etag", "\"d41d8cd98f00b204e9800998ecf8427e-2\""),
        ("last-modified", "Wed, 12 Oct 2009 17:50:00 GMT"),
        ("x-amz-version-id", "3HL4kqtJlcpXroDTDmjVBH40Nrjfkd"),
        ("x-amz-storage-class", "DEEP_ARCHIVE"),
        (
            "x-amz-restore",
            "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"",
        ),
        ("x-amz-server-side-encryption", "aws:kms"),
        (
            "x-amz-server-side-encryption-aws-kms-key-id",
            "arn:aws:kms:us-west-2:123456789012:key/1",
        ),
        ("x-amz-object-lock-mode", "GOVERNANCE"),
        ("x-amz-object-lock-retain-until-date", "2027-01-05T00:00:00.000Z"),
        ("x-amz-object-lock-legal-hold", "ON"),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
        ("x-amz-checksum-type", "FULL_OBJECT"),
    ];
    for (said, status) in [
        ("COMPLETED", "COMPLETED"),
        ("COMPLETE", "COMPLETED"),
        ("PENDING", "PENDING"),
        ("FAILED", "FAILED"),
        ("REPLICA", "REPLICA"),
    ] {
        let mut headers = common.to_vec();
        headers.push(("x-amz-replication-status", said));
        let cloud = answering(200, &headers, "").await;
        let head = cloud.head_object(&bucket(), "k").await.unwrap();
        assert_eq!(head.replication_status.as_deref(), Some(status));
        assert_eq!(head.checksums, [checksum("CRC64NVME", "AAAAAAAAAAA=", true)]);
        assert_eq!(head.version_id.as_deref(), Some("3HL4kqtJlcpXroDTDmjVBH40Nrjfkd"));
        assert_eq!(head.storage_class.as_deref(), Some("DEEP_ARCHIVE"));
        assert_eq!(
            head.thaw,
            Some(Thaw::Until("2012-12-21T00:00:00Z".parse().unwrap()))
        );
        assert_eq!(
            head.kms_key.as_deref(),
            Some("arn:aws:kms:us-west-2:123456789012:key/1")
        );
        assert_eq!(head.retained_until, "2027-01-05T00:00:00Z".parse().ok());
        assert!(head.legal_hold);
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html>: a checksum of the whole object, one of its
/// parts, one of parts from before there was a type, and none.
#[tokio::test]
async fn attributes() {
    let whole = checksum("CRC64NVME", "m5QmBwkzYQI=", true);
    let parts = checksum("SHA256", "fRZ8Gw7ch2UyP+1mcY8jDQO3RYzg+3XhcqWKKTu6N8Q=-3", false);
    for (said, expected) in [
        (
            "<Checksum><ChecksumCRC64NVME>m5QmBwkzYQI=</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType></Checksum>",
            vec![whole],
        ),
        (
            "<Checksum><ChecksumSHA256>fRZ8Gw7ch2UyP+1mcY8jDQO3RYzg+3XhcqWKKTu6N8Q=-3</ChecksumSHA256><ChecksumType>COMPOSITE</ChecksumType></Checksum>",
            vec![parts.clone()],
        ),
        (
            "<Checksum><ChecksumSHA256>fRZ8Gw7ch2UyP+1mcY8jDQO3RYzg+3XhcqWKKTu6N8Q=-3</ChecksumSHA256></Checksum>",
            vec![parts],
        ),
    ] {
        let body = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<GetObjectAttributesResponse xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{said}<ObjectSize>1048576000</ObjectSize></GetObjectAttributesResponse>"#
        );
        let cloud = answering(200, &[("content-type", "application/xml")], &body).await;
        let fact = cloud.object_fact(&bucket(), "k", "path").await.unwrap();
        assert_eq!((fact.path.as_str(), fact.size), ("path", 1_048_576_000));
        assert_eq!(fact.checksums, expected, "{said}");
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>. CopyObject and CompleteMultipartUpload may say 200 first
/// and fail then: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>.
#[tokio::test]
async fn faults() {
    for (code, status, kind) in [
        ("NoSuchKey", 404, ErrorKind::NotFound),
        ("NoSuchBucket", 404, ErrorKind::NotFound),
        ("AccessDenied", 403, ErrorKind::AccessDenied),
        ("PermanentRedirect", 301, ErrorKind::WrongRegion),
        ("AuthorizationHeaderMalformed", 400, ErrorKind::WrongRegion),
        ("IllegalLocationConstraintException", 400, ErrorKind::WrongRegion),
        ("InvalidObjectState", 403, ErrorKind::Archived),
        ("PreconditionFailed", 412, ErrorKind::Precondition),
        ("ConditionalRequestConflict", 409, ErrorKind::Precondition),
        ("RequestTimeTooSkewed", 403, ErrorKind::AccessDenied),
        ("InvalidRange", 416, ErrorKind::Invalid),
    ] {
        let body = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>{code}</Code><Message>Said so.</Message><Resource>/bucket/k</Resource><RequestId>4442587FB7D0A2F9</RequestId></Error>"#
        );
        let cloud = answering(status, &[("content-type", "application/xml")], &body).await;
        let error = cloud.get_object(&bucket(), "k", 10).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (kind, Some(code)), "{error}");
    }
    let late = r#"<?xml version="1.0" encoding="UTF-8"?>

<Error><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message><RequestId>656c76696e6727732072657175657374</RequestId></Error>"#;
    let cloud = answering(200, &[("content-type", "application/xml")], late).await;
    let error = cloud
        .complete_multipart_upload(&bucket(), "k", "upload", Vec::new(), 0, &aws::s3::Onto::Nothing)
        .await
        .unwrap_err();
    assert_eq!(error.code.as_deref(), Some("InternalError"), "{error}");
    assert!(error.is_transient(), "{error}");
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>: folders, an object without a storage class, a time to the
/// millisecond.
#[tokio::test]
async fn listings() {
    let body = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Name>DOC-EXAMPLE-BUCKET</Name><Prefix/><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>
  <Contents>
    <Key>my-image.jpg</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>
    <ETag>"fba9dede5f27731c9771645a39863328"</ETag><Size>434234</Size><StorageClass>STANDARD</StorageClass>
    <ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>
  </Contents>
  <Contents>
    <Key>a &amp; b.parquet</Key><LastModified>2009-10-12T17:50:30Z</LastModified><ETag>&quot;e&quot;</ETag><Size>0</Size>
  </Contents>
</ListBucketResult>"#;
    let cloud = answering(200, &[("content-type", "application/xml")], body).await;
    let found = cloud.list_objects_up_to(&bucket(), "", 10).await.unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|entry| {
            (
                entry.key.as_str(),
                entry.size,
                entry.etag.as_str(),
                entry.storage_class.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "my-image.jpg", 434_234, "\"fba9dede5f27731c9771645a39863328\"", None
            ),
            ("a & b.parquet", 0, "\"e\"", None),
        ]
    );
    assert_eq!(found[0].last_modified, "2009-10-12T17:50:30Z".parse().ok());
}
