//! One export that trips every finding, at both depths; and each choice that a finding offers resolves it.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BinaryArray, Float64Array, Int32Array, ListArray, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use aws::dynamodb::{Item, KeyDefinition, TableDefinition, Value};
use recovery::plan::Capacity;
use recovery::preflight::{Choice, Depth, Finding, Preflight, Severity};
use recovery::request::{PlanRequest, Planned};
use recovery::types::AttributeType;
use restore::Inquiry;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::export::{Table, complete, lay, lay_metadata, parquet};
use crate::world::{REGION, World, copy, request, target};

type Columns = Vec<(&'static str, ArrayRef)>;

fn integers(name: &'static str, values: impl IntoIterator<Item = i32>) -> (&'static str, ArrayRef) {
    (name, Arc::new(Int32Array::from_iter_values(values)))
}

fn texts<'a>(name: &'static str, values: impl IntoIterator<Item = &'a str>) -> (&'static str, ArrayRef) {
    (name, Arc::new(StringArray::from_iter_values(values)))
}

/// A table with `types` as the metadata tells them; a column without one is not told.
fn table(name: &'static str, columns: Columns, types: &[(&str, &str)]) -> Table {
    Table {
        name,
        types: types
            .iter()
            .map(|(name, original)| json!({"columnName": name, "originalType": original}))
            .collect(),
        files: vec![parquet(&RecordBatch::try_from_iter(columns).unwrap(), 50_000)],
        batches: true,
    }
}

fn tables() -> Vec<Table> {
    let id = ("id", "int");
    let far = TimestampMicrosecondArray::from(vec![0, 300_000_000_000_000_000]);
    let one_to_four = || integers("id", 1..5);
    let long = "k".repeat(2_049);
    let (large, larger) = ("x".repeat(410_000), "y".repeat(420_000));
    let mut damaged = table("shop.damaged", vec![one_to_four()], &[id]);
    let length = damaged.files[0].len();
    damaged.files[0].truncate(length - 20);
    let mut pages = table(
        "shop.pages",
        vec![integers("id", (0..500).map(|n| n * 7919 % 1009))],
        &[id],
    );
    for byte in &mut pages.files[0][40..400] {
        *byte ^= 0xa5;
    }
    let mut disagreeing = table("shop.disagreeing", vec![one_to_four()], &[id]);
    disagreeing.files.extend(
        table(
            "shop.disagreeing",
            vec![one_to_four(), integers("n", 0..4)],
            &[id],
        )
        .files,
    );
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>((0..4).map(|n| Some(vec![Some(n)])));
    vec![
        table(
            "shop.sound",
            vec![one_to_four(), texts("note", ["a", "b", "c", "d"])],
            &[id, ("note", "varchar(9)")],
        ),
        table(
            "shop.doubled",
            vec![integers("id", [1, 2, 2, 2]), integers("doubled_no", [7, 1, 9, 4])],
            &[id, ("doubled_no", "int")],
        ),
        table(
            "shop.nulls",
            vec![(
                "id",
                Arc::new(Int32Array::from(vec![Some(1), None, None, Some(4)])) as ArrayRef,
            )],
            &[id],
        ),
        table(
            "shop.empties",
            vec![texts("code", ["", "a", "b", "c"])],
            &[("code", "varchar(9)")],
        ),
        table(
            "shop.longs",
            vec![texts("code", ["a", &long, "b", "c"])],
            &[("code", "varchar(3000)")],
        ),
        table(
            "shop.latin",
            vec![
                one_to_four(),
                (
                    "note",
                    Arc::new(BinaryArray::from_iter_values([
                        &b"ok"[..],
                        &[b'a', 0xff],
                        b"",
                        b"fine",
                    ])),
                ),
            ],
            &[id, ("note", "char(4)")],
        ),
        table(
            "shop.numbers",
            vec![
                one_to_four(),
                ("rate", Arc::new(Float64Array::from(vec![1.5, -0.0, 1e300, 2.0]))),
                texts("price", ["1.000000000000000000000000000001", "0", "2", "3"]),
            ],
            &[id, ("rate", "double"), ("price", "decimal(65,30)")],
        ),
        table(
            "shop.dates",
            vec![
                one_to_four(),
                texts("due", ["0000-00-00", "2026-02-00", "2026-02-28", "2026-03-01"]),
            ],
            &[id, ("due", "date")],
        ),
        table(
            "shop.far",
            vec![integers("id", 1..3), ("seen", Arc::new(far))],
            &[id, ("seen", "datetime(6)")],
        ),
        table(
            "shop.large",
            vec![
                one_to_four(),
                texts("body", ["", large.as_str(), larger.as_str(), "z"]),
            ],
            &[id, ("body", "longtext")],
        ),
        table(
            "shop.guess",
            vec![
                one_to_four(),
                (
                    "code",
                    Arc::new(BinaryArray::from_iter_values(["ab", "cd", "ef", "gh"])),
                ),
            ],
            &[id],
        ),
        table(
            "shop.hot",
            vec![
                integers("customer_id", (0..20_100).map(|n| if n < 20_000 { 7 } else { n })),
                integers("line", 0..20_100),
            ],
            &[("customer_id", "int"), ("line", "int")],
        ),
        table("shop.taken", vec![one_to_four()], &[id]),
        table(
            "shop.other_key",
            vec![one_to_four(), integers("no", 5..9)],
            &[id, ("no", "int")],
        ),
        table(
            "shop.twins",
            vec![texts("note", ["a", "b", "a"])],
            &[("note", "varchar(9)")],
        ),
        pages,
        damaged,
        disagreeing,
        table(
            "shop.nested",
            vec![one_to_four(), ("tags", Arc::new(list))],
            &[id],
        ),
        table("shop.unmarked", vec![one_to_four()], &[id]),
        Table {
            files: Vec::new(),
            ..table("shop.gone", vec![one_to_four()], &[id])
        },
    ]
}

/// Every table that is asked for, its target and its key.
const ASKED: [&str; 23] = [
    "shop.sound=sound:id", "shop.doubled=doubled:id", "shop.nulls=nulls:id", "shop.empties=empties:code",
    "shop.longs=longs:code", "shop.latin=latin:id", "shop.numbers=numbers:id", "shop.dates=dates:id",
    "shop.far=far:id", "shop.large=large:id", "shop.guess=guess:id", "shop.hot=hot:customer_id,line",
    "shop.taken=taken:id", "shop.other_key=other_key:id", "shop.pages=pages:id", "shop.damaged=damaged:id",
    "shop.disagreeing=disagreeing:id", "shop.nested=nested:id", "shop.unmarked=unmarked:id",
    "shop.gone=gone:id", "shop.skipped=skipped:id", "shop.unnamed=unnamed:id",
    "shop.twins=twins:@row-digest",
];

async fn lay_everything(world: &World) {
    let tables = tables();
    let keys = lay(world, "x", &tables).await;
    let mut statuses: Vec<_> = tables.iter().map(complete).collect();
    let sound = tables
        .iter()
        .position(|table| table.name == "shop.sound")
        .unwrap();
    statuses[sound]["warningMessage"] = json!("Values may be rounded.");
    let columns = |name: &str| json!({"originalTypeMappings": [{"columnName": name, "originalType": "int"}]});
    statuses.push(json!({"target": "shop.shop.skipped", "status": "SKIPPED",
                         "warningMessage": "the row size is too large"}));
    statuses.push(
        json!({"target": "shop.shop.spaced", "status": "SKIPPED", "schemaMetadata": columns("unit price")}),
    );
    lay_metadata(world, "x", &statuses, "COMPLETE").await;
    let unmarked = keys.iter().find(|key| key.contains("shop.unmarked")).unwrap();
    world
        .delete(&format!("{}/_SUCCESS", unmarked.rsplit_once('/').unwrap().0))
        .await;
    // Somebody has put a table into the copy that the export does not know.
    let unnamed = table("shop.unnamed", vec![integers("id", 0..3)], &[]);
    world
        .put("x/shop/shop.unnamed/1/part-0.parquet", unnamed.files[0].clone())
        .await;
    world.put("x/shop/shop.unnamed/1/_SUCCESS", "").await;

    for (name, key) in [("taken", "id"), ("other_key", "no")] {
        let definition = TableDefinition {
            partition: KeyDefinition {
                name: key.to_owned(),
                attribute_type: AttributeType::N,
            },
            sort: None,
            capacity: Capacity::OnDemand,
            warm_write_units: None,
        };
        world
            .cloud
            .create_table(&target(name), &definition)
            .await
            .unwrap();
        world
            .cloud
            .wait_active(&target(name), std::time::Duration::from_secs(30))
            .await
            .unwrap();
    }
    let item = Item::default().with("id", Value::number(1));
    world.cloud.put_item(&target("taken"), item, None).await.unwrap();
}

fn asked(tables: &[&str], depth: Depth) -> PlanRequest {
    PlanRequest {
        recovery_point: "shop-20261120t080000z-3f9a2c".parse().unwrap(),
        region: REGION.parse().unwrap(),
        target_region: REGION.parse().unwrap(),
        tables: tables.iter().map(|text| request(text)).collect(),
        preflight: depth,
        show_values: false,
    }
}

async fn survey(world: &World, request: &PlanRequest) -> Planned {
    let inspection = restore::inspect(&world.cloud, &copy("x")).await.unwrap();
    let inquiry = Inquiry {
        depth: request.preflight,
        ..Inquiry::default()
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    let cancel = CancellationToken::new();
    let (cloud, region) = (&world.cloud, &request.target_region);
    restore::survey(
        cloud, &inspection, region, &request.tables, now, &inquiry, &cancel,
    )
    .await
    .unwrap()
}

/// What was found, without what passed or was not checked: `Blocks duplicate_key shop.doubled.id 2`.
fn found(preflight: &Preflight) -> Vec<String> {
    let mut lines: Vec<String> = preflight
        .findings
        .iter()
        .filter(|finding| finding.severity < Severity::NotChecked)
        .map(|finding| {
            let table = finding
                .table
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            let column = finding
                .column
                .as_ref()
                .map(|name| format!(".{name}"))
                .unwrap_or_default();
            let count = finding.count.map(|count| format!(" {count}")).unwrap_or_default();
            format!("{:?} {} {table}{column}{count}", finding.severity, finding.code)
        })
        .collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn every_finding_is_found() {
    let world = World::start().await;
    lay_everything(&world).await;
    let exact = survey(&world, &asked(&ASKED, Depth::Exact)).await;
    assert_eq!(exact.plan, None);
    assert_eq!(
        found(&exact.preflight),
        [
            "Blocks damaged_object shop.damaged",
            "Blocks damaged_object shop.pages",
            "Blocks different_schemas shop.disagreeing",
            "Blocks duplicate_key shop.doubled.id 2",
            "Blocks empty_key shop.empties.code 1",
            "Blocks identical_rows shop.twins 1",
            "Blocks incomplete_export shop.gone",
            "Blocks incomplete_export shop.unmarked",
            "Blocks incomplete_export shop.unnamed",
            "Blocks invalid_utf8 shop.latin.note 1",
            "Blocks item_too_large shop.large 2",
            "Blocks long_key shop.longs.code 1",
            "Blocks null_key shop.nulls.id 2",
            "Blocks table_not_exported shop.skipped",
            "Blocks target_key_differs shop.other_key",
            "Blocks target_not_empty shop.taken",
            "Blocks unrepresentable_value shop.far.seen 1",
            "Blocks unsupported_column shop.nested",
            "Note attribute_added shop.twins 3",
            "Note decimal_as_text shop.numbers.price 4",
            "Note double_as_text shop.numbers.rate 2",
            "Note table_skipped shop.spaced",
            "Note unknown_bytes shop.guess.code 4",
            "Note zero_date shop.dates.due 2",
            "Warning exported_with_warning shop.sound",
            "Warning hot_partition shop.hot.customer_id 20000",
        ]
    );
    let of = |code: &str| {
        let found = exact
            .preflight
            .findings
            .iter()
            .find(|finding| finding.code == code);
        found.unwrap()
    };
    let sizes: Vec<_> = of("item_too_large")
        .examples
        .iter()
        .filter_map(|example| example.item_bytes)
        .collect();
    assert_eq!(
        sizes,
        [420_000 + 8, 410_000 + 8],
        "the largest first: names 2 + 4, a number 2, the text"
    );
    assert!(
        of("table_not_exported")
            .message
            .contains("the row size is too large")
    );
    assert!(
        of("table_skipped")
            .message
            .contains("column \"unit price\" holds ' '")
    );
    assert!(
        of("hot_partition").message.contains("99.5 %"),
        "{}",
        of("hot_partition").message
    );
    assert_eq!(
        of("hot_partition").examples[0].values_text(),
        "customer_id=• (N, 1 byte)"
    );
    assert!(of("unsupported_column").message.contains("shop.nested.tags"));
    assert!(
        exact
            .preflight
            .findings
            .iter()
            .all(|finding| !finding.message.is_empty())
    );

    // A quick look finds what listings, footers and statistics tell, and calls nothing passed that rows refuse.
    let quick = survey(&world, &asked(&ASKED, Depth::Quick)).await;
    assert_eq!(quick.plan, None);
    assert_eq!(
        found(&quick.preflight),
        [
            "Blocks damaged_object shop.damaged",
            "Blocks different_schemas shop.disagreeing",
            "Blocks duplicate_key shop.doubled.id",
            "Blocks empty_key shop.empties.code",
            "Blocks incomplete_export shop.gone",
            "Blocks incomplete_export shop.unmarked",
            "Blocks incomplete_export shop.unnamed",
            "Blocks null_key shop.nulls.id 2",
            "Blocks table_not_exported shop.skipped",
            "Blocks target_key_differs shop.other_key",
            "Blocks target_not_empty shop.taken",
            "Blocks unsupported_column shop.nested",
            "Note attribute_added shop.twins 3",
            "Note decimal_as_text shop.numbers.price 4",
            "Note double_as_text shop.numbers.rate",
            "Note table_skipped shop.spaced",
            "Note unknown_bytes shop.guess.code 4",
            "Note zero_date shop.dates.due",
            "Warning exported_with_warning shop.sound",
        ]
    );
    for finding in exact.preflight.blocking() {
        let passed = match finding.code.as_str() {
            "duplicate_key" | "null_key" | "empty_key" | "long_key" | "identical_rows" => "key_unique",
            "invalid_utf8" | "unrepresentable_value" => "values_representable",
            "item_too_large" => "item_sizes",
            "damaged_object" => "rows_readable",
            _ => continue,
        };
        let is_passed = |other: &Finding| {
            other.code == passed && other.table == finding.table && other.severity == Severity::Passed
        };
        assert!(!quick.preflight.findings.iter().any(is_passed), "{finding:#?}");
    }
}

#[tokio::test]
async fn each_choice_resolves_its_finding() {
    let world = World::start().await;
    lay_everything(&world).await;
    let mut made = 0;
    for text in ASKED {
        // Another table beside it, so that leaving one out leaves a plan.
        let tables = ["shop.sound=sound:id", text];
        let request = asked(&tables[usize::from(text == tables[0])..], Depth::Exact);
        let before = survey(&world, &request).await;
        for finding in &before.preflight.findings {
            if finding.severity == Severity::Blocks {
                assert!(!finding.choices.is_empty(), "nothing resolves {finding:#?}");
            }
            for choice in &finding.choices {
                if matches!(choice, Choice::UseCopy { region: None }) {
                    continue;
                }
                let mut changed = request.clone();
                choice.apply(&mut changed);
                assert_ne!(changed, request, "{choice:?} changes nothing");
                let after = survey(&world, &changed).await;
                let remains = |other: &Finding| {
                    (&other.code, &other.table, &other.column)
                        == (&finding.code, &finding.table, &finding.column)
                        && other.severity <= finding.severity
                };
                assert!(
                    !after.preflight.findings.iter().any(remains),
                    "{choice:?} leaves {finding:#?}"
                );
                made += 1;
            }
        }
    }
    assert!(made > 20, "{made} choices were made");
}
