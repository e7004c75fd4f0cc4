//! Forms of an export that are unusual and right.

use std::sync::Arc;

use arrow_array::{BinaryArray, Int64Array, RecordBatch};
use aws::dynamodb::ValueRef;
use recovery::request::TreatAs;
use recovery::types::ColumnKind;
use restore::{FileCheckpoints, Progress};
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, parquet, show_types, shows};
use crate::world::{REGION, World, copy, request};

#[tokio::test]
async fn without_metadata_bytes_are_bytes_unless_the_caller_says_otherwise() {
    let world = World::start().await;
    let batch = RecordBatch::try_from_iter([
        (
            "id",
            Arc::new(Int64Array::from(vec![1, 2])) as arrow_array::ArrayRef,
        ),
        ("code", Arc::new(BinaryArray::from_iter_values(["ab", "cd"]))),
        ("raw", Arc::new(BinaryArray::from_iter_values([[0xff], [0xfe]]))),
    ])
    .unwrap();
    world
        .put("x/shop/shop.codes/1/part-00000-a.gz.parquet", parquet(&batch, 10))
        .await;
    world.put("x/shop/shop.codes/1/_SUCCESS", "").await;
    let inspection = restore::inspect(&world.cloud, &copy("x")).await.unwrap();
    assert!(inspection.export.is_none() && inspection.problems.is_empty());
    let kinds: Vec<_> = inspection.tables[0]
        .summary
        .columns
        .iter()
        .map(|column| column.kind)
        .collect();
    assert_eq!(
        kinds,
        [ColumnKind::Integer, ColumnKind::Binary, ColumnKind::Binary]
    );

    let mut wish = request("shop.codes=codes:id");
    wish.treat_as.insert("code".into(), TreatAs::Text);
    let now = jiff::Timestamp::UNIX_EPOCH;
    let region = REGION.parse().unwrap();
    let plan = restore::plan_inspected(&world.cloud, &inspection, &region, &[wish.clone()], now)
        .await
        .unwrap();
    let preflight = crate::world::preflight(&world, &plan).await;
    assert!(!preflight.is_blocked());
    let unknown: Vec<_> = preflight
        .findings
        .iter()
        .filter(|finding| finding.code == "unknown_bytes")
        .filter_map(|finding| finding.column.as_deref())
        .collect();
    assert_eq!(unknown, ["raw"]);
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
    let results = restore::execute(
        &world.cloud,
        &plan,
        &checkpoints,
        &Progress::new(&plan),
        CancellationToken::new(),
    )
    .await
    .unwrap();
    assert!(results[0].is_proven());
    let items = world.items("codes").await;
    let one = items.iter().find(|item| item.integer("id") == Some(1)).unwrap();
    assert_eq!(one.get("code"), Some(ValueRef::S("ab")));
    assert_eq!(one.get("raw"), Some(ValueRef::B(&[0xff])));

    wish.treat_as.insert("id".into(), TreatAs::Text);
    let refused = restore::plan_inspected(&world.cloud, &inspection, &region, &[wish], now)
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("neither text nor bytes"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_empty_table_is_restored_as_an_empty_table() {
    let world = World::start().await;
    let empty = Table {
        files: Vec::new(),
        ..Table::shows(Vec::new())
    };
    lay(&world, "x", &[empty]).await;
    world.put("x/tv/tv.shows/1/_SUCCESS", "").await;
    let plan = crate::world::plan(&world, "x", &["tv.shows=shows:id"])
        .await
        .unwrap();
    assert_eq!(
        plan.tables[0].columns.len(),
        show_types().as_array().unwrap().len()
    );
    assert!(!crate::world::preflight(&world, &plan).await.is_blocked());
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
    let results = restore::execute(
        &world.cloud,
        &plan,
        &checkpoints,
        &Progress::new(&plan),
        CancellationToken::new(),
    )
    .await
    .unwrap();
    assert!(results[0].is_proven());
    assert_eq!(results[0].digest_target.rows(), 0);
}

#[tokio::test]
async fn units_of_row_groups_can_be_executed_anywhere_in_any_order() {
    let world = World::start().await;
    lay(
        &world,
        "x",
        &[Table::shows(vec![parquet(&shows(0..45_000), 15_000)])],
    )
    .await;
    let plan = crate::world::plan(&world, "x", &["tv.shows=shows:id"])
        .await
        .unwrap();
    let units = plan.units();
    assert_eq!(units.len(), 3, "one for each row group of 15,000 rows");
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
    let (progress, cancel, tuning) = (
        Progress::new(&plan),
        CancellationToken::new(),
        restore::Tuning::default(),
    );
    let recorded = restore::Recorded::default();
    restore::create_targets(&world.cloud, &plan, &checkpoints, &recorded, &cancel)
        .await
        .unwrap();
    let mut source = restore::MultisetHash::default();
    for unit in units.iter().rev() {
        // The unit travels as JSON to whoever executes it.
        let unit = serde_json::from_str(&serde_json::to_string(unit).unwrap()).unwrap();
        let writer = restore::Writer::new(&world.cloud, &plan, &tuning);
        let result = restore::execute_unit(&world.cloud, &plan, &unit, &writer, &progress, &cancel)
            .await
            .unwrap();
        assert_eq!((result.rows_read, result.items_written), (15_000, 15_000));
        source.add(&result.hash);
    }
    let held = restore::prove_table(&world.cloud, &plan, 0, &tuning, &progress, &cancel)
        .await
        .unwrap();
    assert_eq!(held, source.digest());
}
