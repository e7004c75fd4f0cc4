//! Parquet to DynamoDB to Parquet is the identity: same schema, same rows, whatever they are.

use std::cell::Cell as Counter;
use std::sync::atomic::AtomicU64;

use parquet::schema::types::TypePtr;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use proptest::string::string_regex;
use proptest::test_runner::{Config, TestRunner};
use recovery::schema_record::SchemaRecord;
use restore::{FileCheckpoints, Progress};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay};
use crate::physical::{Cell, Row, read_bytes, read_file, written};
use crate::world::{World, plan};

/// A column: its field, what the metadata calls its type, and its values.
struct Column {
    field: &'static str,
    original: Option<&'static str>,
    cells: BoxedStrategy<Cell>,
}

const DAY_NANOS: i64 = 86_400_000_000_000;

/// 0000-01-01 and 9999-12-31, in days from 1970-01-01.
const DAYS: std::ops::Range<i32> = -719_528..2_932_897;

fn int32(values: impl Strategy<Value = i32> + 'static) -> BoxedStrategy<Cell> {
    values.prop_map(Cell::Int32).boxed()
}

fn int64(values: impl Strategy<Value = i64> + 'static) -> BoxedStrategy<Cell> {
    values.prop_map(Cell::Int64).boxed()
}

fn text(pattern: &str) -> BoxedStrategy<Cell> {
    string_regex(pattern)
        .unwrap()
        .prop_map(|text| Cell::Bytes(text.into_bytes()))
        .boxed()
}

fn bytes(lengths: impl Into<prop::collection::SizeRange>) -> BoxedStrategy<Cell> {
    prop::collection::vec(any::<u8>(), lengths)
        .prop_map(Cell::Bytes)
        .boxed()
}

/// Decimals of up to 38 digits, in as few bytes as hold them or in `length`.
fn decimal(digits: u32, length: Option<usize>) -> BoxedStrategy<Cell> {
    let nines = 10_i128.pow(digits) - 1;
    prop_oneof![-nines..=nines, Just(nines), Just(-nines), -200..200_i128]
        .prop_map(move |value| {
            let all = value.to_be_bytes();
            let spare = (0..15)
                .take_while(|at| (0x80 & all[*at]) == (0x80 & all[at + 1]) && matches!(all[*at], 0 | 0xFF))
                .count();
            let kept = match length {
                Some(length) if length > 16 => {
                    let mut longer = vec![if value < 0 { 0xFF } else { 0 }; length - 16];
                    longer.extend_from_slice(&all);
                    longer
                }
                Some(length) => all[16 - length..].to_vec(),
                None => all[spare..].to_vec(),
            };
            Cell::Bytes(kept)
        })
        .boxed()
}

fn columns() -> Vec<Column> {
    let column = |field, original: &'static str, cells| Column {
        field,
        original: (!original.is_empty()).then_some(original),
        cells,
    };
    let doubles = prop_oneof![
        any::<f64>().prop_filter("a NaN's payload is not kept", |value| !value.is_nan()),
        prop::sample::select(vec![
            0.0,
            -0.0,
            5e-324,
            f64::MAX,
            f64::NEG_INFINITY,
            f64::NAN,
            1e-130,
            1e126
        ]),
    ];
    let floats = any::<f32>().prop_filter("a NaN's payload is not kept", |value| !value.is_nan());
    let int96 = (DAYS, 0..DAY_NANOS).prop_map(|(days, nanos)| {
        let nanos = nanos.cast_unsigned();
        let low = u32::try_from(nanos & u64::from(u32::MAX)).unwrap();
        Cell::Int96([
            low,
            u32::try_from(nanos >> 32).unwrap(),
            (days + 2_440_588).cast_unsigned(),
        ])
    });
    let micros = i64::from(DAYS.start) * 86_400_000_000..i64::from(DAYS.end) * 86_400_000_000;
    let millis = i64::from(DAYS.start) * 86_400_000..i64::from(DAYS.end) * 86_400_000;
    vec![
        column(
            "optional boolean %",
            "",
            any::<bool>().prop_map(Cell::Boolean).boxed(),
        ),
        column("optional int32 %", "int", int32(any::<i32>())),
        column("required int32 %", "", int32(any::<i32>())),
        column("optional int32 % (INTEGER(8,true))", "tinyint", int32(-128..128)),
        column(
            "optional int32 % (INTEGER(16,true))",
            "tinyint unsigned",
            int32(0..256),
        ),
        column("optional int32 % (INTEGER(32,false))", "", int32(any::<i32>())),
        column(
            "optional int32 % (DECIMAL(9,2))",
            "decimal",
            int32(-999_999_999..1_000_000_000),
        ),
        column("optional int32 % (DATE)", "date", int32(DAYS)),
        column("optional int32 % (TIME(MILLIS,true))", "", int32(0..86_400_000)),
        column("optional int64 %", "bigint", int64(any::<i64>())),
        column("optional int64 % (INTEGER(64,false))", "", int64(any::<i64>())),
        column(
            "optional int64 % (DECIMAL(18,4))",
            "decimal",
            int64(1 - 10_i64.pow(18)..10_i64.pow(18)),
        ),
        column(
            "optional int64 % (TIMESTAMP(MICROS,true))",
            "datetime",
            int64(micros.clone()),
        ),
        column(
            "optional int64 % (TIMESTAMP(MICROS,true))",
            "timestamp",
            int64(micros),
        ),
        column("optional int64 % (TIMESTAMP(MILLIS,true))", "", int64(millis)),
        column(
            "optional int64 % (TIMESTAMP(NANOS,false))",
            "",
            int64(any::<i64>()),
        ),
        column(
            "optional int64 % (TIME(MICROS,false))",
            "",
            int64(0..DAY_NANOS / 1_000),
        ),
        column("optional int64 % (TIME(NANOS,true))", "", int64(0..DAY_NANOS)),
        column("optional int96 %", "timestamp", int96.boxed()),
        column(
            "optional float %",
            "float",
            floats.prop_map(|value| Cell::Float(value.to_bits())).boxed(),
        ),
        column(
            "optional double %",
            "double",
            doubles.prop_map(|value| Cell::Double(value.to_bits())).boxed(),
        ),
        column("optional binary %", "", bytes(0..60)),
        column("optional binary %", "char", text("\\PC{0,20}")),
        column("optional binary % (STRING)", "varchar", text(".{0,20}")),
        column("required binary % (STRING)", "geometry", bytes(0..60)),
        column(
            "optional binary % (STRING)",
            "date",
            text("[0-9]{4}-[0-3][0-9]-[0-3][0-9]"),
        ),
        column(
            "optional binary % (STRING)",
            "time",
            text("-?[0-9]{2,3}:[0-5][0-9]:[0-5][0-9](\\.[0-9]{6})?"),
        ),
        column(
            "optional binary % (STRING)",
            "decimal",
            text("-?[0-9]{1,35}\\.[0-9]{30}"),
        ),
        column(
            "optional binary % (JSON)",
            "json",
            text("\\{\"a\": ?[0-9]{1,40}\\}"),
        ),
        column("optional binary % (ENUM)", "enum", text("a|b|")),
        column("optional binary % (DECIMAL(38,5))", "", decimal(38, None)),
        column(
            "optional fixed_len_byte_array(9) % (DECIMAL(20,0))",
            "bigint unsigned",
            decimal(20, Some(9)),
        ),
        column(
            "optional fixed_len_byte_array(16) % (DECIMAL(38,10))",
            "decimal",
            decimal(38, Some(16)),
        ),
        column(
            "optional fixed_len_byte_array(28) % (DECIMAL(65,30))",
            "",
            decimal(38, Some(28)),
        ),
        column("optional fixed_len_byte_array(16) % (UUID)", "", bytes(16)),
        column("optional fixed_len_byte_array(5) %", "", bytes(5)),
    ]
}

/// The columns' fields behind a key's, named `c0`, `c1`, …
fn message(columns: &[Column]) -> String {
    let named = columns.iter().enumerate();
    let fields: Vec<String> = named
        .map(|(index, column)| column.field.replace('%', &format!("c{index}")))
        .collect();
    format!("message m {{ required int64 id; {}; }}", fields.join("; "))
}

/// Rows of every column, numbered by their key. Required columns have no NULL.
fn rows(columns: Vec<Column>) -> impl Strategy<Value = Vec<Row>> {
    (1_usize..30).prop_flat_map(move |count| {
        let cells: Vec<_> = columns
            .iter()
            .map(|column| {
                let cell = if column.field.starts_with("required") {
                    column.cells.clone().prop_map(Some).boxed()
                } else {
                    prop::option::weighted(0.8, column.cells.clone()).boxed()
                };
                prop::collection::vec(cell, count)
            })
            .collect();
        cells.prop_map(move |columns| {
            (0..count)
                .map(|row| {
                    let id = Some(Cell::Int64(i64::try_from(row).unwrap()));
                    std::iter::once(id)
                        .chain(columns.iter().map(|column| column[row].clone()))
                        .collect()
                })
                .collect()
        })
    })
}

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort();
    rows
}

/// Restores a file into a table, by its key and by added ones in turn, and exports the table: the fields and rows that
/// come out.
async fn around(world: &World, number: u32, file: Vec<u8>, columns: &[Column]) -> (Vec<TypePtr>, Vec<Row>) {
    let types: Vec<_> = columns
        .iter()
        .enumerate()
        .filter_map(|(index, column)| {
            let original = column.original?;
            Some(json!({"columnName": format!("c{index}"), "originalType": original}))
        })
        .collect();
    let prefix = format!("circle/{number}");
    let table = Table {
        name: "shop.things",
        types: types.into(),
        files: vec![file],
        batches: true,
    };
    lay(world, &prefix, &[table]).await;
    let key = ["id", "@row-digest", "@row-place"][number as usize % 3];
    let plan = plan(world, &prefix, &[&format!("shop.things=things-{number}:{key}")])
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
    let cancel = CancellationToken::new();
    let results = restore::execute(
        &world.cloud,
        &plan,
        &checkpoints,
        &Progress::new(&plan),
        cancel.clone(),
    )
    .await
    .unwrap();
    assert!(results[0].is_proven());

    let record = std::fs::read(checkpoints.schema_path()).unwrap();
    let record: SchemaRecord = serde_json::from_slice(&record).unwrap();
    let out = folder.path().join("rows");
    let count = AtomicU64::new(0);
    let exported = restore::export_rows(&world.cloud, &record, &record.tables, &out, &count, &cancel)
        .await
        .unwrap();
    assert_eq!(exported[0].digest, results[0].digest_source);
    assert_eq!((exported[0].rows, exported[0].objects), (plan.rows(), 1));
    read_file(&out.join("shop/shop.things/1/part-00000-c000.gz.parquet"))
}

#[test]
fn parquet_to_dynamodb_to_parquet_is_the_identity() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::start());
    let number = Counter::new(0);
    let config = Config {
        cases: 16,
        failure_persistence: None,
        ..Config::default()
    };
    let every = columns();
    let circle = |rows: Vec<Row>| {
        number.set(number.get() + 1);
        let file = written(&message(&every), &rows);
        let (fields, _) = read_bytes(&file);
        let (fields_out, rows_out) = runtime.block_on(around(&world, number.get(), file, &every));
        prop_assert_eq!(fields_out, fields);
        prop_assert_eq!(sorted(rows_out), sorted(rows));
        Ok(())
    };
    TestRunner::new(config).run(&rows(columns()), circle).unwrap();
}
