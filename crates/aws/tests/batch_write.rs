//! BatchWriteItem where it does not go through, by the express lane and by the SDK's whole way: a table that throttles, a key
//! that is refused, an AWS that is gone. What it does where it goes through stands in the contract.

use std::sync::Arc;
use std::time::Duration;

use aws::dynamodb::{
    AttributeName, BATCH_ITEMS_MAX, KeyDefinition, PutBatch, PutBatchBuilder, TableDefinition, TableRef,
};
use aws::{Cloud, CloudConfig, ErrorKind, StaticCredentials};
use local_aws::{LocalAws, Options};
use recovery::plan::Capacity;
use recovery::types::AttributeType;

async fn connect(aws: &LocalAws, secret: &str, without_express_lane: bool) -> Cloud {
    let account = &aws.accounts()[0];
    let id: recovery::ids::AccountId = account.id.parse().unwrap();
    let credentials = StaticCredentials {
        access_key_id: account.access_key_id.clone(),
        secret_access_key: secret.to_owned(),
    };
    Cloud::connect(CloudConfig {
        endpoint_url: Some(aws.endpoint().to_owned()),
        credentials: [(id.clone(), credentials)].into(),
        home_account: Some(id),
        without_express_lane,
        ..CloudConfig::default()
    })
    .await
}

async fn create(cloud: &Cloud, name: &str, capacity: Capacity) -> Arc<TableRef> {
    let table = TableRef::new("us-west-2".parse().unwrap(), name.parse().unwrap());
    let definition = TableDefinition {
        partition: KeyDefinition {
            name: "id".into(),
            attribute_type: AttributeType::N,
        },
        sort: None,
        capacity,
        warm_write_units: None,
    };
    cloud.create_table(&table, &definition).await.unwrap();
    cloud.wait_active(&table, Duration::from_secs(10)).await.unwrap();
    Arc::new(table)
}

/// Batches of `count` items of about a kilobyte.
fn batches(table: &Arc<TableRef>, count: usize) -> Vec<PutBatch> {
    let (id, text) = (AttributeName::new("id"), AttributeName::new("te\"xt"));
    let mut builder = PutBatchBuilder::new(Arc::clone(table));
    let mut batches = Vec::new();
    for number in 0..count {
        let put = builder.put(|item| {
            item.number(&id, &number.to_string());
            item.string(&text, &"\u{1}\\Łódź🎬".repeat(60));
            Ok::<_, ()>(())
        });
        put.unwrap();
        if builder.is_full() {
            batches.extend(builder.take());
        }
    }
    batches.extend(builder.take());
    batches
}

/// What every way of writing a batch has to do.
async fn check(without_express_lane: bool) {
    let aws = LocalAws::start(Options {
        throttle: true,
        ..Options::default()
    })
    .await
    .unwrap();
    let account = &aws.accounts()[0];
    let cloud = connect(&aws, &account.secret_access_key, without_express_lane).await;

    let table = create(&cloud, "shows", Capacity::OnDemand).await;
    let sent = batches(&table, 2 * BATCH_ITEMS_MAX);
    // The second batch may take the lane.
    for batch in &sent {
        assert!(cloud.batch_write(batch).await.unwrap().unprocessed.is_none());
    }

    // More than the table takes: what comes back, sent again, completes it, and nothing is lost or counted twice.
    let slow = create(
        &cloud,
        "slow",
        Capacity::Provisioned {
            read_units: 1_000,
            write_units: 20,
        },
    )
    .await;
    let mut throttled = 0;
    for batch in batches(&slow, 20 * BATCH_ITEMS_MAX) {
        let mut pending = batch;
        loop {
            match cloud.batch_write(&pending).await {
                Ok(answer) => match answer.unprocessed {
                    None => break,
                    Some(left) => {
                        assert!(left.items() <= pending.items() && left.item_bytes() <= pending.item_bytes());
                        throttled += 1;
                        pending = left;
                    }
                },
                Err(error) => {
                    assert_eq!(error.kind, ErrorKind::Throttled, "{error}");
                    throttled += 1;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        if throttled > 3 {
            break;
        }
    }
    assert!(
        throttled > 0,
        "500 KB do not go into 20 write units a second at once"
    );

    // A signature that is wrong is told as such.
    let stranger = connect(&aws, "not the secret", without_express_lane).await;
    let error = stranger.batch_write(&sent[0]).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AccessDenied, "{error}");
    // And the failed call spoils no other.
    assert!(cloud.batch_write(&sent[0]).await.unwrap().unprocessed.is_none());
    aws.shutdown().await;
    let error = cloud.batch_write(&sent[0]).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn batches_by_the_express_lane() {
    check(false).await;
}

#[tokio::test]
async fn batches_by_the_sdks_whole_way() {
    check(true).await;
}
