//! GetObjectTagging and PutObjectTagging.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{Tag, Tagging};

use super::BucketRef;
use crate::{Cloud, Error, ErrorKind};

impl Cloud {
    /// The tags of an object's current version.
    pub async fn object_tags(
        &self,
        bucket: &BucketRef,
        key: &str,
    ) -> Result<BTreeMap<String, String>, Error> {
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .get_object_tagging()
            .bucket(&bucket.name)
            .key(key)
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetObjectTagging", bucket.uri(key), &error))?;
        Ok(answer
            .tag_set
            .into_iter()
            .map(|tag| (tag.key, tag.value))
            .collect())
    }

    /// Replaces the tags of an object's current version: at most ten, or none.
    pub async fn put_object_tags(
        &self,
        bucket: &BucketRef,
        key: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        const OPERATION: &str = "PutObjectTagging";
        let invalid = |message: String| Error::new(OPERATION, bucket.uri(key), ErrorKind::Invalid, message);
        let tags = tags
            .iter()
            .map(|(name, value)| Tag::builder().key(name).value(value).build())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| invalid(error.to_string()))?;
        // A set that is empty, and not one that is missing.
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build();
        self.clients(&bucket.region, bucket.account.as_ref())
            .s3
            .put_object_tagging()
            .bucket(&bucket.name)
            .key(key)
            .tagging(tagging.map_err(|error| invalid(error.to_string()))?)
            .send()
            .await
            .map_err(|error| Error::from_sdk(OPERATION, bucket.uri(key), &error))?;
        Ok(())
    }
}
