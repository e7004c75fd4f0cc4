//! GetQueueAttributes.

use aws_sdk_sqs::types::QueueAttributeName;

use super::QueueRef;
use crate::{Cloud, Error};

/// What a queue is like and how much is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueAttributes {
    /// Messages that wait to be received, about.
    pub messages: u64,
    /// ARN of the queue of its dead letters.
    pub dead_letters: Option<String>,
    /// Its policy, a JSON document.
    pub policy: Option<String>,
}

impl Cloud {
    /// The attributes of a queue.
    pub async fn queue_attributes(&self, queue: &QueueRef) -> Result<QueueAttributes, Error> {
        let answer = self
            .clients(&queue.region, Some(&queue.account))
            .sqs
            .get_queue_attributes()
            .queue_url(&queue.url)
            .attribute_names(QueueAttributeName::All)
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetQueueAttributes", queue.url.clone(), &error))?;
        let mut all = answer.attributes.unwrap_or_default();
        let mut take = |name| all.remove(&name).filter(|value| !value.is_empty());
        Ok(QueueAttributes {
            messages: take(QueueAttributeName::ApproximateNumberOfMessages)
                .and_then(|count| count.parse().ok())
                .unwrap_or_default(),
            dead_letters: take(QueueAttributeName::RedrivePolicy).and_then(|policy| {
                let policy: serde_json::Value = serde_json::from_str(&policy).ok()?;
                policy["deadLetterTargetArn"].as_str().map(str::to_owned)
            }),
            policy: take(QueueAttributeName::Policy),
        })
    }
}
