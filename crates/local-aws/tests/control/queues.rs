//! SQS and STS.

use std::time::{Duration, Instant};

use aws_sdk_sqs::types::{
    MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry,
};
use jiff::SignedDuration;

use crate::clients::{HOME, account, cloud, code, config, sqs};

#[tokio::test]
async fn a_message_is_received_hidden_received_again_and_deleted() {
    let aws = cloud().await;
    let client = sqs(&aws);
    let created = client.create_queue().queue_name("work").send().await.unwrap();
    let url = created.queue_url().unwrap();
    assert_eq!(url, format!("{}/{}/work", aws.endpoint(), account(&aws)));
    let attribute = MessageAttributeValue::builder()
        .data_type("String")
        .string_value("v")
        .build()
        .unwrap();
    let sent = client
        .send_message()
        .queue_url(url)
        .message_body("hello")
        .message_attributes("k", attribute)
        .send()
        .await
        .unwrap();
    assert_eq!(
        sent.md5_of_message_body(),
        Some("5d41402abc4b2a76b9719d911017c592")
    );

    let receive = || {
        client
            .receive_message()
            .queue_url(url)
            .visibility_timeout(60)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
    };
    let first = receive().send().await.unwrap();
    let message = &first.messages()[0];
    assert_eq!(message.body(), Some("hello"));
    assert_eq!(
        message.message_attributes().unwrap()["k"].string_value(),
        Some("v")
    );
    assert!(receive().send().await.unwrap().messages().is_empty());
    aws.clock().advance(SignedDuration::from_mins(1));
    let second = receive().send().await.unwrap();
    let message = &second.messages()[0];
    let count = &message.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount];
    assert_eq!(count, "2");
    let receipt = message.receipt_handle().unwrap();
    client
        .change_message_visibility()
        .queue_url(url)
        .receipt_handle(receipt)
        .visibility_timeout(0)
        .send()
        .await
        .unwrap();
    let third = receive().send().await.unwrap();
    let receipt = third.messages()[0].receipt_handle().unwrap();
    client
        .delete_message()
        .queue_url(url)
        .receipt_handle(receipt)
        .send()
        .await
        .unwrap();
    aws.clock().advance(SignedDuration::from_secs(61));
    assert!(receive().send().await.unwrap().messages().is_empty());
    assert_eq!(
        code(
            client
                .delete_message()
                .queue_url(url)
                .receipt_handle("bogus")
                .send()
                .await
        ),
        "ReceiptHandleIsInvalid"
    );
    let gone = client
        .get_queue_url()
        .queue_name("none")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(gone.is_queue_does_not_exist(), "{gone:?}");
    aws.shutdown().await;
}

#[tokio::test]
async fn a_long_poll_ends_when_a_message_arrives() {
    let aws = cloud().await;
    let client = sqs(&aws);
    let url = client
        .create_queue()
        .queue_name("poll")
        .send()
        .await
        .unwrap()
        .queue_url()
        .unwrap()
        .to_owned();
    let begun = Instant::now();
    let waiting = client
        .receive_message()
        .queue_url(&url)
        .wait_time_seconds(20)
        .send();
    let sending = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        client
            .send_message()
            .queue_url(&url)
            .message_body("late")
            .send()
            .await
            .unwrap();
    };
    let (received, ()) = tokio::join!(waiting, sending);
    assert_eq!(received.unwrap().messages()[0].body(), Some("late"));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    aws.shutdown().await;
}

#[tokio::test]
async fn what_is_received_too_often_goes_to_the_dead_letter_queue() {
    let aws = cloud().await;
    let client = sqs(&aws);
    client.create_queue().queue_name("dead").send().await.unwrap();
    let policy = format!(
        r#"{{"deadLetterTargetArn":"arn:aws:sqs:{HOME}:{}:dead","maxReceiveCount":2}}"#,
        account(&aws)
    );
    let created = client
        .create_queue()
        .queue_name("work")
        .attributes(QueueAttributeName::RedrivePolicy, policy)
        .send()
        .await
        .unwrap();
    let url = created.queue_url().unwrap();
    let entry = |id: &str, body: &str| {
        SendMessageBatchRequestEntry::builder()
            .id(id)
            .message_body(body)
            .build()
            .unwrap()
    };
    let sent = client
        .send_message_batch()
        .queue_url(url)
        .entries(entry("a", "poison"))
        .entries(entry("b", ""))
        .send()
        .await
        .unwrap();
    assert_eq!((sent.successful().len(), sent.failed().len()), (1, 1));
    for expected in [1, 1, 0] {
        let received = client
            .receive_message()
            .queue_url(url)
            .visibility_timeout(0)
            .send()
            .await
            .unwrap();
        assert_eq!(received.messages().len(), expected);
    }
    let dead = url.replace("/work", "/dead");
    let received = client.receive_message().queue_url(&dead).send().await.unwrap();
    assert_eq!(received.messages()[0].body(), Some("poison"));
    let attributes = client
        .get_queue_attributes()
        .queue_url(&dead)
        .attribute_names(QueueAttributeName::All)
        .send()
        .await
        .unwrap();
    let attributes = attributes.attributes().unwrap();
    assert_eq!(
        attributes[&QueueAttributeName::ApproximateNumberOfMessagesNotVisible],
        "1"
    );
    assert_eq!(attributes[&QueueAttributeName::VisibilityTimeout], "30");
    client.purge_queue().queue_url(&dead).send().await.unwrap();
    aws.shutdown().await;
}

#[tokio::test]
async fn the_caller_is_the_account_whose_key_signed() {
    let aws = cloud().await;
    let identity = aws_sdk_sts::Client::new(&config(&aws, HOME))
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(identity.account(), Some(account(&aws).as_str()));
    aws.shutdown().await;
}
