//! Candidate keys: those that every row allows, and which rows speak against the others.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use recovery::table::{KeyCandidate, KeyFault, RefusedKey};
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, parquet};
use crate::world::{World, copy};

fn column(name: &'static str, values: impl IntoIterator<Item = Option<i32>>) -> (&'static str, ArrayRef) {
    (name, Arc::new(values.into_iter().collect::<Int32Array>()))
}

fn text(name: &'static str, values: impl IntoIterator<Item = String>) -> (&'static str, ArrayRef) {
    (
        name,
        Arc::new(values.into_iter().map(Some).collect::<StringArray>()),
    )
}

/// Proves the candidates of a table of these columns; `likely` are those that an inspection tells.
async fn check(
    name: &'static str,
    columns: Vec<(&'static str, ArrayRef)>,
    likely: &[&str],
    proven: &[&str],
    refused: &[(&str, KeyFault, Option<u64>, &str)],
) {
    let world = World::start().await;
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let table = Table {
        name,
        types: batch
            .schema()
            .fields()
            .iter()
            .map(|field| serde_json::json!({"columnName": field.name(), "originalType": "varchar(3000)"}))
            .collect(),
        files: vec![parquet(&batch.slice(0, 60), 7), parquet(&batch.slice(60, 40), 7)],
        batches: false,
    };
    lay(&world, "x", &[table]).await;
    let inspection = restore::inspect(&world.cloud, &copy("x")).await.unwrap();
    let table = &inspection.tables[0];
    let names: Vec<_> = table.likely_keys().iter().map(KeyCandidate::columns).collect();
    assert_eq!(names, likely);
    let proof = restore::prove_candidates(&world.cloud, &inspection.copy, table, &CancellationToken::new())
        .await
        .unwrap();
    assert!(proof.proven.iter().all(|key| key.proven));
    let names: Vec<_> = proof.proven.iter().map(KeyCandidate::columns).collect();
    assert_eq!(names, proven, "{:#?}", proof.refused);
    let faults: Vec<_> = proof
        .refused
        .iter()
        .map(|key: &RefusedKey| {
            let example = key.examples.first();
            let text = example.map_or_else(String::new, |example| {
                let places: Vec<u64> = example.places.iter().map(|place| place.row).collect();
                format!("{} {places:?}", example.values_text())
            });
            (key.columns(), key.fault, key.rows, text)
        })
        .collect();
    let expected: Vec<_> = refused
        .iter()
        .map(|(columns, fault, rows, example)| ((*columns).to_owned(), *fault, *rows, (*example).to_owned()))
        .collect();
    assert_eq!(faults, expected);
}

#[tokio::test]
async fn one_column_is_proven_and_the_first_fault_of_another_is_told() {
    let gap = |n| (n != 70).then_some(n);
    check(
        "shop.orders",
        vec![
            column("id", (0..100).map(Some)),
            text(
                "order_code",
                (0..100).map(|n| if n == 65 { String::new() } else { format!("c{n}") }),
            ),
            text(
                "other_id",
                (0..100).map(|n| "k".repeat(if n == 3 { 2_049 } else { n })),
            ),
            column("parent_id", (0..100).map(gap)),
        ],
        // A column that the footers show to be NULL somewhere is no candidate at all.
        &["id", "order_code", "other_id"],
        &["id"],
        &[
            ("order_code", KeyFault::Empty, None, " [6]"),
            ("other_id", KeyFault::Empty, None, " [1]"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_pair_is_proven_where_no_column_is_a_key() {
    check(
        "shop.film_actor",
        vec![
            column("actor_id", (0..100).map(|n| Some(n / 10))),
            column("film_id", (0..100).map(|n| Some(n % 10))),
        ],
        // A hundred rows cannot differ in ten values, so neither column alone is a candidate.
        &["actor_id,film_id"],
        &["actor_id,film_id"],
        &[],
    )
    .await;
}

#[tokio::test]
async fn where_nothing_is_a_key_the_first_duplicates_are_shown_masked() {
    let codes = |n: i32| format!("code-{:04}", if n == 99 { 12 } else { n });
    let numbers = |n: i32| Some(if n == 99 { 12_000 } else { n * 1_000 });
    check(
        "shop.things",
        vec![
            text("thing_code", (0..100).map(codes)),
            column("amount", (0..100).map(numbers)),
        ],
        &["thing_code"],
        &[],
        &[
            (
                "thing_code",
                KeyFault::Duplicate,
                Some(1),
                "thing_code=c•••-•••2 (S, 9 bytes) [13, 40]",
            ),
            (
                "thing_code,amount",
                KeyFault::Duplicate,
                Some(1),
                "thing_code=c•••-•••2 (S, 9 bytes), amount=••••• (N, 5 bytes) [13, 40]",
            ),
        ],
    )
    .await;
}
