//! Every value of every kind makes an item that reads back as the same canonical row, and no other item does.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Decimal256Type};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Decimal256Array, FixedSizeBinaryArray,
    Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, RecordBatch,
    Time64MicrosecondArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use aws::dynamodb::{AttributeName, Item, ItemWriter, Value, ValueRef};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use recovery::table::{Column, OriginalNumbers};
use recovery::types::ColumnKind;

use super::{Columns, Unfit, readback};

mod every_kind;

/// The 256-bit integer of Arrow's wide decimals.
type Wide = <Decimal256Type as ArrowPrimitiveType>::Native;

/// Years 0 to 9999, in microseconds.
const INSTANTS: std::ops::Range<i64> = -62_167_219_200_000_000..253_402_300_800_000_000;

fn column(name: &str, kind: ColumnKind) -> Column {
    Column {
        name: name.to_owned(),
        original_type: None,
        original_numbers: OriginalNumbers::default(),
        parquet_type: "made by a test".to_owned(),
        kind,
        nullable: true,
    }
}

fn table(columns: Vec<(ColumnKind, ArrayRef)>) -> (RecordBatch, Vec<Column>) {
    let named = columns
        .into_iter()
        .enumerate()
        .map(|(index, (kind, array))| (column(&format!("c{index}"), kind), array));
    let (columns, arrays): (Vec<_>, Vec<_>) = named.unzip();
    let batch = RecordBatch::try_from_iter(columns.iter().map(|column| column.name.clone()).zip(arrays));
    (batch.unwrap(), columns)
}

fn source_form(columns: &Columns<'_>, row: usize) -> Vec<u8> {
    let mut form = Vec::new();
    columns.canonical(row, &mut form);
    form
}

fn item_form(columns: &[Column], item: &Item) -> Vec<u8> {
    let mut form = Vec::new();
    readback::canonical_of(columns, None, item, &mut form);
    form
}

/// The item of a row, by way of the JSON that is sent.
fn item_of(columns: &Columns<'_>, row: usize) -> Result<Item, Unfit> {
    let names: Vec<_> = columns
        .columns
        .iter()
        .map(|column| AttributeName::new(&column.column.name))
        .collect();
    let mut json = Vec::new();
    let mut writer = ItemWriter::begin(&mut json);
    columns.write(row, &names, &mut String::new(), &mut writer)?;
    let bytes = writer.end();
    let attributes: BTreeMap<String, BTreeMap<String, serde_json::Value>> =
        serde_json::from_slice(&json).unwrap();
    let item: Item = attributes
        .into_iter()
        .map(|(name, value)| {
            let (tag, value) = value.into_iter().next().unwrap();
            let text = || value.as_str().unwrap().to_owned();
            let value = match tag.as_str() {
                "S" => Value::S(text()),
                "N" => Value::N(text()),
                "B" => Value::B(STANDARD.decode(text()).unwrap()),
                "NULL" => Value::Null,
                other => panic!("{other} is never written"),
            };
            (name, value)
        })
        .collect();
    assert_eq!(bytes, item.size_bytes());
    assert_eq!(columns.item_bytes(row, &mut String::new()), Some(bytes));
    Ok(item)
}

/// Each row's item reads back as the row, and rows that differ have forms that differ.
fn check(table: (RecordBatch, Vec<Column>)) {
    let (batch, plan) = table;
    let columns = Columns::of(&batch, &plan).unwrap();
    for row in 0..columns.rows {
        let item = item_of(&columns, row).unwrap();
        let form = source_form(&columns, row);
        assert_eq!(form, item_form(&plan, &item), "row {row}: {item:?}");
    }
}

/// The item as DynamoDB may give it back: numbers spelt otherwise, with the same value.
fn respelt(item: &Item) -> Item {
    item.iter()
        .map(|(name, value)| {
            let value = match value {
                ValueRef::N(text) if !text.contains(['.', 'e', 'E']) => Value::N(format!("{text}.0")),
                other => other.to_value().unwrap(),
            };
            (name.to_owned(), value)
        })
        .collect()
}

/// INT96 values as they lie in a file: nanoseconds of the day behind their Julian day.
fn int96(values: [(i32, i64); 4]) -> ArrayRef {
    let bytes = values.map(|(day, nanos)| [&nanos.to_le_bytes()[..], &day.to_le_bytes()].concat());
    Arc::new(FixedSizeBinaryArray::try_from_iter(bytes.into_iter()).unwrap())
}

const DECIMAL_10_2: ColumnKind = ColumnKind::Decimal {
    precision: 10,
    scale: 2,
};

#[test]
fn boundaries_of_every_kind_survive() {
    let decimal = |values: Vec<Option<i128>>, precision, scale: i8| -> (ColumnKind, ArrayRef) {
        let array = Decimal128Array::from(values)
            .with_precision_and_scale(precision, scale)
            .unwrap();
        (ColumnKind::Decimal { precision, scale }, Arc::new(array))
    };
    let nines = (0..65).fold(Wide::from_i128(0), |number, _| {
        number
            .wrapping_mul(Wide::from_i128(10))
            .wrapping_add(Wide::from_i128(9))
    });
    let long = Decimal256Array::from(vec![
        Some(nines),
        Some(Wide::from_i128(-(10_i128.pow(30)))),
        Some(Wide::from_i128(0)),
        None,
    ]);
    let fixed = FixedSizeBinaryArray::try_from_sparse_iter_with_size(
        [Some([0_u8; 4]), Some([255; 4]), None, Some([1, 2, 3, 4])].into_iter(),
        4,
    )
    .unwrap();
    let text = ["", "NULL", "Łódź 🎬 \u{0} \"quoted\"", " trailing "];
    check(table(vec![
        (
            ColumnKind::Integer,
            Arc::new(Int8Array::from(vec![Some(i8::MIN), Some(i8::MAX), None, Some(0)])),
        ),
        (
            ColumnKind::Integer,
            Arc::new(Int16Array::from(vec![
                Some(i16::MIN),
                Some(i16::MAX),
                None,
                Some(0),
            ])),
        ),
        (
            ColumnKind::Integer,
            Arc::new(Int32Array::from(vec![
                Some(i32::MIN),
                Some(i32::MAX),
                None,
                Some(0),
            ])),
        ),
        (
            ColumnKind::Integer,
            Arc::new(Int64Array::from(vec![
                Some(i64::MIN),
                Some(i64::MAX),
                None,
                Some(0),
            ])),
        ),
        (
            ColumnKind::Integer,
            Arc::new(UInt8Array::from(vec![
                Some(u8::MIN),
                Some(u8::MAX),
                None,
                Some(1),
            ])),
        ),
        (
            ColumnKind::Integer,
            Arc::new(UInt16Array::from(vec![
                Some(u16::MIN),
                Some(u16::MAX),
                None,
                Some(1),
            ])),
        ),
        (
            ColumnKind::Integer,
            Arc::new(UInt32Array::from(vec![
                Some(u32::MIN),
                Some(u32::MAX),
                None,
                Some(1),
            ])),
        ),
        (
            ColumnKind::Integer,
            Arc::new(UInt64Array::from(vec![
                Some(u64::MIN),
                Some(u64::MAX),
                None,
                Some(1),
            ])),
        ),
        (
            ColumnKind::Boolean,
            Arc::new(BooleanArray::from(vec![
                Some(true),
                Some(false),
                None,
                Some(true),
            ])),
        ),
        // BIGINT UNSIGNED.
        decimal(vec![Some(i128::from(u64::MAX)), Some(0), None, Some(100)], 20, 0),
        decimal(
            vec![
                Some(10_i128.pow(38) - 1),
                Some(1 - 10_i128.pow(38)),
                None,
                Some(10),
            ],
            38,
            38,
        ),
        decimal(vec![Some(150), Some(-1), None, Some(0)], 10, 2),
        (
            ColumnKind::Decimal {
                precision: 65,
                scale: 30,
            },
            Arc::new(long.with_precision_and_scale(65, 30).unwrap()),
        ),
        (
            ColumnKind::Double,
            Arc::new(Float64Array::from(vec![
                Some(f64::MAX),
                Some(-0.0),
                Some(f64::NAN),
                Some(5e-324),
            ])),
        ),
        (
            ColumnKind::Double,
            Arc::new(Float64Array::from(vec![
                Some(1e-130),
                Some(9.99e125),
                None,
                Some(1e16),
            ])),
        ),
        (
            ColumnKind::Double,
            Arc::new(Float32Array::from(vec![
                Some(f32::MIN_POSITIVE),
                Some(f32::MAX),
                Some(f32::NEG_INFINITY),
                Some(0.1),
            ])),
        ),
        (ColumnKind::Text, Arc::new(BinaryArray::from_iter_values(text))),
        (
            ColumnKind::Json,
            Arc::new(BinaryArray::from_iter_values([
                "{\"a\": 1.0}", "[]", "null", "1e400",
            ])),
        ),
        (
            ColumnKind::DecimalText,
            Arc::new(BinaryArray::from_iter_values([
                "1.50",
                "-0.0",
                "0",
                "9".repeat(65).as_str(),
            ])),
        ),
        (
            ColumnKind::DateOrTimeText,
            Arc::new(BinaryArray::from_iter_values([
                "0000-00-00", "2026-02-00", "-838:59:59", "9999-12-31",
            ])),
        ),
        (
            ColumnKind::Binary,
            Arc::new(BinaryArray::from_iter_values([
                &b""[..],
                &[0, 255],
                b"text",
                &[0xc3, 0x28],
            ])),
        ),
        (ColumnKind::Binary, Arc::new(fixed)),
        (
            ColumnKind::DateOrTimeText,
            Arc::new(Date32Array::from(vec![
                Some(0),
                Some(-719_528),
                None,
                Some(2_932_896),
            ])),
        ),
        (
            ColumnKind::DateOrTimeText,
            Arc::new(Time64MicrosecondArray::from(vec![
                Some(0),
                Some(86_399_999_999),
                None,
                Some(1),
            ])),
        ),
        (
            ColumnKind::DateTime,
            Arc::new(TimestampMicrosecondArray::from(vec![
                Some(INSTANTS.start),
                Some(INSTANTS.end - 1),
                None,
                Some(-1),
            ])),
        ),
        (
            ColumnKind::Timestamp,
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(0), Some(INSTANTS.end - 1), None, Some(1_000_000)])
                    .with_timezone("UTC"),
            ),
        ),
        (
            ColumnKind::Timestamp,
            Arc::new(TimestampMillisecondArray::from(vec![
                Some(1),
                Some(-1),
                None,
                Some(0),
            ])),
        ),
        (
            ColumnKind::DateTime,
            Arc::new(TimestampNanosecondArray::from(vec![
                Some(1),
                Some(-1),
                None,
                Some(1_000),
            ])),
        ),
        (
            ColumnKind::Timestamp,
            int96([
                (1_721_060, 0),
                (5_373_484, 86_399_999_999_999),
                (2_440_588, -1),
                (2_440_588, 1_000),
            ]),
        ),
    ]));
    // Year 9999 and year 0, which nanoseconds in 64 bits do not reach.
    let (batch, plan) = table(vec![(
        ColumnKind::DateTime,
        int96([
            (5_373_484, 86_399_999_999_000),
            (1_721_060, 0),
            (1_721_059, 0),
            (5_373_485, 0),
        ]),
    )]);
    let columns = Columns::of(&batch, &plan).unwrap();
    let text = |row| item_of(&columns, row).map(|item| item.string("c0").map(str::to_owned));
    assert_eq!(text(0).unwrap().as_deref(), Some("9999-12-31T23:59:59.999999"));
    assert_eq!(text(1).unwrap().as_deref(), Some("0000-01-01T00:00:00"));
    assert!(
        text(2).is_err() && text(3).is_err(),
        "years -1 and 10000 have no form"
    );
}

#[test]
fn the_mapping_reads_as_documented() {
    let decimal = Decimal128Array::from(vec![150])
        .with_precision_and_scale(10, 2)
        .unwrap();
    let (batch, plan) = table(vec![
        (ColumnKind::Integer, Arc::new(Int32Array::from(vec![-7]))),
        (DECIMAL_10_2, Arc::new(decimal)),
        (ColumnKind::Double, Arc::new(Float64Array::from(vec![1e200]))),
        (ColumnKind::Text, Arc::new(BinaryArray::from_iter_values(["ü"]))),
        (
            ColumnKind::DateTime,
            Arc::new(TimestampMicrosecondArray::from(vec![1_500_000])),
        ),
        (
            ColumnKind::Timestamp,
            Arc::new(TimestampMicrosecondArray::from(vec![0])),
        ),
        (
            ColumnKind::Binary,
            Arc::new(BinaryArray::from_iter_values([[7_u8]])),
        ),
        (ColumnKind::Integer, Arc::new(Int32Array::from(vec![None]))),
    ]);
    let item = item_of(&Columns::of(&batch, &plan).unwrap(), 0).unwrap();
    let expected = [
        ("c0", ValueRef::N("-7")),
        ("c1", ValueRef::N("1.5")),
        ("c2", ValueRef::S("1e200")),
        ("c3", ValueRef::S("ü")),
        ("c4", ValueRef::S("1970-01-01T00:00:01.500000")),
        ("c5", ValueRef::S("1970-01-01T00:00:00Z")),
        ("c6", ValueRef::B(&[7])),
        ("c7", ValueRef::Null),
    ];
    for (name, value) in expected {
        assert_eq!(item.get(name), Some(value), "{name}");
    }
    assert_eq!(item.len(), expected.len());
}

#[test]
fn what_has_no_lossless_form_is_refused_by_column() {
    let (batch, plan) = table(vec![
        (
            ColumnKind::Text,
            Arc::new(BinaryArray::from_iter_values([&[0xff_u8][..]])),
        ),
        (
            ColumnKind::Timestamp,
            Arc::new(TimestampMicrosecondArray::from(vec![i64::MAX])),
        ),
    ]);
    let first = item_of(&Columns::of(&batch, &plan).unwrap(), 0).unwrap_err();
    assert!(first.column == "c0" && first.cause.contains("UTF-8"), "{first:?}");
    let second = item_of(&Columns::of(&batch, &plan[1..]).unwrap(), 0).unwrap_err();
    assert!(
        second.column == "c1" && second.cause.contains("9999"),
        "{second:?}"
    );
    let missing = Columns::of(&batch, &[column("c9", ColumnKind::Text)]).unwrap_err();
    assert_eq!(missing.column, "c9");
    let other = Columns::of(&batch, &[column("c0", ColumnKind::Integer)]).unwrap_err();
    assert!(other.cause.contains("Binary"), "{other:?}");
}

#[test]
fn every_alteration_of_an_item_shows() {
    let decimal = Decimal128Array::from(vec![150])
        .with_precision_and_scale(10, 2)
        .unwrap();
    let (batch, plan) = table(vec![
        (ColumnKind::Integer, Arc::new(Int32Array::from(vec![7]))),
        (DECIMAL_10_2, Arc::new(decimal)),
        (ColumnKind::Text, Arc::new(BinaryArray::from_iter_values(["7"]))),
        (
            ColumnKind::DateTime,
            Arc::new(TimestampMicrosecondArray::from(vec![1])),
        ),
        (
            ColumnKind::Timestamp,
            Arc::new(TimestampMicrosecondArray::from(vec![1])),
        ),
        (ColumnKind::Double, Arc::new(Float64Array::from(vec![0.0]))),
        (ColumnKind::Binary, Arc::new(BinaryArray::from_iter_values(["7"]))),
        (ColumnKind::Text, Arc::new(BinaryArray::from(vec![None::<&[u8]>]))),
    ]);
    let columns = Columns::of(&batch, &plan).unwrap();
    let form = source_form(&columns, 0);
    let altered = [
        ("c0", Value::N("8".into())),
        ("c0", Value::S("7".into())),
        ("c0", Value::Null),
        ("c1", Value::N("1.51".into())),
        ("c1", Value::N("1.501".into())),
        ("c2", Value::S("7 ".into())),
        ("c2", Value::N("7".into())),
        ("c3", Value::S("1970-01-01T00:00:00.000001Z".into())),
        ("c3", Value::S("1970-01-01 00:00:00.000001".into())),
        ("c4", Value::S("1970-01-01T00:00:00.000001".into())),
        ("c4", Value::S("1970-01-01T00:00:00.000002Z".into())),
        ("c5", Value::S("-0.0".into())),
        ("c5", Value::S("0".into())),
        ("c6", Value::S("7".into())),
        ("c6", Value::B(vec![b'7', 0])),
        ("c7", Value::S(String::new())),
        ("extra", Value::Null),
    ];
    for (name, value) in altered {
        let item = item_of(&columns, 0).unwrap().with(name, value.clone());
        assert_ne!(form, item_form(&plan, &item), "{name} became {value:?}");
    }
    let lost: Item = item_of(&columns, 0)
        .unwrap()
        .iter()
        .filter(|(name, _)| *name != "c7")
        .map(|(name, value)| match value {
            ValueRef::N(text) => (name, Value::N(text.into())),
            ValueRef::B(bytes) => (name, Value::B(bytes.into())),
            ValueRef::S(text) => (name, Value::S(text.into())),
            _ => (name, Value::Null),
        })
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    assert_ne!(form, item_form(&plan, &lost), "a NULL is not an absent attribute");
}

#[test]
fn neighbouring_texts_do_not_run_together() {
    let pair = |a: &str, b: &str| {
        let (batch, plan) = table(vec![
            (ColumnKind::Text, Arc::new(BinaryArray::from_iter_values([a]))),
            (ColumnKind::Text, Arc::new(BinaryArray::from_iter_values([b]))),
        ]);
        source_form(&Columns::of(&batch, &plan).unwrap(), 0)
    };
    assert_ne!(pair("ab", "c"), pair("a", "bc"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_rows_survive_however_numbers_are_spelt(
        rows in prop::collection::vec(
            (
                any::<Option<i64>>(),
                prop::option::of(-9_999_999_999_i128..=9_999_999_999),
                any::<Option<u64>>().prop_map(|bits| bits.map(f64::from_bits)),
                prop::option::of(any::<String>()),
                prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
                prop::option::of(INSTANTS),
            ),
            1..20,
        )
    ) {
        let integers: Int64Array = rows.iter().map(|row| row.0).collect();
        let decimals: Decimal128Array = rows.iter().map(|row| row.1).collect();
        let doubles: Float64Array = rows.iter().map(|row| row.2).collect();
        let texts: BinaryArray = rows.iter().map(|row| row.3.as_ref().map(String::as_bytes)).collect();
        let bytes: BinaryArray = rows.iter().map(|row| row.4.as_deref()).collect();
        let instants: TimestampMicrosecondArray = rows.iter().map(|row| row.5).collect();
        let (batch, plan) = table(vec![
            (ColumnKind::Integer, Arc::new(integers)),
            (DECIMAL_10_2, Arc::new(decimals.with_precision_and_scale(10, 2).unwrap())),
            (ColumnKind::Double, Arc::new(doubles)),
            (ColumnKind::Text, Arc::new(texts)),
            (ColumnKind::Binary, Arc::new(bytes)),
            (ColumnKind::DateTime, Arc::new(instants.clone())),
            (ColumnKind::Timestamp, Arc::new(instants)),
        ]);
        let columns = Columns::of(&batch, &plan).unwrap();
        for row in 0..columns.rows {
            let item = item_of(&columns, row).unwrap();
            let form = source_form(&columns, row);
            prop_assert_eq!(&form, &item_form(&plan, &item));
            prop_assert_eq!(&form, &item_form(&plan, &respelt(&item)));
        }
    }
}
