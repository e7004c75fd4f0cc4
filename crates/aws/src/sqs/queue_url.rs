//! GetQueueUrl.

use recovery::ids::{AccountId, Region};

use super::QueueRef;
use crate::{Cloud, Error, ErrorKind};

impl Cloud {
    /// The queue of a name, or of a URL, which is taken as it is without a call.
    pub async fn queue(
        &self,
        region: &Region,
        account: &AccountId,
        url_or_name: &str,
    ) -> Result<QueueRef, Error> {
        let queue = |url: String| QueueRef {
            region: region.clone(),
            account: account.clone(),
            url,
        };
        if url_or_name.contains("://") {
            return Ok(queue(url_or_name.to_owned()));
        }
        let answer = self
            .clients(region, Some(account))
            .sqs
            .get_queue_url()
            .queue_name(url_or_name)
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetQueueUrl", url_or_name, &error))?;
        answer.queue_url.map(queue).ok_or_else(|| {
            Error::new(
                "GetQueueUrl",
                url_or_name,
                ErrorKind::Other,
                "the answer has no URL",
            )
        })
    }
}
