//! The queues of events.

use aws::Cloud;
use aws::sqs::QueueRef;
use futures::future::join_all;

use super::report::Notes;
use crate::settings::{Queue, Settings};

/// More than a pass of the server leaves.
const WAITING_MANY: u64 = 1_000;

pub(super) async fn examine(cloud: &Cloud, settings: &Settings) -> Notes {
    let mut notes = Notes::default();
    if settings.queues.is_empty() {
        notes.check("queue", "queues of events").note(
            format!(
                "There are none, so recovery points are found at the next pass, up to {} s later",
                settings.reconcile_every.as_secs()
            ),
            "Name the queue of the stack infra/cloudformation/source.yaml as [[workflow.queues]].",
        );
    }
    let found = join_all(settings.queues.iter().map(|queue| one(cloud, queue))).await;
    Notes::joined([vec![notes], found].concat())
}

async fn one(cloud: &Cloud, settings: &Queue) -> Notes {
    let mut notes = Notes::default();
    let name = &settings.url_or_name;
    let subject = format!("queue {name} ({})", settings.region);
    let check = notes.check("queue", &subject);
    let queue = match cloud.queue(&settings.region, &settings.account, name).await {
        Ok(queue) => queue,
        Err(error) => {
            check.call_failed(
                &error,
                "sqs:GetQueueUrl",
                "Make it by the stack infra/cloudformation/source.yaml, or correct its name in data-restore.toml.",
            );
            return notes;
        }
    };
    let attributes = match cloud.queue_attributes(&queue).await {
        Ok(attributes) => attributes,
        Err(error) if error.is_not_found() => {
            check.error(error.to_string(), "Correct its URL in data-restore.toml.");
            return notes;
        }
        Err(error) => {
            check.unseen(&error, "sqs:GetQueueAttributes");
            return notes;
        }
    };
    if attributes.messages > WAITING_MANY {
        check.warning(
            format!(
                "{} events wait in it: no server receives them",
                attributes.messages
            ),
            "Look whether a server runs, and what it logs.",
        );
    }
    let check = notes.check("queue_policy", &subject);
    if !attributes
        .policy
        .as_deref()
        .is_some_and(|policy| policy.contains("events.amazonaws.com"))
    {
        check.error(
            "Its policy does not let EventBridge (events.amazonaws.com) send to it, and EventBridge says nothing",
            "Allow sqs:SendMessage to events.amazonaws.com for the rules' ARNs, as infra/cloudformation/source.yaml does.",
        );
    }
    let check = notes.check("dead_letters", &subject);
    let Some(dead) = attributes.dead_letters else {
        check.warning(
            "It has no queue for dead letters: an event that cannot be dealt with is received again until it expires",
            "Give it a RedrivePolicy, as infra/cloudformation/source.yaml does.",
        );
        return notes;
    };
    let name = dead.rsplit(':').next().unwrap_or(&dead);
    match dead_letters(cloud, &queue, name).await {
        Ok(0) => {}
        Ok(count) => check.warning(
            format!("{count} events lie in {name}: they were never dealt with, or could not be delivered"),
            "Read them for what they have in common, then purge the queue; the pipeline has found by itself what they told.",
        ),
        Err(error) => check.unseen(&error, "sqs:GetQueueUrl and sqs:GetQueueAttributes on its dead letters"),
    }
    notes
}

async fn dead_letters(cloud: &Cloud, queue: &QueueRef, name: &str) -> Result<u64, aws::Error> {
    let dead = cloud.queue(&queue.region, &queue.account, name).await?;
    Ok(cloud.queue_attributes(&dead).await?.messages)
}
