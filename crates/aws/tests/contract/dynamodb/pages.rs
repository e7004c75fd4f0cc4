//! Many items: partitions, segments, pages.

use std::collections::BTreeSet;

use aws::ErrorKind;
use aws::dynamodb::{BATCH_KEYS_MAX, Condition, Item, Query, Scan, SortKey, Value};

use super::{by_id, id, key, pk_and_sk, table};
use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        a_partition_is_read_in_the_order_of_its_sort_keys,
        a_filter_is_asked_after_the_limit_is_counted,
        a_page_ends_at_a_megabyte,
        segments_hold_every_item_once,
        items_are_read_by_their_keys,
        a_key_asked_for_twice_is_refused,
    ]
}

fn numbers(items: &[Item]) -> Vec<i64> {
    items.iter().filter_map(|item| item.integer("number")).collect()
}

async fn a_partition_is_read_in_the_order_of_its_sort_keys(at: &Place) {
    let table = table(at, "partition", &pk_and_sk()).await;
    for number in 0..25 {
        let item = key("runs", &format!("r#{number:02}")).with("number", Value::number(number));
        at.cloud.put_item(&table, item, None).await.unwrap();
    }
    at.cloud
        .put_item(&table, key("others", "r#00"), None)
        .await
        .unwrap();
    let newest = Query::partition("pk", Value::string("runs")).backward().limit(2);
    let page = at.cloud.query(&table, newest.clone()).await.unwrap();
    assert_eq!(numbers(&page.items), [24, 23]);
    let page = at
        .cloud
        .query(&table, newest.start_after(page.next))
        .await
        .unwrap();
    assert_eq!(numbers(&page.items), [22, 21]);
    let ranges = [
        (
            SortKey::BeginsWith(Value::string("r#1")),
            (10..20).collect::<Vec<_>>(),
        ),
        (
            SortKey::Between(Value::string("r#03"), Value::string("r#05")),
            vec![3, 4, 5],
        ),
        (SortKey::AtMost(Value::string("r#01")), vec![0, 1]),
        (SortKey::AtLeast(Value::string("r#23")), vec![23, 24]),
        (SortKey::BeginsWith(Value::string("x")), vec![]),
    ];
    for (range, expected) in ranges {
        let query = Query::partition("pk", Value::string("runs")).sort("sk", range.clone());
        let page = at.cloud.query(&table, query).await.unwrap();
        assert_eq!((numbers(&page.items), page.next), (expected, None), "{range:?}");
    }
}

async fn a_filter_is_asked_after_the_limit_is_counted(at: &Place) {
    let table = table(at, "filter", &pk_and_sk()).await;
    for number in 0..4 {
        let item = key("a", &number.to_string()).with("number", Value::number(number));
        at.cloud.put_item(&table, item, None).await.unwrap();
    }
    let mut query = Query::partition("pk", Value::string("a")).limit(2);
    query.filter = Some(Condition::GreaterThan("number".into(), Value::number(2)));
    let page = at.cloud.query(&table, query.clone()).await.unwrap();
    assert!(page.items.is_empty());
    assert!(page.next.is_some(), "an empty page may have a next one");
    let page = at
        .cloud
        .query(&table, query.start_after(page.next))
        .await
        .unwrap();
    assert_eq!(numbers(&page.items), [3]);
}

async fn a_page_ends_at_a_megabyte(at: &Place) {
    let table = table(at, "megabyte", &pk_and_sk()).await;
    for number in 0..8 {
        let item = key("a", &number.to_string())
            .with("number", Value::number(number))
            .with("text", Value::S("x".repeat(200_000)));
        at.cloud.put_item(&table, item, None).await.unwrap();
    }
    let mut query = Query::partition("pk", Value::string("a"));
    let mut found = Vec::new();
    let mut pages = 0;
    loop {
        let page = at.cloud.query(&table, query.clone()).await.unwrap();
        pages += 1;
        found.extend(numbers(&page.items));
        match page.next {
            None => break,
            next => query = query.start_after(next),
        }
    }
    assert_eq!(found, (0..8).collect::<Vec<_>>());
    assert!(pages > 1, "1.6 MB are more than a page");
}

async fn segments_hold_every_item_once(at: &Place) {
    let table = table(at, "segments", &by_id()).await;
    for number in 0..40 {
        at.cloud.put_item(&table, id(number), None).await.unwrap();
    }
    let mut found = Vec::new();
    for segment in 0..4 {
        let mut scan = Scan {
            segment: Some((segment, 4)),
            limit: Some(3),
            start_after: None,
        };
        loop {
            let page = at.cloud.scan_segment(&table, &scan).await.unwrap();
            assert!(page.items.len() <= 3);
            found.extend(page.items.iter().filter_map(|item| item.integer("id")));
            match page.next {
                None => break,
                next => scan.start_after = next,
            }
        }
    }
    found.sort_unstable();
    assert_eq!(found, (0..40).collect::<Vec<_>>());
}

async fn items_are_read_by_their_keys(at: &Place) {
    let table = table(at, "keys", &by_id()).await;
    for number in 0..BATCH_KEYS_MAX / 2 {
        at.cloud
            .put_item(&table, id(i64::try_from(number).unwrap()), None)
            .await
            .unwrap();
    }
    let keys: Vec<Item> = (0..BATCH_KEYS_MAX)
        .map(|number| id(i64::try_from(number).unwrap()))
        .collect();
    let read = at.cloud.batch_get(&table, &keys).await.unwrap();
    let found: BTreeSet<_> = read.items.iter().filter_map(|item| item.integer("id")).collect();
    assert_eq!(found, (0..50).collect());
    assert_eq!(read.left, []);
}

async fn a_key_asked_for_twice_is_refused(at: &Place) {
    let table = table(at, "twice", &by_id()).await;
    let error = at.cloud.batch_get(&table, &[id(1), id(1)]).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid, "{error}");
}
