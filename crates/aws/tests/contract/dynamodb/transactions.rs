//! Writes that take place together or not at all.

use aws::ErrorKind;
use aws::dynamodb::{Condition, Value, Write};

use super::{id, key, pk_and_sk, table};
use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        all_writes_take_place_or_none,
        a_check_only_looks,
        two_writes_of_one_item_are_refused,
        a_write_that_is_invalid_is_no_precondition,
    ]
}

fn put(sk: &str, condition: Option<Condition>) -> Write {
    Write::Put {
        item: key("pair", sk),
        condition,
    }
}

async fn all_writes_take_place_or_none(at: &Place) {
    let table = table(at, "all", &pk_and_sk()).await;
    let both = vec![put("a", Some(Condition::absent("pk"))), put("b", None)];
    at.cloud.transact_write(&table, both.clone()).await.unwrap();
    let there = Condition::Exists("pk".into());
    at.cloud
        .delete_item(&table, key("pair", "b"), Some(there.clone()))
        .await
        .unwrap();
    let refused = at.cloud.transact_write(&table, both).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Precondition, "{refused}");
    assert_eq!(at.cloud.get_item(&table, key("pair", "b")).await.unwrap(), None);
    let delete = Write::Delete {
        key: key("pair", "a"),
        condition: Some(there),
    };
    at.cloud
        .transact_write(&table, vec![delete, put("c", None)])
        .await
        .unwrap();
    assert_eq!(at.cloud.get_item(&table, key("pair", "a")).await.unwrap(), None);
    assert!(
        at.cloud
            .get_item(&table, key("pair", "c"))
            .await
            .unwrap()
            .is_some()
    );
}

async fn a_check_only_looks(at: &Place) {
    let table = table(at, "check", &pk_and_sk()).await;
    let leased = key("lease", "x").with("owner", Value::string("me"));
    at.cloud.put_item(&table, leased.clone(), None).await.unwrap();
    let check = |owner: &str| Write::Check {
        key: key("lease", "x"),
        condition: Condition::equals("owner", Value::string(owner)),
    };
    at.cloud
        .transact_write(&table, vec![check("me"), put("a", None)])
        .await
        .unwrap();
    let refused = at
        .cloud
        .transact_write(&table, vec![check("you"), put("b", None)])
        .await
        .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Precondition, "{refused}");
    assert_eq!(at.cloud.get_item(&table, key("pair", "b")).await.unwrap(), None);
    assert_eq!(
        at.cloud.get_item(&table, key("lease", "x")).await.unwrap(),
        Some(leased)
    );
}

async fn two_writes_of_one_item_are_refused(at: &Place) {
    let table = table(at, "twice", &pk_and_sk()).await;
    let twice = vec![put("a", None), put("a", None)];
    let refused = at.cloud.transact_write(&table, twice).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Invalid, "{refused}");
}

async fn a_write_that_is_invalid_is_no_precondition(at: &Place) {
    let table = table(at, "invalid", &pk_and_sk()).await;
    let invalid = Write::Put {
        item: id(1),
        condition: None,
    };
    let refused = at.cloud.transact_write(&table, vec![invalid]).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Invalid, "{refused}");
}
