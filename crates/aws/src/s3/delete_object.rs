//! DeleteObject.

use super::BucketRef;
use crate::{Cloud, Error};

impl Cloud {
    /// Deletes an object; one that isn't there is deleted already.
    pub async fn delete_object(&self, bucket: &BucketRef, key: &str) -> Result<(), Error> {
        self.clients(&bucket.region, bucket.account.as_ref())
            .s3
            .delete_object()
            .bucket(&bucket.name)
            .key(key)
            .send()
            .await
            .map_err(|error| Error::from_sdk("DeleteObject", bucket.uri(key), &error))?;
        Ok(())
    }
}
