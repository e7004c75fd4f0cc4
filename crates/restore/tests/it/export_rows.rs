//! Restored tables as Parquet again: a copy like any other, and nothing of a table that isn't what was restored.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use aws::dynamodb::{Item, Value, ValueRef};
use recovery::plan::Plan;
use recovery::schema_record::SchemaRecord;
use restore::{Error, ExportedTable, FileCheckpoints, Progress, TableResult};
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, parquet, shows};
use crate::world::{World, plan, target};

async fn restored(world: &World, plan: &Plan) -> TableResult {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = FileCheckpoints::open(folder.path(), plan).unwrap();
    let progress = Progress::new(plan);
    let results = restore::execute(
        &world.cloud,
        plan,
        &checkpoints,
        &progress,
        CancellationToken::new(),
    )
    .await
    .unwrap();
    assert!(results[0].is_proven());
    results[0].clone()
}

async fn exported(world: &World, plan: &Plan, out: &Path) -> Result<Vec<ExportedTable>, Error> {
    let record = SchemaRecord::of(plan);
    let (rows, cancel) = (AtomicU64::new(0), CancellationToken::new());
    let tables = restore::export_rows(&world.cloud, &record, &record.tables, out, &rows, &cancel).await?;
    assert_eq!(rows.load(Ordering::Relaxed), tables[0].rows);
    Ok(tables)
}

/// Puts what lies in a folder under a prefix.
async fn upload(world: &World, folder: &Path, prefix: &str) {
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let below = path.strip_prefix(folder).unwrap().to_str().unwrap();
            let key = format!("{prefix}/{below}");
            world.put(&key, std::fs::read(&path).unwrap()).await;
        }
    }
}

#[tokio::test]
async fn an_exported_table_is_a_copy_that_restores_to_the_same_rows() {
    let world = World::start().await;
    let files = vec![
        parquet(&shows(0..15_000), 5_000),
        parquet(&shows(15_000..25_001), 5_000),
    ];
    let empty = Table {
        name: "tv.none",
        ..Table::shows(Vec::new())
    };
    lay(&world, "x", &[Table::shows(files), empty]).await;
    world.put("x/tv/tv.none/1/_SUCCESS", "").await;
    let first = plan(&world, "x", &["tv.shows=shows:id", "tv.none=none:id"])
        .await
        .unwrap();
    let was = restored(&world, &first).await;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("rows");
    let tables = exported(&world, &first, &out).await.unwrap();
    assert_eq!((tables[0].rows, tables[0].digest), (25_001, was.digest_source));
    assert!(
        tables[0].objects >= 3,
        "each of three segments has a writer of its own"
    );
    assert_eq!((tables[1].rows, tables[1].objects), (0, 0));

    upload(&world, &out, "again").await;
    let second = plan(
        &world,
        "again",
        &["tv.shows=shows-again:id", "tv.none=none-again:id"],
    )
    .await
    .unwrap();
    assert_eq!(second.tables[0].columns, first.tables[0].columns);
    assert_eq!(restored(&world, &second).await.digest_target, was.digest_source);
}

#[tokio::test]
async fn an_item_that_the_restore_did_not_write_so_is_refused_by_its_key() {
    let world = World::start().await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(1..50), 50)])]).await;
    let plan = plan(&world, "x", &["tv.shows=shows:id"]).await.unwrap();
    restored(&world, &plan).await;
    let items = world.items("shows").await;
    let seven = items.iter().find(|item| item.integer("id") == Some(7)).unwrap();
    let without_poster: Item = seven
        .iter()
        .filter(|(name, _)| *name != "poster")
        .map(|(name, value)| {
            let value = match value {
                ValueRef::S(text) => Value::string(text),
                ValueRef::N(digits) => Value::number(digits),
                _ => Value::Null,
            };
            (name, value)
        })
        .collect();
    let cases = [
        (
            seven.clone().with("more", Value::Null),
            "attribute more, which is no column",
        ),
        (
            seven.clone().with("title", Value::number(7)),
            "attribute title is not as BYTE_ARRAY STRING is restored",
        ),
        (
            seven.clone().with("votes", Value::N("1.5".into())),
            "attribute votes is not as INT64 is restored",
        ),
        (
            seven
                .clone()
                .with("id", Value::number(7))
                .with("price", Value::N("1E+30".into())),
            "attribute price is nothing that",
        ),
        (without_poster, "attribute poster is missing"),
    ];
    for (item, expected) in cases {
        world.cloud.put_item(&target("shows"), item, None).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let Err(Error::Refused(refusal)) = exported(&world, &plan, folder.path()).await else {
            panic!("{expected}");
        };
        assert_eq!(
            (refusal.code, refusal.subject.as_str()),
            ("foreign_item", "shows")
        );
        assert!(
            refusal.cause.contains("the item id=7 ") && refusal.cause.contains(expected),
            "{}",
            refusal.cause
        );
        assert!(
            !folder.path().join("tv/tv.shows/1/_SUCCESS").exists(),
            "it does not pass for a whole export"
        );
    }
}
