//! What is found before anything is written.

use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, Float64Array, Int32Array, RecordBatch, StringArray};
use recovery::preflight::{Finding, Preflight, Severity};
use restore::PreflightLimits;
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, parquet, shows};
use crate::world::{World, plan, target};

fn finding<'a>(preflight: &'a Preflight, code: &str) -> &'a Finding {
    let found = preflight.findings.iter().find(|finding| finding.code == code);
    found.unwrap_or_else(|| panic!("no {code} in {:#?}", preflight.findings))
}

/// Lays a table of these columns and makes its preflight with hardly any memory for keys.
async fn of(
    world: &World,
    prefix: &str,
    columns: Vec<(&'static str, ArrayRef)>,
    types: &[(&str, &str)],
    key: &str,
) -> Preflight {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let half = batch.num_rows() / 2;
    let table = Table {
        name: "shop.t",
        types: types
            .iter()
            .map(|(name, original)| serde_json::json!({"columnName": name, "originalType": original}))
            .collect(),
        files: vec![
            parquet(&batch.slice(0, half), 7),
            parquet(&batch.slice(half, batch.num_rows() - half), 7),
        ],
        batches: true,
    };
    lay(world, prefix, &[table]).await;
    let plan = plan(world, prefix, &[&format!("shop.t={prefix}:{key}")])
        .await
        .unwrap();
    let limits = PreflightLimits { key_memory: 64 };
    restore::preflight_within(&world.cloud, &plan, limits, &CancellationToken::new())
        .await
        .unwrap()
}

#[tokio::test]
async fn keys_are_counted_exactly_over_all_objects() {
    let world = World::start().await;
    let ids: Vec<Option<i32>> = (0..100)
        .map(Some)
        .chain([Some(3), Some(3), Some(97), None, None])
        .collect();
    let found = of(
        &world,
        "doubled",
        vec![("id", Arc::new(Int32Array::from(ids)))],
        &[("id", "int")],
        "id",
    )
    .await;
    let duplicates = finding(&found, "duplicate_key");
    assert_eq!(
        (duplicates.severity, duplicates.count),
        (Severity::Blocks, Some(3))
    );
    let mut examples = duplicates.examples.clone();
    examples.sort();
    assert_eq!(examples, ["id=3", "id=97"]);
    assert_eq!(finding(&found, "null_key").count, Some(2));
    assert!(found.is_blocked());

    let parts: Vec<i32> = (0..100).collect();
    let pair =
        |name, array: Vec<i32>| -> (&'static str, ArrayRef) { (name, Arc::new(Int32Array::from(array))) };
    let columns = vec![
        pair("a", parts.iter().map(|n| n / 10).collect()),
        pair("b", parts.iter().map(|n| n % 10).collect()),
    ];
    let found = of(&world, "pairs", columns, &[("a", "int"), ("b", "int")], "a,b").await;
    assert!(!found.is_blocked(), "{:#?}", found.findings);
    assert_eq!(
        finding(&found, "key_unique").message,
        "a, b is unique and present in every row."
    );
    assert_eq!(finding(&found, "rows_readable").count, Some(100));
}

#[tokio::test]
async fn what_a_key_or_an_item_cannot_hold_blocks() {
    let world = World::start().await;
    let long = "k".repeat(2_049);
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "name",
            Arc::new(StringArray::from(vec!["", "a", "b", long.as_str()])),
        ),
        (
            "note",
            Arc::new(BinaryArray::from_iter_values([&b"ok"[..], &[0xff], b"", b"fine"])),
        ),
        ("rate", Arc::new(Float64Array::from(vec![1.5, -0.0, 1e300, 2.0]))),
        (
            "body",
            Arc::new(StringArray::from(vec![
                "",
                "",
                "x".repeat(410_000).as_str(),
                "y".repeat(100_000).as_str(),
            ])),
        ),
    ];
    let types = [
        ("name", "varchar(3000)"),
        ("note", "char(4)"),
        ("rate", "double"),
        ("body", "longtext"),
    ];
    let found = of(&world, "bad", columns, &types, "name").await;
    for code in ["empty_key", "long_key", "invalid_utf8", "item_too_large"] {
        let finding = finding(&found, code);
        assert_eq!(
            (finding.severity, finding.count),
            (Severity::Blocks, Some(1)),
            "{code}"
        );
        assert!(finding.hint.is_some(), "{code}");
    }
    assert_eq!(finding(&found, "invalid_utf8").column.as_deref(), Some("note"));
    assert_eq!(finding(&found, "item_too_large").examples, ["name=b"]);
    let doubles = finding(&found, "double_as_text");
    assert_eq!((doubles.severity, doubles.count), (Severity::Note, Some(2)));
    assert!(found.findings.is_sorted_by_key(|finding| finding.severity));
}

#[tokio::test]
async fn a_target_must_be_free_and_of_the_right_key() {
    let world = World::start().await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(1..9), 100)])]).await;
    let plan_of = async |text: &str| plan(&world, "x", &[text]).await.unwrap();
    let by_id = plan_of("tv.shows=shows:id").await;
    let free = restore::preflight(&world.cloud, &by_id).await.unwrap();
    assert_eq!(finding(&free, "target_free").severity, Severity::Passed);

    let folder = tempfile::tempdir().unwrap();
    let checkpoints = restore::FileCheckpoints::open(folder.path(), &by_id).unwrap();
    let cancel = CancellationToken::new();
    let none = restore::Recorded::default();
    restore::create_targets(&world.cloud, &by_id, &checkpoints, &none, &cancel)
        .await
        .unwrap();
    let empty = restore::preflight(&world.cloud, &by_id).await.unwrap();
    assert_eq!(finding(&empty, "target_free").severity, Severity::Passed);

    let item = aws::dynamodb::Item::default().with("id", aws::dynamodb::Value::number(1));
    world.cloud.put_item(&target("shows"), item, None).await.unwrap();
    let full = restore::preflight(&world.cloud, &by_id).await.unwrap();
    assert_eq!(finding(&full, "target_not_empty").severity, Severity::Blocks);

    let by_title = plan_of("tv.shows=shows:title").await;
    let other = restore::preflight(&world.cloud, &by_title).await.unwrap();
    let difference = &finding(&other, "target_key_differs").message;
    assert!(
        difference.contains("it has id (N), the plan title (S)"),
        "{difference}"
    );
}
