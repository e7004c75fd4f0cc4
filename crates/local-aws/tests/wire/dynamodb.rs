//! DynamoDB: tables of their Region, and a throttle that answers as DynamoDB does.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{AttributeValue, BillingMode, ProvisionedThroughput, PutRequest, WriteRequest};
use local_aws::LocalAws;

use crate::clients::{IRELAND, cloud, dynamodb, table_by_id};

async fn table(aws: &LocalAws, name: &str, write_units: Option<i64>) -> aws_sdk_dynamodb::Client {
    let client = dynamodb(aws, IRELAND);
    let create = table_by_id(&client, name);
    let create = match write_units {
        None => create.billing_mode(BillingMode::PayPerRequest),
        Some(units) => create.provisioned_throughput(
            ProvisionedThroughput::builder()
                .read_capacity_units(10)
                .write_capacity_units(units)
                .build()
                .unwrap(),
        ),
    };
    create.send().await.unwrap();
    client
}

fn batch(numbers: std::ops::Range<u32>) -> Vec<WriteRequest> {
    numbers
        .map(|number| {
            let item = HashMap::from([
                ("id".to_owned(), AttributeValue::N(number.to_string())),
                ("title".to_owned(), AttributeValue::S(format!("Show {number}"))),
            ]);
            let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        })
        .collect()
}

#[tokio::test]
async fn a_table_is_of_its_account_and_region() {
    let aws = cloud().await;
    let client = table(&aws, "shows", None).await;
    let described = client.describe_table().table_name("shows").send().await.unwrap();
    assert_eq!(
        described.table().unwrap().table_arn(),
        Some("arn:aws:dynamodb:eu-west-1:111122223333:table/shows")
    );
    client
        .batch_write_item()
        .request_items("shows", batch(0..25))
        .send()
        .await
        .unwrap();
    let scanned = client.scan().table_name("shows").send().await.unwrap();
    assert_eq!(scanned.count(), 25);
    let missing = client
        .describe_table()
        .table_name("films")
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        missing.as_service_error().unwrap().code(),
        Some("ResourceNotFoundException")
    );
    let unsupported = client.describe_limits().send().await.unwrap_err();
    assert_eq!(
        unsupported.as_service_error().unwrap().code(),
        Some("UnknownOperationException")
    );
    aws.shutdown().await;
}

#[tokio::test]
async fn a_throttled_table_leaves_items_unprocessed_then_refuses() {
    let aws = cloud().await;
    let client = table(&aws, "slow", Some(10)).await;
    let account = aws.accounts()[0].id.clone();
    client
        .batch_write_item()
        .request_items("slow", batch(0..25))
        .send()
        .await
        .unwrap();
    aws.dynamodb().set_throttle(&account, IRELAND, "slow", Some(true));
    let partly = client
        .batch_write_item()
        .request_items("slow", batch(100..125))
        .send()
        .await
        .unwrap();
    let unprocessed = partly.unprocessed_items().unwrap()["slow"].len();
    assert!((10..=15).contains(&unprocessed), "{unprocessed}");
    let refused = client
        .batch_write_item()
        .request_items("slow", batch(200..225))
        .send()
        .await;
    // A tenth of a second gives one more unit, so a slow machine may see that pass.
    if let Err(error) = refused {
        let error = error.into_service_error();
        assert_eq!(error.code(), Some("ProvisionedThroughputExceededException"));
        assert!(
            error
                .message()
                .unwrap()
                .contains("configured provisioned throughput")
        );
    }
    let mut codes = Vec::new();
    for number in 300..320 {
        let put = client
            .put_item()
            .table_name("slow")
            .item("id", AttributeValue::N(number.to_string()))
            .send()
            .await;
        codes.extend(
            put.err()
                .and_then(|error| error.into_service_error().code().map(str::to_owned)),
        );
    }
    assert!(
        codes
            .iter()
            .any(|code| code == "ProvisionedThroughputExceededException"),
        "{codes:?}"
    );

    // Reads are charged by what they cost, and the answer isn't changed by asking.
    let read = client.scan().table_name("slow").send().await.unwrap();
    assert!(read.consumed_capacity().is_none());
    aws.dynamodb().set_throttle(&account, IRELAND, "slow", None);
    let all = client
        .batch_write_item()
        .request_items("slow", batch(400..425))
        .send()
        .await
        .unwrap();
    assert!(all.unprocessed_items().is_none_or(HashMap::is_empty));
    aws.shutdown().await;
}

/// `cargo nextest run -p local-aws --run-ignored only`: 100,000 items, 25 a batch, 16 batches in flight.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a test"]
async fn items_per_second() {
    let folder = tempfile::tempdir().unwrap();
    for data_dir in [None, Some(folder.path().to_owned())] {
        let place = if data_dir.is_some() { "file" } else { "memory" };
        let aws = LocalAws::start(local_aws::Options {
            data_dir,
            ..Default::default()
        })
        .await
        .unwrap();
        let client = table(&aws, "shows", None).await;
        let started = std::time::Instant::now();
        let next = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let writers = (0..16).map(|_| {
            let (client, next) = (client.clone(), std::sync::Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let at = next.fetch_add(25, std::sync::atomic::Ordering::Relaxed);
                    if at >= 100_000 {
                        return;
                    }
                    client
                        .batch_write_item()
                        .request_items("shows", batch(at..at + 25))
                        .send()
                        .await
                        .unwrap();
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let seconds = started.elapsed().as_secs_f64();
        println!("{place}: {:.0} items/s", 100_000.0 / seconds);
        aws.shutdown().await;
    }
}
