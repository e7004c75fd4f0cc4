//! DeleteMessageBatch.

use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;

use super::{Message, QueueRef};
use crate::{Cloud, Error, ErrorKind};

/// Entries that one request may hold.
const BATCH_MAX: usize = 10;

impl Cloud {
    /// Deletes messages for good. Those that SQS refuses come again, which does no harm.
    pub async fn delete_messages(&self, queue: &QueueRef, messages: &[Message]) -> Result<(), Error> {
        for batch in messages.chunks(BATCH_MAX) {
            let entries = batch
                .iter()
                .enumerate()
                .map(|(index, message)| {
                    DeleteMessageBatchRequestEntry::builder()
                        .id(index.to_string())
                        .receipt_handle(&message.receipt)
                        .build()
                })
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| {
                    Error::new(
                        "DeleteMessageBatch",
                        queue.url.clone(),
                        ErrorKind::Invalid,
                        error.to_string(),
                    )
                })?;
            self.clients(&queue.region, Some(&queue.account))
                .sqs
                .delete_message_batch()
                .queue_url(&queue.url)
                .set_entries(Some(entries))
                .send()
                .await
                .map_err(|error| Error::from_sdk("DeleteMessageBatch", queue.url.clone(), &error))?;
        }
        Ok(())
    }
}
