//! Bad input: each is refused by name, with what to do, and nothing is written.

use restore::{Error, FileCheckpoints, Progress};
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, lay_metadata, parquet, show_types, shows};
use crate::world::{World, copy, plan, target};

/// The refusal's code and text, and that it has a hint.
#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> (&'static str, String) {
    match outcome {
        Err(Error::Refused(refusal)) => {
            assert!(!refusal.hint.is_empty());
            (refusal.code, refusal.to_string())
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let world = World::start().await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(1..9), 100)])]).await;
    let mut elsewhere = copy("x");
    elsewhere.bucket = "no-such-bucket".into();
    let error = restore::inspect(&world.cloud, &elsewhere).await.unwrap_err();
    assert!(error.to_string().contains("no-such-bucket"), "{error}");
    assert!(error.hint().is_some());
    let (code, text) = refused(restore::inspect(&world.cloud, &copy("y")).await);
    assert_eq!(code, "nothing_there");
    assert!(text.contains("s3://exports/y"), "{text}");

    let cases: [(&[&str], &str, &str); 6] = [
        (&["tv.films=films:id"], "unknown_table", "tv.films"),
        (&["tv.shows=shows:ident"], "unknown_column", "tv.shows.ident"),
        (
            &["tv.shows=shows:vote_average"],
            "bad_key",
            "tv.shows.vote_average",
        ),
        (&["tv.shows=shows:id,id"], "bad_key", "tv.shows.id"),
        (&["tv.shows=one:id", "tv.shows=one:id"], "equal_targets", "one"),
        (&[], "no_tables", "plan"),
    ];
    for (tables, code, subject) in cases {
        let (found, text) = refused(plan(&world, "x", tables).await);
        assert_eq!(found, code);
        assert!(text.starts_with(subject), "{text}");
    }
}

#[tokio::test]
async fn an_export_that_is_not_whole_is_refused() {
    let world = World::start().await;
    let file = parquet(&shows(1..9), 100);
    let one = ["tv.shows=shows:id"];

    let keys = lay(
        &world,
        "marker",
        &[Table::shows(vec![file.clone(), file.clone()])],
    )
    .await;
    let folder = keys[1].rsplit_once('/').unwrap().0;
    world.delete(&format!("{folder}/_SUCCESS")).await;
    let (code, text) = refused(plan(&world, "marker", &one).await);
    assert_eq!(code, "incomplete_export");
    assert!(text.contains("tv.shows: 3/_SUCCESS is missing"), "{text}");

    lay(&world, "running", &[Table::shows(vec![file.clone()])]).await;
    let status = serde_json::json!({"target": "tv.shows", "status": "COMPLETE"});
    lay_metadata(&world, "running", &[status], "IN_PROGRESS").await;
    let (code, text) = refused(plan(&world, "running", &one).await);
    assert_eq!(code, "incomplete_export");
    assert!(text.contains("IN_PROGRESS"), "{text}");

    let two = [
        Table::shows(vec![file.clone()]),
        Table {
            name: "tv.more",
            ..Table::shows(vec![file.clone()])
        },
    ];
    lay(&world, "gap", &two).await;
    world.delete("gap/export_tables_info_x_from_1_to_1.json").await;
    let (code, text) = refused(plan(&world, "gap", &one).await);
    assert_eq!(code, "incomplete_export");
    assert!(text.contains("tables 1 to 1"), "{text}");

    lay(&world, "info", &[Table::shows(vec![file.clone()])]).await;
    world.delete("info/export_info_x.json").await;
    assert_eq!(refused(plan(&world, "info", &one).await).0, "incomplete_export");

    lay(&world, "json", &[Table::shows(vec![file])]).await;
    world.put("json/export_info_x.json", "{\"status\": \"COMP").await;
    let (code, text) = refused(plan(&world, "json", &one).await);
    assert_eq!(code, "damaged_metadata");
    assert!(text.contains("json/export_info_x.json"), "{text}");
}

#[tokio::test]
async fn a_damaged_object_is_refused_by_name() {
    let world = World::start().await;
    let file = parquet(&shows(1..500), 100);
    let keys = lay(&world, "x", &[Table::shows(vec![file.clone()])]).await;
    let mut lying = file.clone();
    let length = lying.len();
    lying[length - 8..length - 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let headless = [&b"PAR1"[..], &file[file.len() / 2..]].concat();
    for damaged in [&file[..file.len() - 100], &file[..3], b"", &lying, &headless] {
        world.put(&keys[0], damaged.to_vec()).await;
        let (code, text) = refused(plan(&world, "x", &["tv.shows=shows:id"]).await);
        assert_eq!(code, "damaged_object", "{text}");
        assert!(text.contains(&keys[0]), "{text}");
    }
    // A page damaged in the middle shows when the rows are read.
    let mut page = file;
    for byte in &mut page[40..400] {
        *byte ^= 0xa5;
    }
    world.put(&keys[0], page).await;
    let plan = plan(&world, "x", &["tv.shows=shows:id"]).await.unwrap();
    let preflight = crate::world::preflight(&world, &plan).await;
    let blocking: Vec<_> = preflight
        .blocking()
        .map(|finding| finding.code.as_str())
        .collect();
    assert_eq!(blocking, ["damaged_object"]);
}

#[tokio::test]
async fn an_object_that_changes_under_its_plan_fails_the_run_before_it_writes() {
    let world = World::start().await;
    let keys = lay(&world, "x", &[Table::shows(vec![parquet(&shows(1..50), 100)])]).await;
    let plan = plan(&world, "x", &["tv.shows=shows:id"]).await.unwrap();
    world.put(&keys[0], parquet(&shows(2..51), 100)).await;
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
    let progress = Progress::new(&plan);
    let outcome = restore::execute(
        &world.cloud,
        &plan,
        &checkpoints,
        &progress,
        CancellationToken::new(),
    )
    .await;
    let (code, text) = refused(outcome);
    assert_eq!(code, "object_changed");
    assert!(text.contains(&keys[0]), "{text}");
    assert!(world.cloud.is_table_empty(&target("shows")).await.unwrap());
    assert_eq!(progress.tables()[0].items_written, 0);
}

#[tokio::test]
async fn a_table_that_rds_skipped_is_told_with_its_warning() {
    let world = World::start().await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(1..9), 100)])]).await;
    let statuses = [
        serde_json::json!({"target": "tv.tv.shows", "status": "COMPLETE",
                           "schemaMetadata": {"originalTypeMappings": show_types()}}),
        serde_json::json!({"target": "tv.tv.a;b", "status": "SKIPPED", "warningMessage": "unsupported name"}),
    ];
    lay_metadata(&world, "x", &statuses, "COMPLETE").await;
    let inspection = restore::inspect(&world.cloud, &copy("x")).await.unwrap();
    let skipped = inspection.table(&"tv.a;b".parse().unwrap()).unwrap();
    assert_eq!(skipped.summary.skipped.as_deref(), Some("unsupported name"));
    let (code, text) = refused(plan(&world, "x", &["tv.a;b=ab1:id"]).await);
    assert_eq!(code, "table_not_exported");
    assert!(text.contains("unsupported name"), "{text}");
    assert!(plan(&world, "x", &["tv.shows=shows:id"]).await.is_ok());
}
