//! Tables without any key: the restore adds one, of the row's digest or of its place, and proves it with the rows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arrow_array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use aws::dynamodb::{Item, Value, ValueRef};
use recovery::differences::DifferenceKind;
use recovery::plan::{Existing, Plan, Way};
use recovery::preflight::{Choice, Depth, Finding, Preflight, Severity};
use recovery::schema_record::SchemaRecord;
use recovery::synthetic_key::SyntheticKey;
use restore::{Error, FileCheckpoints, Inquiry, Progress, TableResult, Tuning, Writer};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, parquet};
use crate::world::{REGION, World, copy, plan, preflight, request, target};

/// What somebody did, and how often: `level` and `note` of each row, some NULL. No column is a key.
fn log(rows: impl IntoIterator<Item = (Option<i32>, Option<String>)>) -> RecordBatch {
    let (levels, notes): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("level", Arc::new(Int32Array::from(levels)), true),
        ("note", Arc::new(StringArray::from(notes)), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// Rows that all differ.
fn different(numbers: std::ops::Range<i32>) -> RecordBatch {
    log(numbers.map(|n| (Some(n % 4), (n > 0).then(|| format!("note {n}")))))
}

/// The digest of one of [`different`], as docs/SEMANTICS.md defines it: 01 and 16 bytes of a whole number, then 04, a
/// length and UTF-8 of text, or 00 for NULL.
fn digest_of_different(number: i32) -> String {
    let mut form = vec![1];
    form.extend(i128::from(number % 4).to_le_bytes());
    if number > 0 {
        let note = format!("note {number}");
        form.push(4);
        form.extend((note.len() as u64).to_le_bytes());
        form.extend(note.bytes());
    } else {
        form.push(0);
    }
    blake3::hash(&form).to_hex().to_string()
}

/// Three rows, each so many times, one of them all NULL.
fn repeated(times: usize) -> RecordBatch {
    let rows = [(None, None), (Some(1), None), (Some(1), Some("again".to_owned()))];
    log((0..times).flat_map(|_| rows.clone()))
}

/// Lays `shop.log` in these files, in row groups of so many rows.
async fn lay_log(world: &World, batches: &[RecordBatch], row_group_rows: usize) {
    let files = batches.iter().map(|batch| parquet(batch, row_group_rows));
    let table = Table {
        name: "shop.log",
        types: json!([
            {"columnName": "level", "originalType": "int"},
            {"columnName": "note", "originalType": "varchar(99)"},
        ]),
        files: files.collect(),
        batches: true,
    };
    lay(world, "x", &[table]).await;
}

async fn run(world: &World, plan: &Plan) -> TableResult {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = FileCheckpoints::open(folder.path(), plan).unwrap();
    let (progress, cancel) = (Progress::new(plan), CancellationToken::new());
    let results = restore::execute(&world.cloud, plan, &checkpoints, &progress, cancel)
        .await
        .unwrap();
    results[0].clone()
}

fn finding<'a>(preflight: &'a Preflight, code: &str) -> &'a Finding {
    let found = preflight.findings.iter().find(|finding| finding.code == code);
    found.unwrap_or_else(|| panic!("no {code} in {:#?}", preflight.findings))
}

fn key_of(item: &Item) -> &str {
    match item.get("_row") {
        Some(ValueRef::S(key)) => key,
        other => panic!("{other:?} is no added key"),
    }
}

/// The keys of a table, and its rows without them, both sorted.
async fn keys_and_rows(world: &World, table: &str) -> (Vec<String>, Vec<String>) {
    let items = world.items(table).await;
    let mut keys: Vec<String> = items.iter().map(|item| key_of(item).to_owned()).collect();
    let mut rows: Vec<String> = items
        .iter()
        .map(|item| format!("{:?} {:?}", item.get("level"), item.get("note")))
        .collect();
    keys.sort();
    rows.sort();
    (keys, rows)
}

#[tokio::test]
async fn a_table_without_any_key_is_restored_and_proven_by_its_rows_digests() {
    let world = World::start().await;
    lay_log(&world, &[different(0..1_000), different(1_000..1_500)], 300).await;

    // Without a key it is refused, and the way out is offered as proven.
    let by_column = plan(&world, "x", &["shop.log=log:level"]).await.unwrap();
    let refused = preflight(&world, &by_column).await;
    let choices = &finding(&refused, "duplicate_key").choices;
    let digest = Choice::UseKey {
        table: "shop.log".parse().unwrap(),
        partition: "_row".into(),
        sort: None,
        synthetic: Some(SyntheticKey::RowDigest),
        proven: true,
    };
    assert_eq!(choices[0], digest, "{choices:#?}");

    let by_digest = plan(&world, "x", &["shop.log=log:@row-digest"]).await.unwrap();
    let found = preflight(&world, &by_digest).await;
    assert!(!found.is_blocked(), "{:#?}", found.findings);
    let note = finding(&found, "attribute_added");
    assert_eq!((note.severity, note.count), (Severity::Note, Some(1_500)));
    assert!(note.message.contains("adds one attribute") && note.message.contains("_row"));
    assert_eq!(finding(&found, "key_unique").severity, Severity::Passed);

    let result = run(&world, &by_digest).await;
    assert!(result.is_proven(), "{result:?}");
    assert_eq!(result.items_written, 1_500);
    assert_eq!(
        result.bytes_written, found.estimate.tables[0].bytes,
        "the estimate counts the added attribute"
    );
    let items = world.items("log").await;
    assert!(items.iter().all(|item| item.len() == 3));
    let mut expected: Vec<String> = (0..1_500).map(digest_of_different).collect();
    expected.sort();
    assert_eq!(keys_and_rows(&world, "log").await.0, expected);

    // The rows' digest does not depend on the key that they were given.
    let by_place = plan(&world, "x", &["shop.log=places:@row-place"]).await.unwrap();
    assert_eq!(run(&world, &by_place).await.digest_target, result.digest_source);
}

#[tokio::test]
async fn identical_rows_are_refused_by_digest_and_all_there_by_place() {
    let world = World::start().await;
    lay_log(&world, &[repeated(40), repeated(1)], 50).await;
    let by_digest = plan(&world, "x", &["shop.log=log:@row-digest"]).await.unwrap();
    let refused = preflight(&world, &by_digest).await;
    let identical = finding(&refused, "identical_rows");
    assert_eq!(
        (identical.severity, identical.count),
        (Severity::Blocks, Some(120))
    );
    let mut examples: Vec<_> = identical
        .examples
        .iter()
        .map(|example| (example.values_text(), example.places_text()))
        .collect();
    examples.sort();
    let places = |row: u64| {
        let object = "shop/shop.log/1/part-00001-0f0f-c000.gz.parquet";
        format!("row {row} of {object} and row {} of {object}", row + 3)
    };
    assert_eq!(
        examples,
        [
            (String::new(), places(1)),
            ("level=• (N, 1 byte)".to_owned(), places(2)),
            (
                "level=• (N, 1 byte), note=••••• (S, 5 bytes)".to_owned(),
                places(3)
            ),
        ]
    );
    let Choice::UseKey {
        synthetic: Some(SyntheticKey::RowPlace),
        partition,
        ..
    } = &identical.choices[0]
    else {
        panic!("{:#?}", identical.choices);
    };
    assert_eq!(partition, "_row");

    let by_place = plan(&world, "x", &["shop.log=log:@row-place"]).await.unwrap();
    let found = preflight(&world, &by_place).await;
    assert!(!found.is_blocked(), "{:#?}", found.findings);
    let result = run(&world, &by_place).await;
    assert!(result.is_proven(), "{result:?}");
    assert_eq!(result.bytes_written, found.estimate.tables[0].bytes);
    let (keys, rows) = keys_and_rows(&world, "log").await;
    let places = (1..=120).map(|row| (1, row)).chain((1..=3).map(|row| (2, row)));
    let places: Vec<_> = places
        .map(|(object, row)| format!("{object:07}-{row:011}"))
        .collect();
    assert_eq!(keys, places);
    assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), 3);

    // The table holds items now. Among them a place says nothing, so only another target is offered.
    let again = preflight(&world, &by_place).await;
    let choices = &finding(&again, "target_not_empty").choices;
    assert!(
        matches!(choices.as_slice(), [Choice::UseTarget { .. }]),
        "{choices:#?}"
    );

    // Every unit once more, as after a crash: the same items under the same keys.
    let writer = Writer::new(&world.cloud, &by_place, &Tuning::default());
    let (progress, cancel) = (Progress::new(&by_place), CancellationToken::new());
    for unit in by_place.units() {
        restore::execute_unit(&world.cloud, &by_place, &unit, &writer, &progress, &cancel)
            .await
            .unwrap();
    }
    assert_eq!(keys_and_rows(&world, "log").await, (keys, rows));
}

#[tokio::test]
async fn units_within_one_object_go_on_where_the_one_before_ended() {
    let world = World::start().await;
    lay_log(&world, &[repeated(9_000)], 9_000).await;
    let plan = plan(&world, "x", &["shop.log=log:@row-place"]).await.unwrap();
    assert_eq!(plan.units().len(), 2, "of 18,000 and of 9,000 rows");
    let result = run(&world, &plan).await;
    assert!(result.is_proven(), "{result:?}");
    let (keys, _) = keys_and_rows(&world, "log").await;
    assert_eq!(keys.len(), 27_000);
    assert_eq!(keys.last().unwrap(), "0000001-00000027000");
}

/// Restores rows under `key`, changes an item of them, and says how the table then differs.
async fn differs(key: &str, change: impl AsyncFn(&World, Item)) -> Vec<(DifferenceKind, String)> {
    let world = World::start().await;
    lay_log(&world, &[different(0..200)], 50).await;
    let plan = plan(&world, "x", &[&format!("shop.log=log:{key}")])
        .await
        .unwrap();
    let source = run(&world, &plan).await.digest_source;
    let items = world.items("log").await;
    let seven = items
        .into_iter()
        .find(|item| item.get("note") == Some(ValueRef::S("note 7")));
    change(&world, seven.unwrap()).await;

    let (tuning, cancel) = (Tuning::default(), CancellationToken::new());
    let proven = restore::prove_table(&world.cloud, &plan, 0, &tuning, &Progress::new(&plan), &cancel)
        .await
        .unwrap();
    assert_ne!(proven, source);
    let folder = tempfile::tempdir().unwrap();
    let record = SchemaRecord::of(&plan);
    let rows = AtomicU64::new(0);
    let exported = restore::export_rows(
        &world.cloud,
        &record,
        &record.tables,
        folder.path(),
        &rows,
        &cancel,
    )
    .await;
    match exported {
        Err(Error::Refused(refusal)) => assert_eq!(refusal.code, "foreign_item"),
        // A place does not tell what its row was; the digest does.
        Ok(tables) => assert!(key == "@row-place" && tables[0].digest == proven),
        Err(other) => panic!("{other}"),
    }
    let found = restore::find_differences(&world.cloud, &plan, 0, 100, &tuning, &cancel)
        .await
        .unwrap();
    assert!(found.is_whole);
    found.first.into_iter().map(|row| (row.kind, row.key)).collect()
}

async fn put(world: &World, item: Item) {
    world.cloud.put_item(&target("log"), item, None).await.unwrap();
}

/// Puts an item under another key.
async fn moved(world: &World, item: Item, key: &str) {
    let own = Item::default().with("_row", Value::string(key_of(&item)));
    world.cloud.delete_item(&target("log"), own, None).await.unwrap();
    put(world, item.with("_row", Value::string(key))).await;
}

#[tokio::test]
async fn an_item_that_is_altered_or_moved_fails_the_proof_and_is_told_by_its_key() {
    let altered = async |world: &World, item: Item| put(world, item.with("level", Value::number(9))).await;
    let added = async |world: &World, item: Item| put(world, item.with("more", Value::Null)).await;
    let digest = digest_of_different(7);
    for (key, own, other) in [
        ("@row-digest", digest.as_str(), "0000"),
        ("@row-digest", &digest, &digest.to_uppercase()),
        ("@row-place", "0000001-00000000008", "0000001-00000000201"),
        ("@row-place", "0000001-00000000008", "8"),
    ] {
        let (own, new) = (format!("_row={own}"), format!("_row={other}"));
        for change in [differs(key, altered).await, differs(key, added).await] {
            assert_eq!(change, [(DifferenceKind::Altered, own.clone())]);
        }
        let elsewhere = async |world: &World, item: Item| moved(world, item, other).await;
        assert_eq!(
            differs(key, elsewhere).await,
            [(DifferenceKind::Missing, own), (DifferenceKind::Unexpected, new)]
        );
    }
}

#[tokio::test]
async fn an_import_makes_its_table_with_the_added_key() {
    let world = World::start().await;
    lay_log(&world, &[different(0..700), different(700..900)], 300).await;
    for (kind, imported, written) in [
        ("@row-digest", "imported-digests", "written-digests"),
        ("@row-place", "imported-places", "written-places"),
    ] {
        let mut wish = request(&format!("shop.log={imported}:{kind}"));
        wish.way = Way::Import {
            bucket: World::bucket().name,
            prefix: "work".into(),
        };
        let (region, now) = (REGION.parse().unwrap(), jiff::Timestamp::UNIX_EPOCH);
        let by_import = restore::plan(&world.cloud, &copy("x"), &region, &[wish], now)
            .await
            .unwrap();
        let found = preflight(&world, &by_import).await;
        assert!(!found.is_blocked(), "{:#?}", found.findings);
        assert!(run(&world, &by_import).await.is_proven());
        let by_write = plan(&world, "x", &[&format!("shop.log={written}:{kind}")])
            .await
            .unwrap();
        assert!(run(&world, &by_write).await.is_proven());
        let (keys, rows) = keys_and_rows(&world, imported).await;
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), 900);
        assert_eq!(keys_and_rows(&world, written).await, (keys, rows));
    }
}

#[tokio::test]
async fn what_a_table_lacks_is_written_under_the_digests_that_the_rest_has() {
    let world = World::start().await;
    lay_log(&world, &[different(0..200)], 50).await;
    let mut wish = request("shop.log=log:@row-digest");
    let (region, now) = (REGION.parse().unwrap(), jiff::Timestamp::UNIX_EPOCH);
    let planned = async |wish| restore::plan(&world.cloud, &copy("x"), &region, &[wish], now).await;
    let whole = run(&world, &planned(wish.clone()).await.unwrap()).await;
    let before = keys_and_rows(&world, "log").await;
    for number in [7, 70] {
        let key = Item::default().with("_row", Value::string(digest_of_different(number)));
        world.cloud.delete_item(&target("log"), key, None).await.unwrap();
    }
    wish.existing = Existing::OnlyMissing;
    let missing = planned(wish).await.unwrap();
    let found = preflight(&world, &missing).await;
    assert!(!found.is_blocked(), "{:#?}", found.findings);
    let result = run(&world, &missing).await;
    assert!(result.is_proven(), "{result:?}");
    assert_eq!((result.rows_read, result.items_written), (200, 2));
    assert_eq!(result.digest_target, whole.digest_target);
    assert_eq!(keys_and_rows(&world, "log").await, before);
}

#[tokio::test]
async fn what_cannot_be_an_added_key_is_refused_by_name() {
    let world = World::start().await;
    lay_log(&world, &[different(0..9)], 50).await;
    let mut sorted = request("shop.log=log:@row-digest");
    sorted.sort = Some("level".into());
    let mut filled = request("shop.log=log:@row-place");
    filled.existing = Existing::OnlyMissing;
    for (wish, cause) in [
        (request("shop.log=log:@row-digest=note"), "a column has this name"),
        (request("shop.log=log:@row-place="), "1 to 255 bytes"),
        (sorted, "sort key beside it"),
        (filled, "other rows' places"),
    ] {
        let (region, now) = (REGION.parse().unwrap(), jiff::Timestamp::UNIX_EPOCH);
        match restore::plan(&world.cloud, &copy("x"), &region, &[wish], now).await {
            Err(Error::Refused(refusal)) => {
                assert_eq!(refusal.code, "bad_key");
                assert!(refusal.cause.contains(cause), "{}", refusal.cause);
                assert!(refusal.subject.contains("shop.log"), "{}", refusal.subject);
            }
            other => panic!("{other:?}"),
        }
    }
    let named = plan(&world, "x", &["shop.log=log:@row-digest=pk"]).await.unwrap();
    assert!(run(&world, &named).await.is_proven());
    assert!(
        world
            .items("log")
            .await
            .iter()
            .all(|item| item.get("pk").is_some())
    );
}

#[tokio::test]
async fn a_quick_look_says_what_it_cannot_know_of_an_added_key() {
    let world = World::start().await;
    lay_log(&world, &[repeated(40)], 50).await;
    let quick = Inquiry {
        depth: Depth::Quick,
        ..Inquiry::default()
    };
    for (key, severity) in [
        ("@row-digest", Severity::NotChecked),
        ("@row-place", Severity::Passed),
    ] {
        let plan = plan(&world, "x", &[&format!("shop.log=log:{key}")])
            .await
            .unwrap();
        let found = restore::preflight(&world.cloud, &plan, &quick, &CancellationToken::new())
            .await
            .unwrap();
        assert_eq!(finding(&found, "key_unique").severity, severity);
        assert_eq!(finding(&found, "attribute_added").severity, Severity::Note);
        assert!(!found.is_blocked());
    }
}

#[tokio::test]
async fn an_item_that_only_the_added_key_makes_too_large_is_refused() {
    let world = World::start().await;
    // With the names and a number of 2 bytes, 20 bytes below the limit of 409,600.
    let fits = "x".repeat(409_600 - "level".len() - 2 - "note".len() - 20);
    lay_log(&world, &[log([(Some(1), Some(fits))])], 50).await;
    let by_column = plan(&world, "x", &["shop.log=log:level"]).await.unwrap();
    assert!(!preflight(&world, &by_column).await.is_blocked());
    for (key, bytes) in [("@row-digest", 4 + 64), ("@row-place", 4 + 19)] {
        let plan = plan(&world, "x", &[&format!("shop.log=log:{key}")])
            .await
            .unwrap();
        let found = preflight(&world, &plan).await;
        let large = finding(&found, "item_too_large");
        assert_eq!(large.examples[0].item_bytes, Some(409_580 + bytes));
    }
}
