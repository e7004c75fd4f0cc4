//! What lies below a prefix, folded at the next slash.

use futures::stream::{self, Stream, StreamExt};

use super::BucketRef;
use crate::{Cloud, Error};

impl Cloud {
    /// Every common prefix below `prefix`, whole and with its trailing slash, in key order; a page of at most 1,000 is asked
    /// for when the stream gets there. Objects that lie below `prefix` itself are passed over. The stream ends after the
    /// first error.
    pub fn list_folders(
        &self,
        bucket: &BucketRef,
        prefix: &str,
    ) -> impl Stream<Item = Result<String, Error>> + Send + 'static {
        self.list_pages(bucket, prefix, Some("/")).flat_map(|page| {
            stream::iter(match page {
                Ok(page) => page
                    .common_prefixes
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|folder| folder.prefix.map(Ok))
                    .collect(),
                Err(error) => vec![Err(error)],
            })
        })
    }
}
