//! PutObject of small content.

use bytes::Bytes;

use super::BucketRef;
use crate::{Cloud, Error};

impl Cloud {
    /// Writes an object whole. S3 adds its default checksum (CRC64NVME) and the SDK sends one to be checked.
    pub async fn put_object(
        &self,
        bucket: &BucketRef,
        key: &str,
        content: Bytes,
        content_type: Option<&str>,
    ) -> Result<(), Error> {
        self.put(bucket, key, content, content_type, false).await
    }

    /// The same where no object is yet; fails with [`crate::ErrorKind::Precondition`] where one is.
    pub async fn put_new_object(
        &self,
        bucket: &BucketRef,
        key: &str,
        content: Bytes,
        content_type: Option<&str>,
    ) -> Result<(), Error> {
        self.put(bucket, key, content, content_type, true).await
    }

    async fn put(
        &self,
        bucket: &BucketRef,
        key: &str,
        content: Bytes,
        content_type: Option<&str>,
        is_new: bool,
    ) -> Result<(), Error> {
        self.clients(&bucket.region, bucket.account.as_ref())
            .s3
            .put_object()
            .bucket(&bucket.name)
            .key(key)
            .set_content_type(content_type.map(str::to_owned))
            .set_if_none_match(is_new.then(|| "*".to_owned()))
            .body(content.into())
            .send()
            .await
            .map_err(|error| Error::from_sdk("PutObject", bucket.uri(key), &error))?;
        Ok(())
    }
}
