//! Tables: made, described, deleted, and what is answered where there is none.

use std::sync::Arc;
use std::time::Duration;

use aws::ErrorKind;
use aws::dynamodb::{
    AttributeName, PutBatchBuilder, Query, Scan, SinglePutBuilder, TableDefinition, TableRef, TableStatus,
    Update, Value, Write,
};
use recovery::plan::Capacity;

use super::{by_id, id, pk_and_sk, table};
use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        a_table_is_described_as_it_was_made,
        provisioned_capacity_is_described,
        a_table_is_made_once,
        an_absent_table_is_not_found,
        a_table_of_one_region_is_not_in_another,
        a_deleted_table_is_gone_and_a_new_one_is_another,
    ]
}

async fn a_table_is_described_as_it_was_made(at: &Place) {
    let table = table(at, "made", &pk_and_sk()).await;
    let found = at.cloud.describe_table(&table).await.unwrap();
    assert_eq!(found.status, TableStatus::Active);
    assert_eq!(
        (found.partition, found.sort),
        (pk_and_sk().partition, pk_and_sk().sort)
    );
    assert_eq!((found.capacity, found.item_count), (Capacity::OnDemand, 0));
    assert!(found.table_id.is_some() && found.created_at.is_some());
    assert!(at.cloud.is_table_empty(&table).await.unwrap());
}

async fn provisioned_capacity_is_described(at: &Place) {
    let capacity = Capacity::Provisioned {
        read_units: 5,
        write_units: 7,
    };
    let table = table(at, "provisioned", &TableDefinition { capacity, ..by_id() }).await;
    let found = at.cloud.describe_table(&table).await.unwrap();
    assert_eq!(
        (found.capacity, found.partition, found.sort),
        (capacity, by_id().partition, None)
    );
}

async fn a_table_is_made_once(at: &Place) {
    let table = table(at, "once", &by_id()).await;
    let error = at.cloud.create_table(&table, &by_id()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AlreadyExists, "{error}");
}

async fn an_absent_table_is_not_found(at: &Place) {
    let (cloud, none) = (&at.cloud, at.no_table("none"));
    let shared = Arc::new(none.clone());
    let name = AttributeName::new("id");
    let mut batch = PutBatchBuilder::new(Arc::clone(&shared));
    batch
        .put(|item| {
            item.number(&name, "1");
            Ok::<_, ()>(())
        })
        .unwrap();
    let single = SinglePutBuilder::replacing(shared).put(|item| {
        item.number(&name, "1");
        Ok::<_, ()>(())
    });
    let put = Write::Put {
        item: id(1),
        condition: None,
    };
    let update = Update::default().set("a", Value::Null);
    let query = Query::partition("id", Value::number(1));
    let answers = [
        ("DescribeTable", cloud.describe_table(&none).await.map(drop)),
        ("GetItem", cloud.get_item(&none, id(1)).await.map(drop)),
        ("PutItem", cloud.put_item(&none, id(1), None).await),
        (
            "PutItem, by its JSON",
            cloud.put_single(&single.unwrap()).await.map(drop),
        ),
        (
            "UpdateItem",
            cloud.update_item(&none, id(1), update).await.map(drop),
        ),
        ("DeleteItem", cloud.delete_item(&none, id(1), None).await),
        ("BatchGetItem", cloud.batch_get(&none, &[id(1)]).await.map(drop)),
        (
            "BatchWriteItem",
            cloud.batch_write(&batch.take().unwrap()).await.map(drop),
        ),
        ("TransactWriteItems", cloud.transact_write(&none, vec![put]).await),
        ("Query", cloud.query(&none, query).await.map(drop)),
        (
            "Scan",
            cloud.scan_segment(&none, &Scan::default()).await.map(drop),
        ),
        ("DeleteTable", cloud.delete_table(&none).await),
    ];
    for (call, answer) in answers {
        let error = answer.expect_err(call);
        assert_eq!(error.kind, ErrorKind::NotFound, "{call}: {error}");
    }
}

async fn a_table_of_one_region_is_not_in_another(at: &Place) {
    let west = table(at, "west", &by_id()).await;
    at.cloud.put_item(&west, id(1), None).await.unwrap();
    let east = TableRef {
        region: at.home.clone(),
        ..west
    };
    let error = at.cloud.get_item(&east, id(1)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
}

async fn a_deleted_table_is_gone_and_a_new_one_is_another(at: &Place) {
    let table = table(at, "again", &by_id()).await;
    at.cloud.put_item(&table, id(1), None).await.unwrap();
    let first = at.cloud.describe_table(&table).await.unwrap().identity();
    at.cloud.delete_table(&table).await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        match at.cloud.describe_table(&table).await {
            Ok(found) => assert_eq!(found.status, TableStatus::Deleting),
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
                break;
            }
        }
        assert!(tokio::time::Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    at.cloud.create_table(&table, &by_id()).await.unwrap();
    let second = at
        .cloud
        .wait_active(&table, Duration::from_secs(30))
        .await
        .unwrap();
    assert_ne!(second.identity(), first);
    assert!(at.cloud.is_table_empty(&table).await.unwrap());
}
