//! GetObjectAttributes, or HeadObject where that isn't there: what decides whether two objects are equal.

use aws_sdk_s3::types::ObjectAttributes;
use recovery::inventory::ObjectFact;

use super::{BucketRef, ObjectHead, checksums};
use crate::{Cloud, Error, ErrorKind};

impl Cloud {
    /// Size and checksums of an object, under the name `path` (its key below a copy's prefix).
    ///
    /// GetObjectAttributes is a permission of its own and not every S3 has it, so where it is refused, or tells no
    /// checksum, HeadObject is asked. Its replication status is filled in only then.
    pub async fn object_fact(&self, bucket: &BucketRef, key: &str, path: &str) -> Result<ObjectFact, Error> {
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .get_object_attributes()
            .bucket(&bucket.name)
            .key(key)
            .object_attributes(ObjectAttributes::Checksum)
            .object_attributes(ObjectAttributes::ObjectSize)
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetObjectAttributes", bucket.uri(key), &error));
        match answer {
            Ok(answer) => {
                let checksums = answer
                    .checksum()
                    .map(checksums::of_attributes)
                    .unwrap_or_default();
                if let (Some(size), false) = (answer.object_size(), checksums.is_empty()) {
                    return Ok(ObjectFact {
                        path: path.to_owned(),
                        size: u64::try_from(size).unwrap_or_default(),
                        checksums,
                        ..ObjectFact::default()
                    });
                }
            }
            // A missing object or a Region that is down would answer HeadObject the same.
            Err(error)
                if matches!(
                    error.kind,
                    ErrorKind::NotFound | ErrorKind::Unreachable | ErrorKind::Throttled
                ) =>
            {
                return Err(error);
            }
            Err(error) => tracing::debug!(%error, "asking HeadObject instead"),
        }
        let head = self.head_object(bucket, key).await?;
        Ok(described(head, path))
    }

    /// Everything that S3 tells of an object: what decides, and what evidence states beside it (version, key, times,
    /// replication, locks).
    ///
    /// HeadObject tells all of it in one call. Only where it tells no checksum, GetObjectAttributes is asked besides.
    pub async fn object_evidence(
        &self,
        bucket: &BucketRef,
        key: &str,
        path: &str,
    ) -> Result<ObjectFact, Error> {
        let head = self.head_object(bucket, key).await?;
        let mut fact = described(head, path);
        if fact.checksums.is_empty() {
            let found = self.object_fact(bucket, key, path).await?;
            if found.size == fact.size {
                fact.checksums = found.checksums;
            }
        }
        Ok(fact)
    }
}

fn described(head: ObjectHead, path: &str) -> ObjectFact {
    ObjectFact {
        path: path.to_owned(),
        size: head.size,
        checksums: head.checksums,
        replication_status: head.replication_status,
        etag: Some(head.etag).filter(|etag| !etag.is_empty()),
        version_id: head.version_id,
        last_modified: head.last_modified,
        kms_key: head.kms_key,
        storage_class: head.storage_class,
        thaw: head.thaw,
        retained_until: head.retained_until,
        legal_hold: head.legal_hold,
    }
}
