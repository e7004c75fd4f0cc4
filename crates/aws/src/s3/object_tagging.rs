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

    /// Replaces the tags of an object's current version: at most ten.
    pub async fn put_object_tags(
        &self,
        bucket: &BucketRef,
        key: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        const OPERATION: &str = "PutObjectTagging";
        let invalid = |message: String| Error::new(OPERATION, bucket.uri(key), ErrorKind::Invalid, message);
        let mut tagging = Tagging::builder();
        for (name, value) in tags {
            let tag = Tag::builder().key(name).value(value).build();
            tagging = tagging.tag_set(tag.map_err(|error| invalid(error.to_string()))?);
        }
        self.clients(&bucket.region, bucket.account.as_ref())
            .s3
            .put_object_tagging()
            .bucket(&bucket.name)
            .key(key)
            .tagging(tagging.build().map_err(|error| invalid(error.to_string()))?)
            .send()
            .await
            .map_err(|error| Error::from_sdk(OPERATION, bucket.uri(key), &error))?;
        Ok(())
    }
}
