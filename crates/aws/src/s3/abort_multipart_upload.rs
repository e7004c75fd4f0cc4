//! AbortMultipartUpload.

use super::BucketRef;
use crate::{Cloud, Error};

impl Cloud {
    /// Ends an upload and removes its parts, which are billed until then.
    pub async fn abort_multipart_upload(
        &self,
        bucket: &BucketRef,
        key: &str,
        upload: &str,
    ) -> Result<(), Error> {
        self.clients(&bucket.region, bucket.account.as_ref())
            .s3
            .abort_multipart_upload()
            .bucket(&bucket.name)
            .key(key)
            .upload_id(upload)
            .send()
            .await
            .map_err(|error| Error::from_sdk("AbortMultipartUpload", bucket.uri(key), &error))?;
        Ok(())
    }
}
