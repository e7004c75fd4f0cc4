//! What is promised of SQS.

use std::time::{Duration, Instant};

use aws::ErrorKind;
use aws::sqs::{Message, QueueRef};
use aws_sdk_sqs::types::QueueAttributeName;

use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        a_queue_is_found_by_its_name,
        an_absent_queue_is_not_found,
        messages_are_received_as_they_were_sent_and_deleted_for_good,
        a_message_that_is_not_deleted_comes_again,
        more_messages_than_a_batch_holds_are_deleted,
        a_receipt_that_is_none_does_no_harm,
        an_empty_queue_is_waited_for_no_longer_than_asked,
        a_queue_tells_its_dead_letters_and_its_policy,
    ]
}

/// A queue whose messages come again after `again` seconds.
async fn queue(at: &Place, what: &str, again: u32) -> (aws_sdk_sqs::Client, QueueRef) {
    let sqs = aws_sdk_sqs::Client::new(&at.sdk(&at.away).await);
    let name = at.name(what);
    sqs.create_queue()
        .queue_name(&name)
        .attributes(QueueAttributeName::VisibilityTimeout, again.to_string())
        .send()
        .await
        .unwrap();
    let queue = at.cloud.queue(&at.away, &at.account, &name).await.unwrap();
    (sqs, queue)
}

async fn send(sqs: &aws_sdk_sqs::Client, queue: &QueueRef, body: &str) {
    sqs.send_message()
        .queue_url(&queue.url)
        .message_body(body)
        .send()
        .await
        .unwrap();
}

/// Receives until `count` messages have come, each once.
async fn received(at: &Place, queue: &QueueRef, count: usize) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    for _ in 0..20 {
        for message in at
            .cloud
            .receive_messages(queue, Duration::from_secs(1))
            .await
            .unwrap()
        {
            assert!(
                messages.iter().all(|other| other.id != message.id),
                "it came twice"
            );
            messages.push(message);
        }
        if messages.len() >= count {
            break;
        }
    }
    assert_eq!(messages.len(), count);
    messages
}

async fn a_queue_is_found_by_its_name(at: &Place) {
    let (_, queue) = queue(at, "found", 30).await;
    assert!(queue.url.ends_with(&at.name("found")), "{}", queue.url);
    let by_url = at.cloud.queue(&at.away, &at.account, &queue.url).await.unwrap();
    assert_eq!(by_url, queue);
}

async fn an_absent_queue_is_not_found(at: &Place) {
    let (_, there) = queue(at, "there", 30).await;
    let none = QueueRef {
        url: format!("{}-none", there.url),
        ..there
    };
    let message = Message {
        id: String::new(),
        receipt: "none".into(),
        body: String::new(),
    };
    let answers = [
        (
            "GetQueueUrl",
            at.cloud
                .queue(&at.away, &at.account, &at.name("none"))
                .await
                .map(drop),
        ),
        (
            "ReceiveMessage",
            at.cloud.receive_messages(&none, Duration::ZERO).await.map(drop),
        ),
        (
            "DeleteMessageBatch",
            at.cloud.delete_messages(&none, &[message]).await,
        ),
        (
            "GetQueueAttributes",
            at.cloud.queue_attributes(&none).await.map(drop),
        ),
    ];
    for (call, answer) in answers {
        let error = answer.expect_err(call);
        assert_eq!(error.kind, ErrorKind::NotFound, "{call}: {error}");
    }
}

async fn messages_are_received_as_they_were_sent_and_deleted_for_good(at: &Place) {
    let (sqs, queue) = queue(at, "sent", 1).await;
    let body = r#"{"detail-type":"Backup Job State Change","detail":{"x":"Größe 🎬 <&>\n\" "}}"#;
    send(&sqs, &queue, body).await;
    assert_eq!(at.cloud.queue_attributes(&queue).await.unwrap().messages, 1);
    let messages = received(at, &queue, 1).await;
    assert_eq!(messages[0].body, body);
    at.cloud.delete_messages(&queue, &messages).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(
        at.cloud.receive_messages(&queue, Duration::ZERO).await.unwrap(),
        []
    );
}

async fn a_message_that_is_not_deleted_comes_again(at: &Place) {
    let (sqs, queue) = queue(at, "again", 1).await;
    send(&sqs, &queue, "body").await;
    let first = received(at, &queue, 1).await;
    let again = received(at, &queue, 1).await;
    assert_eq!((&first[0].id, &first[0].body), (&again[0].id, &again[0].body));
}

async fn more_messages_than_a_batch_holds_are_deleted(at: &Place) {
    let (sqs, queue) = queue(at, "batch", 60).await;
    for number in 0..25 {
        send(&sqs, &queue, &number.to_string()).await;
    }
    let messages = received(at, &queue, 25).await;
    at.cloud.delete_messages(&queue, &messages).await.unwrap();
    let left = sqs
        .get_queue_attributes()
        .queue_url(&queue.url)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
        .send()
        .await
        .unwrap();
    let left = left.attributes.unwrap()[&QueueAttributeName::ApproximateNumberOfMessagesNotVisible].clone();
    assert_eq!(left, "0");
}

async fn a_receipt_that_is_none_does_no_harm(at: &Place) {
    let (sqs, queue) = queue(at, "receipt", 60).await;
    send(&sqs, &queue, "body").await;
    let mut messages = received(at, &queue, 1).await;
    let none = Message {
        id: "none".into(),
        receipt: "none".into(),
        body: String::new(),
    };
    messages.insert(0, none);
    at.cloud.delete_messages(&queue, &messages).await.unwrap();
}

async fn an_empty_queue_is_waited_for_no_longer_than_asked(at: &Place) {
    let (_, queue) = queue(at, "empty", 30).await;
    let begun = Instant::now();
    let found = at
        .cloud
        .receive_messages(&queue, Duration::from_secs(1))
        .await
        .unwrap();
    assert_eq!(found, []);
    assert!(
        begun.elapsed() >= Duration::from_millis(900),
        "{:?}",
        begun.elapsed()
    );
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

async fn a_queue_tells_its_dead_letters_and_its_policy(at: &Place) {
    let (sqs, dead) = queue(at, "dead", 30).await;
    let (_, queue) = queue(at, "alive", 30).await;
    let found = at.cloud.queue_attributes(&queue).await.unwrap();
    assert_eq!(
        (found.messages, found.dead_letters, found.policy),
        (0, None, None)
    );
    let dead = format!(
        "arn:aws:sqs:{}:{}:{}",
        at.away,
        at.account,
        dead.url.rsplit('/').next().unwrap()
    );
    let alive = format!("arn:aws:sqs:{}:{}:{}", at.away, at.account, at.name("alive"));
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"events.amazonaws.com"}},"Action":"sqs:SendMessage","Resource":"{alive}"}}]}}"#
    );
    let redrive = format!(r#"{{"deadLetterTargetArn":"{dead}","maxReceiveCount":"5"}}"#);
    sqs.set_queue_attributes()
        .queue_url(&queue.url)
        .attributes(QueueAttributeName::RedrivePolicy, redrive)
        .attributes(QueueAttributeName::Policy, &policy)
        .send()
        .await
        .unwrap();
    let found = at.cloud.queue_attributes(&queue).await.unwrap();
    assert_eq!(found.dead_letters, Some(dead));
    let found: serde_json::Value = serde_json::from_str(&found.policy.unwrap()).unwrap();
    let set: serde_json::Value = serde_json::from_str(&policy).unwrap();
    assert_eq!(found["Statement"], set["Statement"]);
}
