//! ReceiveMessage.

use std::time::Duration;

use super::QueueRef;
use crate::{Cloud, Error};

/// A received message. Until it is deleted, SQS delivers it again after the visibility timeout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// SQS's id.
    pub id: String,
    /// What deletes it.
    pub receipt: String,
    /// Its body.
    pub body: String,
}

impl Cloud {
    /// At most ten messages; waits up to `wait` (at most 20 s) for the first one.
    pub async fn receive_messages(&self, queue: &QueueRef, wait: Duration) -> Result<Vec<Message>, Error> {
        let answer = self
            .clients(&queue.region, Some(&queue.account))
            .sqs
            .receive_message()
            .queue_url(&queue.url)
            .max_number_of_messages(10)
            .wait_time_seconds(i32::try_from(wait.as_secs().min(20)).unwrap_or(20))
            .send()
            .await
            .map_err(|error| Error::from_sdk("ReceiveMessage", queue.url.clone(), &error))?;
        Ok(answer
            .messages
            .unwrap_or_default()
            .into_iter()
            .map(|message| Message {
                id: message.message_id.unwrap_or_default(),
                receipt: message.receipt_handle.unwrap_or_default(),
                body: message.body.unwrap_or_default(),
            })
            .collect())
    }
}
