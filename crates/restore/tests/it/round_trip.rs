//! A whole restore: what the copy holds is what DynamoDB holds, and any difference shows.

use aws::dynamodb::{Value, ValueRef};
use recovery::differences::DifferenceKind;
use restore::{FileCheckpoints, Progress, TableResult, Tuning};
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, parquet, shows};
use crate::world::{World, copy, plan, target};

#[tokio::test]
async fn a_copy_is_inspected_planned_restored_and_proven() {
    let world = World::start().await;
    let old = Table {
        name: "tv.old_shows",
        batches: false,
        ..Table::shows(vec![parquet(&shows(1..8), 100)])
    };
    let files = vec![
        parquet(&shows(0..1_500), 400),
        parquet(&shows(1_500..2_001), 1_000),
    ];
    lay(&world, "exports/x", &[Table::shows(files), old]).await;

    let inspection = restore::inspect(&world.cloud, &copy("exports/x/")).await.unwrap();
    assert!(inspection.problems.is_empty(), "{:?}", inspection.problems);
    let names: Vec<_> = inspection
        .tables
        .iter()
        .map(|table| table.summary.name.to_string())
        .collect();
    assert_eq!(names, ["tv.old_shows", "tv.shows"]);
    let table = &inspection.tables[1];
    assert_eq!((table.summary.rows, table.summary.objects), (2_001, 2));
    assert_eq!(table.objects[0].row_groups, [400, 400, 400, 300]);
    assert_eq!(table.candidates[0].partition, "id");
    let proven = restore::prove_candidates(&world.cloud, &inspection.copy, table, &CancellationToken::new())
        .await
        .unwrap();
    let proven: Vec<_> = proven
        .proven
        .iter()
        .map(|candidate| candidate.partition.as_str())
        .collect();
    assert_eq!(proven, ["id"]);

    let plan = plan(
        &world,
        "exports/x",
        &["tv.shows=shows:id", "tv.old_shows=old:country,id"],
    )
    .await
    .unwrap();
    assert!(
        plan.tables[0]
            .objects
            .iter()
            .all(|object| object.checksum.is_some())
    );
    let preflight = crate::world::preflight(&world, &plan).await;
    assert!(!preflight.is_blocked(), "{:#?}", preflight.findings);

    let folder = tempfile::tempdir().unwrap();
    let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
    let progress = Progress::new(&plan);
    let results = restore::execute(
        &world.cloud,
        &plan,
        &checkpoints,
        &progress,
        CancellationToken::new(),
    )
    .await
    .unwrap();
    assert!(results.iter().all(TableResult::is_proven), "{results:#?}");
    assert_eq!((results[0].rows_read, results[0].items_written), (2_001, 2_001));
    assert_eq!(results[0].digest_source.rows(), 2_001);
    let counts = progress.tables()[0];
    assert_eq!((counts.rows_read, counts.items_read_back), (2_001, 2_001));
    assert_eq!(counts.bytes_written, results[0].bytes_written);
    assert_eq!(results[1].items_written, 7);

    let items = world.items("shows").await;
    let ten = items.iter().find(|item| item.integer("id") == Some(10)).unwrap();
    let expected = [
        ("title", ValueRef::S("Łódź 10 🎬")),
        ("air_date", ValueRef::S("2026-01-11")),
        ("country", ValueRef::S("US")),
        ("price", ValueRef::N("2.5")),
        ("votes", ValueRef::Null),
        ("changed", ValueRef::S("1970-01-01T00:00:12.345670")),
        ("poster", ValueRef::B(&[10, 0, 0, 0])),
    ];
    for (name, value) in expected {
        assert_eq!(ten.get(name), Some(value), "{name}");
    }

    // A whole second reading of the copy says the same.
    let again = restore::digest_source(
        &world.cloud,
        &plan,
        0,
        &Progress::new(&plan),
        &CancellationToken::new(),
    )
    .await
    .unwrap();
    assert_eq!(again, results[0].digest_source);
}

#[tokio::test]
async fn a_lost_an_altered_and_an_added_item_each_fail_the_proof() {
    let world = World::start().await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(1..200), 50)])]).await;
    let plan = plan(&world, "x", &["tv.shows=shows:id"]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
    let progress = Progress::new(&plan);
    let cancel = CancellationToken::new();
    let results = restore::execute(&world.cloud, &plan, &checkpoints, &progress, cancel.clone())
        .await
        .unwrap();
    let source = results[0].digest_source;
    assert_eq!(source, results[0].digest_target);

    let shows_table = target("shows");
    let prove = async || {
        restore::prove_table(
            &world.cloud,
            &plan,
            0,
            &Tuning::default(),
            &Progress::new(&plan),
            &cancel,
        )
        .await
        .unwrap()
    };
    let seven = world
        .items("shows")
        .await
        .into_iter()
        .find(|item| item.integer("id") == Some(7))
        .unwrap();
    let key = aws::dynamodb::Item::default().with("id", Value::number(7));

    world.cloud.delete_item(&shows_table, key, None).await.unwrap();
    assert_ne!(prove().await, source, "an item is lost");
    let altered = seven.clone().with("votes", Value::number(1));
    world.cloud.put_item(&shows_table, altered, None).await.unwrap();
    assert_ne!(prove().await, source, "a value is altered");
    world
        .cloud
        .put_item(&shows_table, seven.clone(), None)
        .await
        .unwrap();
    assert_eq!(prove().await, source, "as it was");
    let added = seven.with("id", Value::number(70_000));
    world.cloud.put_item(&shows_table, added, None).await.unwrap();
    assert_ne!(prove().await, source, "an item is added");

    // The run says so too when it is asked again: nothing is left to write, and the proof fails and names the rows.
    let key = |id: u32| aws::dynamodb::Item::default().with("id", Value::number(id));
    world.cloud.delete_item(&shows_table, key(8), None).await.unwrap();
    let altered = key(9).with("title", Value::Null);
    world.cloud.put_item(&shows_table, altered, None).await.unwrap();
    let again = restore::execute(&world.cloud, &plan, &checkpoints, &progress, cancel)
        .await
        .unwrap();
    assert!(!again[0].is_proven());
    let differences = again[0].differences.clone().unwrap();
    assert!(differences.is_whole);
    let told: Vec<_> = differences
        .first
        .iter()
        .map(|row| (row.kind, row.key.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (DifferenceKind::Missing, "id=8"),
            (DifferenceKind::Altered, "id=9"),
            (DifferenceKind::Unexpected, "id=70000"),
        ]
    );
    assert_eq!(differences.to_string(), "1 missing, 1 altered, 1 unexpected");
}

#[tokio::test]
async fn a_target_without_anything_is_told_by_its_first_rows() {
    let world = World::start().await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(1..3_000), 500)])]).await;
    let plan = plan(&world, "x", &["tv.shows=shows:id"]).await.unwrap();
    let (cancel, tuning) = (CancellationToken::new(), Tuning::default());
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
    let recorded = restore::Recorded::default();
    restore::create_targets(&world.cloud, &plan, &checkpoints, &recorded, &cancel)
        .await
        .unwrap();
    let found = restore::find_differences(&world.cloud, &plan, 0, 100, &tuning, &cancel)
        .await
        .unwrap();
    assert_eq!((found.missing, found.altered, found.unexpected), (2_999, 0, 0));
    assert_eq!(found.first.len(), 100, "no more are told");
}
