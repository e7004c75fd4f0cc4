//! Receiving events. An event is deleted once it is counted: it only makes the reconciler look sooner.

use std::time::Duration;

use aws::sqs::QueueRef;
use futures::{StreamExt, stream};
use jiff::Timestamp;

use super::event::{Kind, parse};
use super::report::EventCounts;
use crate::Workflow;
use crate::error::Result;

/// Queues that are read at once.
const QUEUES_AT_ONCE: usize = 8;

impl Workflow {
    /// One receive on every queue, without waiting for messages. Duplicate, late, unknown and malformed events do no
    /// harm; they are counted.
    pub async fn consume_events(&self) -> Result<EventCounts> {
        Ok(self.receive_events(Duration::ZERO).await)
    }

    /// The same, waiting up to `wait` for the first message of each queue.
    pub(crate) async fn receive_events(&self, wait: Duration) -> EventCounts {
        let queues = 0..self.settings().queues.len();
        let counts: Vec<EventCounts> = stream::iter(queues)
            .map(|index| async move {
                self.receive_from(index, wait).await.unwrap_or_else(|error| {
                    let name = &self.settings().queues[index].url_or_name;
                    tracing::warn!(queue = name, %error, "a queue could not be read");
                    EventCounts {
                        errors: vec![format!("{name}: {error}")],
                        ..EventCounts::default()
                    }
                })
            })
            .buffer_unordered(QUEUES_AT_ONCE)
            .collect()
            .await;
        let mut all = EventCounts::default();
        for part in counts {
            all.received += part.received;
            all.news += part.news;
            all.errors.extend(part.errors);
            for (kind, count) in part.by_kind {
                *all.by_kind.entry(kind).or_default() += count;
            }
        }
        self.shared.meter.count(|metrics| {
            for (kind, count) in &all.by_kind {
                *metrics.events.entry(kind.clone()).or_default() += count;
            }
        });
        if all.news > 0 {
            self.shared.pipeline.wake.notify_one();
        }
        all
    }

    async fn receive_from(&self, index: usize, wait: Duration) -> Result<EventCounts> {
        let queue = self.queue(index).await?;
        let messages = self.shared.cloud.receive_messages(&queue, wait).await?;
        let mut counts = EventCounts::default();
        for message in &messages {
            let kind = self.classify(&message.body, &message.id);
            counts.received += 1;
            counts.news += u64::from(kind.1);
            *counts.by_kind.entry(kind.0.to_owned()).or_default() += 1;
        }
        if !messages.is_empty() {
            self.shared.cloud.delete_messages(&queue, &messages).await?;
        }
        Ok(counts)
    }

    /// The name under which a message counts, and whether it is news.
    fn classify(&self, body: &str, message_id: &str) -> (&'static str, bool) {
        let Some(event) = parse(body) else {
            tracing::debug!(message_id, "a message is no event");
            return ("malformed", false);
        };
        let mut memory = self.shared.pipeline.memory();
        if memory.is_repeated(event.id.as_deref().unwrap_or(message_id)) {
            return ("duplicate", false);
        }
        if event.kind == Kind::Unknown {
            return (event.kind.name(), false);
        }
        // What happened before the last pass began has been seen by it.
        let is_late = is_before(event.at, memory.passed_at);
        if is_late {
            ("late", false)
        } else {
            (event.kind.name(), true)
        }
    }

    async fn queue(&self, index: usize) -> Result<QueueRef> {
        if let Some(known) = self.shared.pipeline.memory().queues.get(&index) {
            return Ok(known.clone());
        }
        let queue = &self.settings().queues[index];
        let found = self
            .shared
            .cloud
            .queue(&queue.region, &queue.account, &queue.url_or_name)
            .await?;
        self.shared.pipeline.memory().queues.insert(index, found.clone());
        Ok(found)
    }
}

/// EventBridge tells whole seconds, so an event of the same second may still be news.
fn is_before(event: Option<Timestamp>, pass: Option<Timestamp>) -> bool {
    matches!((event, pass), (Some(event), Some(pass)) if event.as_second() < pass.as_second())
}
