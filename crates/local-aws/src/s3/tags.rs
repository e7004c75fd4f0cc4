//! Tags of objects. A change of a source's tags goes to its replicas, too.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnt-replicated.html>

use std::collections::BTreeSet;

use s3s::dto::Tag;

use super::buckets::Bucket;
use super::versions::Version;
use super::{S3Failure, S3Store, replication};

/// Tags that an object may have.
const TAGS_MAX: usize = 10;

impl Version {
    /// Its tags, by name.
    pub(super) fn tags(&self) -> Vec<(String, String)> {
        let tagging = self.attributes.tagging.as_deref().unwrap_or_default();
        serde_urlencoded::from_str(tagging).unwrap_or_default()
    }

    /// Whether it has all of these tags.
    pub(super) fn is_tagged(&self, wanted: &[&Tag]) -> bool {
        let has = self.tags();
        wanted.iter().all(|tag| {
            has.iter().any(|(name, value)| {
                tag.key.as_deref() == Some(name) && tag.value.as_deref().unwrap_or_default() == value
            })
        })
    }

    /// Whether its key begins with all of these.
    pub(super) fn is_below(&self, prefixes: &[&str]) -> bool {
        prefixes.iter().all(|prefix| self.key.starts_with(prefix))
    }
}

impl S3Store {
    /// Replaces the tags of a version, and of its replicas. Gives the version's id.
    pub(super) async fn set_tags(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        tags: Vec<(String, String)>,
    ) -> Result<Version, S3Failure> {
        if tags.len() > TAGS_MAX {
            return Err(S3Failure::Refused {
                code: "BadRequest",
                message: "Object tags cannot be greater than 10".to_owned(),
            });
        }
        let names: BTreeSet<&str> = tags.iter().map(|(name, _)| name.as_str()).collect();
        if names.len() < tags.len() {
            return Err(S3Failure::Refused {
                code: "InvalidTag",
                message: "Cannot provide multiple Tags with the same key".to_owned(),
            });
        }
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let version_id = version_id.map(str::to_owned);
        let tagging = serde_urlencoded::to_string(&tags)
            .map_err(|error| S3Failure::InvalidArgument(error.to_string()))?;
        let tagging = (!tags.is_empty()).then_some(tagging);
        self.inner
            .database
            .change(move |transaction| {
                let owner = Bucket::existing(transaction, &bucket)?;
                let version = Version::readable(transaction, &bucket, &key, version_id.as_deref())?;
                let mut tagged = vec![version.clone()];
                for replica in replication::destinations_of(transaction, &owner, &version)? {
                    tagged.extend(Version::by_id(transaction, &replica, &key, &version.version_id)?);
                }
                for version in tagged {
                    let mut attributes = version.attributes.clone();
                    attributes.tagging.clone_from(&tagging);
                    version.set_attributes(transaction, &attributes)?;
                }
                Ok(version)
            })
            .await
    }
}
