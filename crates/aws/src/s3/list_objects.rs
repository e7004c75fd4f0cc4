//! The objects below a prefix.

use futures::stream::{self, Stream, StreamExt};
use jiff::Timestamp;

use super::BucketRef;
use crate::{Cloud, Error, ErrorKind};

/// One object of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectEntry {
    /// The whole key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// The entity tag, with its quotes, as `If-Match` takes it. It says nothing about content.
    pub etag: String,
    /// When it was last written.
    pub last_modified: Option<Timestamp>,
    /// Its storage class; `None` is `STANDARD`.
    pub storage_class: Option<String>,
}

impl Cloud {
    /// Every object below `prefix`, in key order, a page of at most 1,000 being asked for when the stream gets there.
    /// The stream ends after the first error.
    pub fn list_objects(
        &self,
        bucket: &BucketRef,
        prefix: &str,
    ) -> impl Stream<Item = Result<ObjectEntry, Error>> + Send + 'static {
        self.list_pages(bucket, prefix, None).flat_map(|page| {
            stream::iter(match page {
                Ok(page) => page
                    .contents
                    .unwrap_or_default()
                    .into_iter()
                    .map(|object| Ok(entry(object)))
                    .collect(),
                Err(error) => vec![Err(error)],
            })
        })
    }

    /// Every object below `prefix`, or an error of kind [`ErrorKind::Limit`] when there are more than `max`.
    pub async fn list_objects_up_to(
        &self,
        bucket: &BucketRef,
        prefix: &str,
        max: usize,
    ) -> Result<Vec<ObjectEntry>, Error> {
        let mut pages = std::pin::pin!(self.list_objects(bucket, prefix));
        let mut entries = Vec::new();
        while let Some(entry) = pages.next().await {
            if entries.len() == max {
                return Err(Error::new(
                    "ListObjectsV2",
                    bucket.uri(prefix),
                    ErrorKind::Limit,
                    format!("there are more than {max} objects"),
                ));
            }
            entries.push(entry?);
        }
        Ok(entries)
    }
}

fn entry(object: aws_sdk_s3::types::Object) -> ObjectEntry {
    ObjectEntry {
        size: u64::try_from(object.size.unwrap_or_default()).unwrap_or_default(),
        last_modified: object
            .last_modified
            .as_ref()
            .and_then(super::checksums::timestamp),
        storage_class: object
            .storage_class
            .map(|class| class.as_str().to_owned())
            .filter(|class| class != "STANDARD"),
        key: object.key.unwrap_or_default(),
        etag: object.e_tag.unwrap_or_default(),
    }
}
