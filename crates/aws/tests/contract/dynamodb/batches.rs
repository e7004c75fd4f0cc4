//! Batches of puts, by the express lane and by the SDK's whole way.

use std::sync::Arc;

use aws::Cloud;
use aws::ErrorKind;
use aws::dynamodb::{AttributeName, BATCH_ITEMS_MAX, PutBatch, PutBatchBuilder, Scan, TableRef, ValueRef};

use super::{by_id, table};
use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        batches_arrive_as_they_were_sent, batches_arrive_by_the_sdks_whole_way,
        a_batch_with_a_key_twice_is_refused,
    ]
}

const TEXT: &str = "\u{1}\\Łódź🎬\"";

/// Batches of `count` items of about a kilobyte.
fn batches(table: &Arc<TableRef>, count: usize) -> Vec<PutBatch> {
    let (id, text) = (AttributeName::new("id"), AttributeName::new("te\"xt"));
    let mut builder = PutBatchBuilder::new(Arc::clone(table));
    let mut batches = Vec::new();
    for number in 0..count {
        let put = builder.put(|item| {
            item.number(&id, &number.to_string());
            item.string(&text, &TEXT.repeat(60));
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

async fn check(at: &Place, cloud: &Cloud) {
    let table = Arc::new(table(at, "batches", &by_id()).await);
    // The second batch and those behind it may take the lane.
    let sent = batches(&table, 3 * BATCH_ITEMS_MAX);
    assert_eq!(sent.len(), 3);
    for batch in &sent {
        assert!(cloud.batch_write(batch).await.unwrap().unprocessed.is_none());
    }
    let page = cloud.scan_segment(&table, &Scan::default()).await.unwrap();
    assert_eq!(page.items.len(), 3 * BATCH_ITEMS_MAX);
    let expected = TEXT.repeat(60);
    let is_as_sent = |held: Option<ValueRef<'_>>| held == Some(ValueRef::S(&expected));
    assert!(page.items.iter().all(|item| is_as_sent(item.get("te\"xt"))));
    // A table that is not there is told as such, and spoils no other's batches.
    let none = Arc::new(at.no_table("none"));
    let error = cloud.batch_write(&batches(&none, 1)[0]).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
    assert!(cloud.batch_write(&sent[0]).await.unwrap().unprocessed.is_none());
}

async fn batches_arrive_as_they_were_sent(at: &Place) {
    check(at, &at.cloud).await;
}

async fn batches_arrive_by_the_sdks_whole_way(at: &Place) {
    check(at, &at.without_express_lane().await).await;
}

async fn a_batch_with_a_key_twice_is_refused(at: &Place) {
    let table = Arc::new(table(at, "twice", &by_id()).await);
    let id = AttributeName::new("id");
    let mut builder = PutBatchBuilder::new(table);
    for _ in 0..2 {
        builder
            .put(|item| {
                item.number(&id, "1");
                Ok::<_, ()>(())
            })
            .unwrap();
    }
    let error = at.cloud.batch_write(&builder.take().unwrap()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid, "{error}");
}
