//! ListObjectsV2, page by page.

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use futures::stream::{self, Stream};

use super::BucketRef;
use crate::{Cloud, Error};

/// Where a listing stands between two pages.
enum Page {
    First,
    After(String),
    End,
}

impl Cloud {
    /// Pages of at most 1,000 entries, each asked for when the stream gets there. The stream ends after the first error.
    pub(super) fn list_pages(
        &self,
        bucket: &BucketRef,
        prefix: &str,
        delimiter: Option<&'static str>,
    ) -> impl Stream<Item = Result<ListObjectsV2Output, Error>> + Send + 'static {
        let client = self.clients(&bucket.region, bucket.account.as_ref());
        let bucket = bucket.clone();
        let prefix = prefix.to_owned();
        stream::unfold(Page::First, move |page| {
            let client = std::sync::Arc::clone(&client);
            let (bucket, prefix) = (bucket.clone(), prefix.clone());
            async move {
                let token = match page {
                    Page::First => None,
                    Page::After(token) => Some(token),
                    Page::End => return None,
                };
                let answer = client
                    .s3
                    .list_objects_v2()
                    .bucket(&bucket.name)
                    .prefix(&prefix)
                    .set_delimiter(delimiter.map(str::to_owned))
                    .set_continuation_token(token.clone())
                    .send()
                    .await;
                match answer {
                    Err(error) => {
                        let error = Error::from_sdk("ListObjectsV2", bucket.uri(&prefix), &error);
                        Some((Err(error), Page::End))
                    }
                    Ok(answer) => {
                        let next = match answer.next_continuation_token() {
                            // A server that answers the token it was given would be listed for ever.
                            Some(next)
                                if answer.is_truncated() == Some(true) && token.as_deref() != Some(next) =>
                            {
                                Page::After(next.to_owned())
                            }
                            _ => Page::End,
                        };
                        Some((Ok(answer), next))
                    }
                }
            }
        })
    }
}
