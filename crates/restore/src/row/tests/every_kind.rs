//! Random values of every kind in every form that Parquet holds it in, NULLs among them.

use arrow_array::{Time32MillisecondArray, Time64NanosecondArray};
use proptest::strategy::{BoxedStrategy, ValueTree as _};
use proptest::string::string_regex;

use super::*;

/// A column of so many rows.
type AnyColumn = BoxedStrategy<(ColumnKind, ArrayRef)>;

/// Days from year 0 to 9999.
const DAYS: std::ops::Range<i32> = -719_528..2_932_897;

/// Of `kind`, made of `rows` random values or NULLs.
fn of<S, A>(kind: ColumnKind, rows: usize, value: S) -> AnyColumn
where
    S: Strategy + 'static,
    A: arrow_array::Array + FromIterator<Option<S::Value>> + 'static,
{
    prop::collection::vec(prop::option::of(value), rows)
        .prop_map(move |values| (kind, Arc::new(values.into_iter().collect::<A>()) as ArrayRef))
        .boxed()
}

/// Of `kind`, made of `rows` random texts or bytes, or NULLs.
fn of_bytes<S>(kind: ColumnKind, rows: usize, value: S) -> AnyColumn
where
    S: Strategy + 'static,
    S::Value: AsRef<[u8]>,
{
    prop::collection::vec(prop::option::of(value), rows)
        .prop_map(move |values| (kind, Arc::new(BinaryArray::from_iter(values)) as ArrayRef))
        .boxed()
}

/// DECIMAL of any precision up to 38 and any scale, with its least and greatest values more often than chance would.
fn decimal(rows: usize) -> AnyColumn {
    (1_u8..=38)
        .prop_flat_map(|precision| (Just(precision), 0..=precision))
        .prop_flat_map(move |(precision, scale)| {
            let nines = 10_i128.pow(precision.into()) - 1;
            let value = prop_oneof![
                -nines..=nines,
                -nines..=nines,
                Just(nines),
                Just(-nines),
                Just(0),
                -9..=9_i128
            ]
            .prop_map(move |value| value.clamp(-nines, nines));
            prop::collection::vec(prop::option::of(value), rows).prop_map(move |values| {
                let scale = scale.cast_signed();
                let array = Decimal128Array::from(values)
                    .with_precision_and_scale(precision, scale)
                    .unwrap();
                (
                    ColumnKind::Decimal { precision, scale },
                    Arc::new(array) as ArrayRef,
                )
            })
        })
        .boxed()
}

/// DECIMAL of 39 to 76 digits, which other writers have.
fn long_decimal(rows: usize) -> AnyColumn {
    (39_u8..=76)
        .prop_flat_map(|precision| (Just(precision), 0..=precision))
        .prop_flat_map(move |(precision, scale)| {
            let digits = string_regex(&format!("-?[0-9]{{1,{precision}}}")).unwrap();
            prop::collection::vec(prop::option::of(digits), rows).prop_map(move |values| {
                let scale = scale.cast_signed();
                let values = values
                    .into_iter()
                    .map(|digits| digits.map(|digits| Wide::from_string(&digits).unwrap()));
                let array = values
                    .collect::<Decimal256Array>()
                    .with_precision_and_scale(precision, scale)
                    .unwrap();
                (
                    ColumnKind::Decimal { precision, scale },
                    Arc::new(array) as ArrayRef,
                )
            })
        })
        .boxed()
}

/// INT96 of years 0 to 9999, with nanoseconds that no 64 bits could count.
fn int96(kind: ColumnKind, rows: usize) -> AnyColumn {
    let value = (DAYS, 0_i64..86_400_000_000_000).prop_map(|(days, nanos)| {
        let mut bytes = nanos.to_le_bytes().to_vec();
        bytes.extend_from_slice(&(days + 2_440_588).to_le_bytes());
        bytes
    });
    prop::collection::vec(prop::option::of(value), rows)
        .prop_map(move |values| {
            let array = FixedSizeBinaryArray::try_from_sparse_iter_with_size(values.into_iter(), 12).unwrap();
            (kind, Arc::new(array) as ArrayRef)
        })
        .boxed()
}

/// Doubles that DynamoDB's number just holds, just does not hold, or would alter.
const BORDERS: [f64; 10] = [
    0.0,
    -0.0,
    f64::MIN_POSITIVE,
    5e-324,
    f64::MAX,
    f64::INFINITY,
    f64::NAN,
    1e-130,
    9.99e125,
    1e126,
];

/// Every double, those at the borders of DynamoDB's number more often than chance would.
fn doubles() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        prop::sample::select(&BORDERS[..]),
        -1e6..1e6
    ]
}

fn every_kind(rows: usize) -> Vec<AnyColumn> {
    use ColumnKind::{
        Binary, Boolean, DateOrTimeText, DateTime, DecimalText, Double, Integer, Json, Text, Timestamp,
    };
    let day = 86_400_i64;
    vec![
        of::<_, Int8Array>(Integer, rows, any::<i8>()),
        of::<_, Int16Array>(Integer, rows, any::<i16>()),
        of::<_, Int32Array>(Integer, rows, any::<i32>()),
        of::<_, Int64Array>(Integer, rows, any::<i64>()),
        of::<_, UInt8Array>(Integer, rows, any::<u8>()),
        of::<_, UInt16Array>(Integer, rows, any::<u16>()),
        of::<_, UInt32Array>(Integer, rows, any::<u32>()),
        of::<_, UInt64Array>(Integer, rows, any::<u64>()),
        of::<_, BooleanArray>(Boolean, rows, any::<bool>()),
        decimal(rows),
        long_decimal(rows),
        of::<_, Float32Array>(Double, rows, any::<u32>().prop_map(f32::from_bits)),
        of::<_, Float64Array>(Double, rows, doubles()),
        of_bytes(Text, rows, any::<String>()),
        of_bytes(Json, rows, r#"\{"a": -?[0-9]{1,30}(\.0+)?\}"#),
        of_bytes(DecimalText, rows, r"-?[0-9]{1,35}\.[0-9]{30}"),
        of_bytes(
            DateOrTimeText,
            rows,
            "-?[0-9]{2,3}:[0-5][0-9]:[0-5][0-9](\\.[0-9]{6})?|[0-9]{4}-[0-3][0-9]-[0-3][0-9]",
        ),
        of_bytes(Binary, rows, prop::collection::vec(any::<u8>(), 0..40)),
        of::<_, Date32Array>(DateOrTimeText, rows, DAYS),
        of::<_, Time32MillisecondArray>(DateOrTimeText, rows, 0..86_400_000),
        of::<_, Time64MicrosecondArray>(DateOrTimeText, rows, 0..day * 1_000_000),
        of::<_, Time64NanosecondArray>(DateOrTimeText, rows, 0..day * 1_000_000_000),
        of::<_, TimestampMillisecondArray>(Timestamp, rows, INSTANTS.start / 1_000..INSTANTS.end / 1_000),
        of::<_, TimestampMicrosecondArray>(DateTime, rows, INSTANTS),
        of::<_, TimestampMicrosecondArray>(Timestamp, rows, INSTANTS),
        of::<_, TimestampNanosecondArray>(DateTime, rows, any::<i64>()),
        int96(DateTime, rows),
        int96(Timestamp, rows),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_value_of_every_kind_survives(columns in (1_usize..12).prop_flat_map(every_kind)) {
        check(table(columns));
    }
}

#[test]
fn every_kind_is_tried() {
    let kinds = [
        ColumnKind::Integer,
        ColumnKind::DecimalText,
        ColumnKind::Double,
        ColumnKind::Text,
        ColumnKind::Json,
        ColumnKind::DateOrTimeText,
        ColumnKind::DateTime,
        ColumnKind::Timestamp,
        ColumnKind::Binary,
        ColumnKind::Boolean,
    ];
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let tried: Vec<ColumnKind> = every_kind(1)
        .iter()
        .map(|column| column.new_tree(&mut runner).unwrap().current().0)
        .collect();
    assert!(kinds.iter().all(|kind| tried.contains(kind)), "{tried:?}");
    assert!(
        tried
            .iter()
            .any(|kind| matches!(kind, ColumnKind::Decimal { precision, .. } if *precision > 38))
    );
}
