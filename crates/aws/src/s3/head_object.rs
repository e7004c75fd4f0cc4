//! HeadObject: size, checksums, replication status.

use aws_sdk_s3::types::ChecksumMode;
use jiff::Timestamp;
use recovery::inventory::Checksum;

use super::{BucketRef, checksums};
use crate::{Cloud, Error};

/// What S3 says of an object without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectHead {
    /// Bytes.
    pub size: u64,
    /// The entity tag, with its quotes.
    pub etag: String,
    /// When it was last written.
    pub last_modified: Option<Timestamp>,
    /// Every checksum that S3 tells with the head.
    pub checksums: Vec<Checksum>,
    /// `PENDING`, `COMPLETED`, `FAILED` or `REPLICA`; `None` where no replication rule applies.
    pub replication_status: Option<String>,
}

impl Cloud {
    /// The head of an object, with checksums.
    pub async fn head_object(&self, bucket: &BucketRef, key: &str) -> Result<ObjectHead, Error> {
        let head = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .head_object()
            .bucket(&bucket.name)
            .key(key)
            .checksum_mode(ChecksumMode::Enabled)
            .send()
            .await
            .map_err(|error| Error::from_sdk("HeadObject", bucket.uri(key), &error))?;
        Ok(ObjectHead {
            size: u64::try_from(head.content_length().unwrap_or_default()).unwrap_or_default(),
            etag: head.e_tag().unwrap_or_default().to_owned(),
            last_modified: head.last_modified().and_then(checksums::timestamp),
            checksums: checksums::of_head(&head),
            // `COMPLETE` and `COMPLETED` both stand in AWS's documents for one thing.
            replication_status: head.replication_status().map(|status| match status.as_str() {
                "COMPLETE" => "COMPLETED".to_owned(),
                other => other.to_owned(),
            }),
        })
    }

    /// How far the replication of an object is: `PENDING`, `COMPLETED`, `FAILED`, `REPLICA`, or `None` where no rule
    /// applies to it.
    pub async fn replication_status(&self, bucket: &BucketRef, key: &str) -> Result<Option<String>, Error> {
        Ok(self.head_object(bucket, key).await?.replication_status)
    }
}
