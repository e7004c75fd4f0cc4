//! CopyObject.

use super::{BucketRef, CopySource, Onto};
use crate::{Cloud, Error};

impl Cloud {
    /// Copies an object of at most 5 GiB within S3, from any Region into the bucket's, with its metadata. Encryption is
    /// that of the bucket. Gives the new version's id.
    ///
    /// [`crate::ErrorKind::Precondition`]: the source has changed, or something else lies where the copy goes.
    pub async fn copy_object(
        &self,
        from: &CopySource,
        bucket: &BucketRef,
        key: &str,
        onto: &Onto,
    ) -> Result<Option<String>, Error> {
        let (if_match, if_none_match) = onto.conditions();
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .copy_object()
            .bucket(&bucket.name)
            .key(key)
            .copy_source(from.header())
            .set_copy_source_if_match(from.etag.clone())
            .set_if_match(if_match)
            .set_if_none_match(if_none_match)
            .send()
            .await
            .map_err(|error| Error::from_sdk("CopyObject", bucket.uri(key), &error))?;
        Ok(answer.version_id().map(str::to_owned))
    }
}
