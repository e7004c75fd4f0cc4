//! Items: their values, and writes under conditions.

use std::sync::Arc;

use aws::ErrorKind;
use aws::dynamodb::{
    AttributeName, Condition, ITEM_BYTES_MAX, Item, SinglePutBuilder, Update, Value, ValueRef,
};

use super::{by_id, id, key, pk_and_sk, table};
use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        values_come_back_as_they_were_put,
        numbers_keep_38_digits,
        numbers_of_more_digits_are_refused,
        an_empty_key_is_refused,
        a_key_of_another_type_is_refused,
        an_item_beyond_400_kb_is_refused,
        a_lease_is_taken_once,
        an_update_counts_sets_and_removes,
        an_update_makes_the_item_that_is_not_there,
        an_item_is_deleted_under_a_condition,
        a_put_for_missing_items_gives_the_one_that_stays,
        a_replacing_put_gives_the_one_that_was_there,
    ]
}

async fn values_come_back_as_they_were_put(at: &Place) {
    let table = table(at, "values", &by_id()).await;
    let item = id(1)
        .with("text", Value::string("Łódź 🎬 \u{1} \"\\"))
        .with("empty", Value::string(""))
        .with("bytes", Value::B(vec![0, 255, 10]))
        .with("no bytes", Value::B(Vec::new()))
        .with("yes", Value::Bool(true))
        .with("nothing", Value::Null)
        .with("größe.1 #x", Value::number(-7));
    at.cloud.put_item(&table, item.clone(), None).await.unwrap();
    assert_eq!(at.cloud.get_item(&table, id(1)).await.unwrap(), Some(item));
    assert_eq!(at.cloud.get_item(&table, id(2)).await.unwrap(), None);
}

async fn numbers_keep_38_digits(at: &Place) {
    let table = table(at, "numbers", &by_id()).await;
    for (number, (put, expected)) in (0..).zip([
        (
            "12345678901234567890123456789012345678", "12345678901234567890123456789012345678",
        ),
        (
            "-0.12345678901234567890123456789012345678",
            "-0.12345678901234567890123456789012345678",
        ),
        ("18446744073709551615", "18446744073709551615"),
        ("1.50", "1.5"),
        ("007", "7"),
    ]) {
        let item = id(number).with("n", Value::N(put.into()));
        at.cloud.put_item(&table, item, None).await.unwrap();
        let found = at.cloud.get_item(&table, id(number)).await.unwrap().unwrap();
        assert_eq!(found.get("n"), Some(ValueRef::N(expected)), "{put}");
    }
    // However far the point is, it is the same number.
    for (number, far) in (100..).zip(["1E-130", "9.9999999999999999999999999999999999999E+125"]) {
        let item = id(number).with("n", Value::N(far.into()));
        at.cloud.put_item(&table, item, None).await.unwrap();
        let held = Condition::equals("n", Value::N(far.into()));
        at.cloud
            .delete_item(&table, id(number), Some(held))
            .await
            .expect(far);
    }
}

async fn numbers_of_more_digits_are_refused(at: &Place) {
    let table = table(at, "digits", &by_id()).await;
    for number in [
        "123456789012345678901234567890123456789",
        "1E-131",
        "1E126",
        "NaN",
        "",
    ] {
        let item = id(1).with("n", Value::N(number.into()));
        let error = at.cloud.put_item(&table, item, None).await.expect_err(number);
        assert_eq!(error.kind, ErrorKind::Invalid, "{number}: {error}");
    }
}

async fn an_empty_key_is_refused(at: &Place) {
    let table = table(at, "keys", &pk_and_sk()).await;
    for (pk, sk) in [("", "a"), ("a", "")] {
        let error = at.cloud.put_item(&table, key(pk, sk), None).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{error}");
    }
    for (pk, sk) in [(2_049, 1), (1, 1_025)] {
        let long = key(&"k".repeat(pk), &"s".repeat(sk));
        let error = at.cloud.put_item(&table, long, None).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{pk} and {sk}: {error}");
    }
    let longest = key(&"k".repeat(2_048), &"s".repeat(1_024));
    at.cloud.put_item(&table, longest, None).await.unwrap();
}

async fn a_key_of_another_type_is_refused(at: &Place) {
    let table = table(at, "types", &by_id()).await;
    let text = Item::default().with("id", Value::string("1"));
    let error = at.cloud.put_item(&table, text.clone(), None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid, "{error}");
    let error = at.cloud.get_item(&table, text).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid, "{error}");
    let none = Item::default().with("other", Value::number(1));
    let error = at.cloud.put_item(&table, none, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid, "{error}");
}

async fn an_item_beyond_400_kb_is_refused(at: &Place) {
    let table = table(at, "large", &by_id()).await;
    // `id` and its number take four bytes, `t` one.
    let item = |bytes: usize| id(1).with("t", Value::S("x".repeat(bytes)));
    at.cloud
        .put_item(&table, item(ITEM_BYTES_MAX - 100), None)
        .await
        .unwrap();
    let error = at
        .cloud
        .put_item(&table, item(ITEM_BYTES_MAX), None)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid, "{error}");
}

async fn a_lease_is_taken_once(at: &Place) {
    let table = table(at, "leases", &pk_and_sk()).await;
    // Taken where nobody has it, or where its time is over.
    let lease = |owner: &str, until: i64| {
        key("lease", "pipeline")
            .with("owner", Value::string(owner))
            .with("until", Value::number(until))
    };
    let free_at = |now: i64| {
        Condition::Any(vec![
            Condition::absent("pk"),
            Condition::LessThan("until".into(), Value::number(now)),
        ])
    };
    at.cloud
        .put_item(&table, lease("a", 100), Some(free_at(0)))
        .await
        .unwrap();
    let held = at
        .cloud
        .put_item(&table, lease("b", 150), Some(free_at(50)))
        .await
        .unwrap_err();
    assert_eq!(held.kind, ErrorKind::Precondition, "{held}");
    at.cloud
        .put_item(&table, lease("b", 250), Some(free_at(101)))
        .await
        .unwrap();
    let read = at
        .cloud
        .get_item(&table, key("lease", "pipeline"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (read.string("owner"), read.integer("until")),
        (Some("b"), Some(250))
    );
}

async fn an_update_counts_sets_and_removes(at: &Place) {
    let table = table(at, "updates", &pk_and_sk()).await;
    let counted = Update::default().add("n", 2).set("name", Value::Null);
    at.cloud
        .update_item(&table, key("sequence", "audit"), counted)
        .await
        .unwrap();
    let next = Update::default()
        .add("n", 1)
        .remove("name")
        .only_if(Condition::equals("n", Value::number(2)));
    let now = at
        .cloud
        .update_item(&table, key("sequence", "audit"), next.clone())
        .await
        .unwrap();
    assert_eq!((now.integer("n"), now.get("name")), (Some(3), None));
    let stale = at
        .cloud
        .update_item(&table, key("sequence", "audit"), next)
        .await
        .unwrap_err();
    assert_eq!(stale.kind, ErrorKind::Precondition, "{stale}");
}

async fn an_update_makes_the_item_that_is_not_there(at: &Place) {
    let table = table(at, "made", &pk_and_sk()).await;
    let only_there = Update::default()
        .set("a", Value::Null)
        .only_if(Condition::Exists("pk".into()));
    let error = at
        .cloud
        .update_item(&table, key("a", "b"), only_there)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Precondition, "{error}");
    let made = at
        .cloud
        .update_item(&table, key("a", "b"), Update::default().add("n", 5))
        .await
        .unwrap();
    assert_eq!(made, key("a", "b").with("n", Value::number(5)));
}

async fn an_item_is_deleted_under_a_condition(at: &Place) {
    let table = table(at, "deleted", &by_id()).await;
    let there = || Some(Condition::Exists("id".into()));
    at.cloud.put_item(&table, id(1), None).await.unwrap();
    at.cloud.delete_item(&table, id(1), there()).await.unwrap();
    let error = at.cloud.delete_item(&table, id(1), there()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Precondition, "{error}");
    at.cloud.delete_item(&table, id(1), None).await.unwrap();
}

async fn a_put_for_missing_items_gives_the_one_that_stays(at: &Place) {
    let table = table(at, "missing", &by_id()).await;
    let builder = SinglePutBuilder::only_missing(Arc::new(table.clone()), "id");
    let names = [AttributeName::new("id"), AttributeName::new("t")];
    let put = |text: &str| {
        let put = builder.put(|item| {
            item.number(&names[0], "1");
            item.string(&names[1], text);
            Ok::<_, ()>(())
        });
        put.unwrap()
    };
    assert_eq!(at.cloud.put_single(&put("first")).await.unwrap(), None);
    let first = id(1).with("t", Value::string("first"));
    assert_eq!(
        at.cloud.put_single(&put("other")).await.unwrap(),
        Some(first.clone())
    );
    assert_eq!(at.cloud.get_item(&table, id(1)).await.unwrap(), Some(first));
}

async fn a_replacing_put_gives_the_one_that_was_there(at: &Place) {
    let table = table(at, "replaced", &by_id()).await;
    let builder = SinglePutBuilder::replacing(Arc::new(table.clone()));
    let names = [AttributeName::new("id"), AttributeName::new("t")];
    let put = |text: &str| {
        let put = builder.put(|item| {
            item.number(&names[0], "1");
            item.string(&names[1], text);
            Ok::<_, ()>(())
        });
        put.unwrap()
    };
    let [first, other] = ["first", "other"].map(|text| id(1).with("t", Value::string(text)));
    assert_eq!(at.cloud.put_single(&put("first")).await.unwrap(), None);
    assert_eq!(at.cloud.put_single(&put("other")).await.unwrap(), Some(first));
    assert_eq!(at.cloud.get_item(&table, id(1)).await.unwrap(), Some(other));
}
