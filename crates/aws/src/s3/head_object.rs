//! HeadObject: size, checksums, replication status.

use aws_sdk_s3::types::{ChecksumMode, ObjectLockLegalHoldStatus};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use recovery::archive::Thaw;
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
    /// The version, in a bucket that keeps versions.
    pub version_id: Option<String>,
    /// The KMS key that it is encrypted with; `None` under S3's own keys.
    pub kms_key: Option<String>,
    /// The storage class; `None` is `STANDARD`.
    pub storage_class: Option<String>,
    /// How far its thaw is, where it lies in an archive and was asked for.
    pub thaw: Option<Thaw>,
    /// Until when object lock keeps it. S3 tells it to those who hold `s3:GetObjectRetention`.
    pub retained_until: Option<Timestamp>,
    /// Whether a legal hold keeps it. S3 tells it to those who hold `s3:GetObjectLegalHold`.
    pub legal_hold: bool,
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
            version_id: head.version_id().map(str::to_owned),
            kms_key: head.ssekms_key_id().map(str::to_owned),
            storage_class: head
                .storage_class()
                .map(|class| class.as_str().to_owned())
                .filter(|class| class != "STANDARD"),
            thaw: head.restore().and_then(thaw),
            retained_until: head
                .object_lock_retain_until_date()
                .and_then(checksums::timestamp),
            legal_hold: head.object_lock_legal_hold_status() == Some(&ObjectLockLegalHoldStatus::On),
        })
    }

    /// How far the replication of an object is: `PENDING`, `COMPLETED`, `FAILED`, `REPLICA`, or `None` where no rule
    /// applies to it.
    pub async fn replication_status(&self, bucket: &BucketRef, key: &str) -> Result<Option<String>, Error> {
        Ok(self.head_object(bucket, key).await?.replication_status)
    }
}

/// `ongoing-request="true"`, or `ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"`.
fn thaw(header: &str) -> Option<Thaw> {
    if header.contains("ongoing-request=\"true\"") {
        return Some(Thaw::Ongoing);
    }
    let (_, rest) = header.split_once("expiry-date=\"")?;
    let (date, _) = rest.split_once('"')?;
    let until = rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(Thaw::Until(until))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thaw_is_read_as_s3_writes_it() {
        assert_eq!(thaw("ongoing-request=\"true\""), Some(Thaw::Ongoing));
        let done = "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"";
        let until = "2012-12-21T00:00:00Z".parse().unwrap();
        assert_eq!(thaw(done), Some(Thaw::Until(until)));
        assert_eq!(thaw("ongoing-request=\"false\""), None);
    }
}
