//! What is found before anything is written: exactly, quickly, masked.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use recovery::preflight::{Depth, Finding, Preflight, Severity};
use recovery::prices::{Money, Prices};
use restore::Inquiry;
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, parquet, shows};
use crate::world::{World, plan, preflight, target};

fn finding<'a>(preflight: &'a Preflight, code: &str) -> &'a Finding {
    let found = preflight.findings.iter().find(|finding| finding.code == code);
    found.unwrap_or_else(|| panic!("no {code} in {:#?}", preflight.findings))
}

/// Lays a table of these columns in two objects and makes its preflight.
async fn of(
    world: &World,
    prefix: &str,
    columns: Vec<(&'static str, ArrayRef)>,
    key: &str,
    inquiry: &Inquiry,
) -> Preflight {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let half = batch.num_rows() / 2;
    let table = Table {
        name: "shop.t",
        types: batch
            .schema()
            .fields()
            .iter()
            .map(|field| serde_json::json!({"columnName": field.name(), "originalType": "text"}))
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
    restore::preflight(&world.cloud, &plan, inquiry, &CancellationToken::new())
        .await
        .unwrap()
}

fn integers(name: &'static str, values: impl IntoIterator<Item = i32>) -> (&'static str, ArrayRef) {
    (name, Arc::new(Int32Array::from_iter_values(values)))
}

/// Hardly any memory for keys, and values as they are.
fn cramped() -> Inquiry {
    Inquiry {
        key_memory: 64,
        show_values: true,
        ..Inquiry::default()
    }
}

#[tokio::test]
async fn keys_are_counted_exactly_over_all_objects() {
    let world = World::start().await;
    let ids: Vec<Option<i32>> = (0..100)
        .map(Some)
        .chain([Some(3), Some(3), Some(97), None, None])
        .collect();
    let columns: Vec<(&str, ArrayRef)> = vec![("id", Arc::new(Int32Array::from(ids)))];
    let found = of(&world, "doubled", columns, "id", &cramped()).await;
    let duplicates = finding(&found, "duplicate_key");
    assert_eq!(
        (duplicates.severity, duplicates.count),
        (Severity::Blocks, Some(3))
    );
    let mut examples: Vec<_> = duplicates
        .examples
        .iter()
        .map(|example| (example.values_text(), example.places.len()))
        .collect();
    examples.sort();
    assert_eq!(examples, [("id=3".to_owned(), 2), ("id=97".to_owned(), 2)]);
    let nulls = finding(&found, "null_key");
    assert_eq!(nulls.count, Some(2));
    let rows: Vec<u64> = nulls
        .examples
        .iter()
        .map(|example| example.places[0].row)
        .collect();
    assert_eq!(rows, [52, 53], "the last rows of the second object");
    assert!(found.is_blocked());

    let columns = vec![
        integers("a", (0..100).map(|n| n / 10)),
        integers("b", (0..100).map(|n| n % 10)),
    ];
    let found = of(&world, "pairs", columns, "a,b", &cramped()).await;
    assert!(!found.is_blocked(), "{:#?}", found.findings);
    assert_eq!(
        finding(&found, "key_unique").message,
        "a, b is unique and present in every row."
    );
    assert_eq!(finding(&found, "rows_readable").count, Some(100));
    assert_eq!(
        finding(&found, "partition_spread").message,
        "The most frequent value of a takes 10.0 % of the write units."
    );
}

#[tokio::test]
async fn values_are_masked_unless_they_are_asked_for() {
    let world = World::start().await;
    let mails = [
        "jane.doe@example.com", "john@example.com", "jane.doe@example.com", "x@y",
    ];
    for (prefix, show_values, expected) in [
        ("masked", false, "mail=j•••.•••@•••••••.••m (S, 20 bytes)"),
        ("shown", true, "mail=jane.doe@example.com"),
    ] {
        let columns: Vec<(&str, ArrayRef)> = vec![("mail", Arc::new(StringArray::from(mails.to_vec())))];
        let inquiry = Inquiry {
            show_values,
            ..Inquiry::default()
        };
        let found = of(&world, prefix, columns, "mail", &inquiry).await;
        let example = &finding(&found, "duplicate_key").examples[0];
        assert_eq!(example.values_text(), expected);
        assert_eq!(
            example.places_text(),
            "row 1 of shop/shop.t/1/part-00001-0f0f-c000.gz.parquet and \
             row 1 of shop/shop.t/3/part-00003-0f0f-c000.gz.parquet"
        );
        let json = serde_json::to_string(&found).unwrap();
        assert_eq!(json.contains("jane"), show_values, "{json}");
    }
}

#[tokio::test]
async fn a_quick_look_reads_no_row_and_says_what_it_cannot_know() {
    let world = World::start().await;
    let quick = Inquiry {
        depth: Depth::Quick,
        ..Inquiry::default()
    };
    let columns = vec![integers("id", 0..100), integers("n", (0..100).map(|n| n % 10))];
    let found = of(&world, "sound", columns, "id", &quick).await;
    assert_eq!(found.depth, Depth::Quick);
    let severities: Vec<_> = found
        .findings
        .iter()
        .map(|finding| (finding.code.as_str(), finding.severity))
        .collect();
    assert_eq!(
        severities,
        [
            ("rows_readable", Severity::NotChecked),
            ("key_unique", Severity::NotChecked),
            ("target_free", Severity::Passed),
            ("values_representable", Severity::Passed),
            ("item_sizes", Severity::Passed),
        ]
    );
    assert!(!found.is_blocked() && !found.estimate.is_exact());
    assert_eq!(found.estimate.write_units(), 100);

    // Ten different values cannot be the key of a hundred rows, and no row has to be read to know it.
    let columns = vec![integers("id", 0..100), integers("n", (0..100).map(|n| n % 10))];
    let found = of(&world, "repeats", columns, "n", &quick).await;
    assert_eq!(finding(&found, "duplicate_key").severity, Severity::Blocks);

    // Nor to know that a column is NULL somewhere.
    let columns: Vec<(&str, ArrayRef)> = vec![(
        "id",
        Arc::new(
            (0..100)
                .map(|n| (n % 50 > 0).then_some(n))
                .collect::<Int32Array>(),
        ),
    )];
    let found = of(&world, "nulls", columns, "id", &quick).await;
    assert_eq!(finding(&found, "null_key").count, Some(2));

    // Rows that cannot be read are not noticed, and nothing says that they were.
    let file = parquet(&shows(1..500), 100);
    let keys = lay(&world, "damaged", &[Table::shows(vec![file.clone()])]).await;
    let mut page = file;
    for byte in &mut page[40..400] {
        *byte ^= 0xa5;
    }
    world.put(&keys[0], page).await;
    let plan = plan(&world, "damaged", &["tv.shows=damaged:id"]).await.unwrap();
    let found = restore::preflight(&world.cloud, &plan, &quick, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(finding(&found, "rows_readable").severity, Severity::NotChecked);
    assert_eq!(
        preflight(&world, &plan).await.blocking().next().unwrap().code,
        "damaged_object"
    );
}

#[tokio::test]
async fn what_a_restore_takes_is_told_in_units_time_and_money() {
    let world = World::start().await;
    // Items of 1,000 to 1,001 bytes (names 2 + 4, a number's 2 or 3, text) are one write unit each, of 2,000 two.
    let body = |length: usize| (0..50).map(move |_| "x".repeat(length));
    let bodies: StringArray = body(992).chain(body(1_992)).map(Some).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![integers("id", 0..100), ("body", Arc::new(bodies))];
    let found = of(&world, "sizes", columns, "id", &Inquiry::default()).await;
    let table = &found.estimate.tables[0];
    // 10 ids of one digit take 2 bytes, the others 2 as well: one for two digits and one more.
    assert_eq!((table.items, table.bytes), (100, 50 * 1_000 + 50 * 2_000));
    let way = &table.ways[0];
    assert_eq!((way.write_units, way.write_seconds), (50 + 2 * 50, Some(1)));
    assert_eq!(way.read_units, 37, "150,000 bytes are 36.6 units of 4,096");
    // 150 × 0.625 / million + 37 × 0.125 / million.
    assert_eq!(found.estimate.cost(), Some(Money::from_nanos(93_750 + 4_625)));

    let dear = Inquiry {
        prices: serde_json::from_value::<Prices>(serde_json::json!({
            "as_of": "2026-11-01", "currency": "EUR",
            "regions": {"us-east-1": {"write_requests_million": 1_000_000, "read_requests_million": 0,
                                      "write_unit_hour": 1, "read_unit_hour": 1}}
        }))
        .unwrap(),
        ..Inquiry::default()
    };
    let columns = vec![integers("id", 0..7)];
    let found = of(&world, "prices", columns, "id", &dear).await;
    assert_eq!(found.estimate.cost().unwrap().to_string(), "7.00");
    assert_eq!(found.estimate.prices.unwrap().currency, "EUR");
}

#[tokio::test]
async fn a_target_must_be_free_and_of_the_right_key() {
    let world = World::start().await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(1..9), 100)])]).await;
    let plan_of = async |text: &str| plan(&world, "x", &[text]).await.unwrap();
    let by_id = plan_of("tv.shows=shows:id").await;
    let free = preflight(&world, &by_id).await;
    assert_eq!(finding(&free, "target_free").severity, Severity::Passed);

    let folder = tempfile::tempdir().unwrap();
    let checkpoints = restore::FileCheckpoints::open(folder.path(), &by_id).unwrap();
    let cancel = CancellationToken::new();
    let none = restore::Recorded::default();
    restore::create_targets(&world.cloud, &by_id, &checkpoints, &none, &cancel)
        .await
        .unwrap();
    let empty = preflight(&world, &by_id).await;
    assert_eq!(finding(&empty, "target_free").severity, Severity::Passed);

    let item = aws::dynamodb::Item::default().with("id", aws::dynamodb::Value::number(1));
    world.cloud.put_item(&target("shows"), item, None).await.unwrap();
    let full = preflight(&world, &by_id).await;
    assert_eq!(finding(&full, "target_not_empty").severity, Severity::Blocks);

    let by_title = plan_of("tv.shows=shows:title").await;
    let other = preflight(&world, &by_title).await;
    let difference = &finding(&other, "target_key_differs").message;
    assert!(
        difference.contains("it has id (N), the plan title (S)"),
        "{difference}"
    );
}
