//! One column of a row group while it is being filled: canonical values in, Parquet's values out.

use arrow_array::types::{ArrowPrimitiveType, Decimal256Type};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedColumnWriter;
use recovery::parquet_type::{Annotation, ParquetType, PhysicalType, TimeUnit};

use crate::row::CanonicalValue;
use crate::row::time;

/// An integer of 256 bits, which holds the 76 digits of Arrow's longest decimals.
type Wide = <Decimal256Type as ArrowPrimitiveType>::Native;

/// Julian day of 1970-01-01, as INT96 counts.
const JULIAN_DAY_OF_1970: i128 = 2_440_588;

const NANOS_PER_DAY: i128 = 86_400_000_000_000;

/// What every value costs beside its bytes: a level and, for byte arrays, a handle.
const OVERHEAD_BYTES: usize = 8;

/// The values of one column of a row group.
#[derive(Debug)]
pub(super) struct ColumnChunk {
    parquet: ParquetType,
    optional: bool,
    /// 1 where there is a value, 0 for NULL; unused for a required column.
    levels: Vec<i16>,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Boolean(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Int96(Vec<Int96>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bytes(Vec<ByteArray>),
    FixedBytes(Vec<FixedLenByteArray>),
}

impl ColumnChunk {
    pub(super) fn new(parquet: ParquetType, optional: bool) -> Self {
        let values = match parquet.physical {
            PhysicalType::Boolean => Values::Boolean(Vec::new()),
            PhysicalType::Int32 => Values::Int32(Vec::new()),
            PhysicalType::Int64 => Values::Int64(Vec::new()),
            PhysicalType::Int96 => Values::Int96(Vec::new()),
            PhysicalType::Float => Values::Float(Vec::new()),
            PhysicalType::Double => Values::Double(Vec::new()),
            PhysicalType::ByteArray => Values::Bytes(Vec::new()),
            PhysicalType::FixedLenByteArray(_) => Values::FixedBytes(Vec::new()),
        };
        Self {
            parquet,
            optional,
            levels: Vec::new(),
            values,
        }
    }

    /// Appends a value and gives the bytes that it takes here; `Err` says why the column's type cannot hold it.
    pub(super) fn push(&mut self, value: CanonicalValue<'_>) -> Result<usize, String> {
        if value == CanonicalValue::Null {
            if !self.optional {
                return Err("is NULL, and the column's Parquet type is required".to_owned());
            }
            self.levels.push(0);
            return Ok(OVERHEAD_BYTES);
        }
        let refused = || format!("is nothing that {} can hold", self.parquet);
        let annotation = self.parquet.annotation;
        let bytes = match &mut self.values {
            Values::Boolean(values) => {
                values.push(match value {
                    CanonicalValue::Integer(0) => false,
                    CanonicalValue::Integer(1) => true,
                    _ => return Err(refused()),
                });
                1
            }
            Values::Int32(values) => {
                let number = whole(annotation, value, 32).ok_or_else(refused)?;
                // An unsigned number lies in the same bits as the negative one that it wraps to.
                values.push(
                    i32::try_from(number)
                        .or_else(|_| u32::try_from(number).map(u32::cast_signed))
                        .map_err(|_| refused())?,
                );
                4
            }
            Values::Int64(values) => {
                let number = whole(annotation, value, 64).ok_or_else(refused)?;
                values.push(
                    i64::try_from(number)
                        .or_else(|_| u64::try_from(number).map(u64::cast_signed))
                        .map_err(|_| refused())?,
                );
                8
            }
            Values::Int96(values) => {
                values.push(int96(value).ok_or_else(refused)?);
                12
            }
            Values::Float(values) => {
                values.push(float(value).ok_or_else(refused)?);
                4
            }
            Values::Double(values) => {
                let CanonicalValue::Double(double) = value else {
                    return Err(refused());
                };
                values.push(double);
                8
            }
            Values::Bytes(values) => {
                let bytes = byte_array(annotation, value).ok_or_else(refused)?;
                let length = bytes.len();
                values.push(ByteArray::from(bytes));
                length
            }
            Values::FixedBytes(values) => {
                let bytes = fixed_bytes(self.parquet, value).ok_or_else(refused)?;
                let length = bytes.len();
                values.push(FixedLenByteArray::from(bytes));
                length
            }
        };
        self.levels.push(1);
        Ok(bytes + OVERHEAD_BYTES)
    }

    /// Writes what was pushed as one column chunk and empties this one.
    pub(super) fn write(&mut self, mut column: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = self.optional.then_some(self.levels.as_slice());
        match (&mut self.values, column.untyped()) {
            (Values::Boolean(values), ColumnWriter::BoolColumnWriter(writer)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (Values::Int32(values), ColumnWriter::Int32ColumnWriter(writer)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (Values::Int64(values), ColumnWriter::Int64ColumnWriter(writer)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (Values::Int96(values), ColumnWriter::Int96ColumnWriter(writer)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (Values::Float(values), ColumnWriter::FloatColumnWriter(writer)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (Values::Double(values), ColumnWriter::DoubleColumnWriter(writer)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (Values::Bytes(values), ColumnWriter::ByteArrayColumnWriter(writer)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (Values::FixedBytes(values), ColumnWriter::FixedLenByteArrayColumnWriter(writer)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            _ => {
                return Err(ParquetError::General(
                    "the column's writer is not of its type".to_owned(),
                ));
            }
        }
        self.levels.clear();
        column.close()
    }
}

/// The number that a column of INT32 or INT64, of so many bits, holds for a value.
fn whole(annotation: Option<Annotation>, value: CanonicalValue<'_>, width: u8) -> Option<i128> {
    let (number, bits, signed) = match (annotation, value) {
        (Some(Annotation::Integer { bits, signed }), CanonicalValue::Integer(number)) => {
            (number, bits, signed)
        }
        (None, CanonicalValue::Integer(number)) => (number, width, true),
        (Some(Annotation::Decimal { precision, .. }), CanonicalValue::Decimal(digits)) => {
            let number = fits(digits, precision).then(|| digits.parse().ok())??;
            (number, width, true)
        }
        (Some(Annotation::Timestamp { unit, .. }), CanonicalValue::Instant(nanos)) => {
            let each = 1_000_000_000 / i128::from(unit.per_second());
            let count = (nanos % each == 0).then_some(nanos / each)?;
            (count, width, true)
        }
        (Some(Annotation::Date), CanonicalValue::Text(text)) => (day(text)?.into(), width, true),
        (Some(Annotation::Time { unit, .. }), CanonicalValue::Text(text)) => {
            (time_of_day(text, unit)?.into(), width, true)
        }
        _ => return None,
    };
    let range = if signed {
        -(1_i128 << (bits - 1))..1_i128 << (bits - 1)
    } else {
        0..1_i128 << bits
    };
    range.contains(&number).then_some(number)
}

fn int96(value: CanonicalValue<'_>) -> Option<Int96> {
    let CanonicalValue::Instant(nanos) = value else {
        return None;
    };
    let day = u32::try_from(nanos.div_euclid(NANOS_PER_DAY) + JULIAN_DAY_OF_1970).ok()?;
    let of_day = u64::try_from(nanos.rem_euclid(NANOS_PER_DAY)).ok()?;
    let mut int96 = Int96::new();
    let low = u32::try_from(of_day & u64::from(u32::MAX)).ok()?;
    int96.set_data(low, u32::try_from(of_day >> 32).ok()?, day);
    Some(int96)
}

/// A FLOAT was restored as the double that it is; another double was never one.
fn float(value: CanonicalValue<'_>) -> Option<f32> {
    let CanonicalValue::Double(double) = value else {
        return None;
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whether anything was lost is looked at"
    )]
    let float = double as f32;
    (double.is_nan() || f64::from(float).to_bits() == double.to_bits()).then_some(float)
}

fn byte_array(annotation: Option<Annotation>, value: CanonicalValue<'_>) -> Option<Vec<u8>> {
    match (annotation, value) {
        (Some(Annotation::Decimal { precision, .. }), CanonicalValue::Decimal(digits)) => {
            let bytes = big_endian(digits, precision)?;
            // The fewest bytes with the sign in the first bit, as Spark writes them.
            let extension = if bytes[0] & 0x80 == 0 { 0 } else { 0xFF };
            let spare = bytes
                .windows(2)
                .take_while(|pair| pair[0] == extension && (pair[1] & 0x80) == (extension & 0x80))
                .count();
            Some(bytes[spare..].to_vec())
        }
        (Some(Annotation::Decimal { .. }), _) => None,
        (_, CanonicalValue::Text(text)) => Some(text.as_bytes().to_vec()),
        (_, CanonicalValue::Binary(bytes)) => Some(bytes.to_vec()),
        _ => None,
    }
}

fn fixed_bytes(parquet: ParquetType, value: CanonicalValue<'_>) -> Option<Vec<u8>> {
    let PhysicalType::FixedLenByteArray(length) = parquet.physical else {
        return None;
    };
    let length = usize::try_from(length).ok()?;
    match (parquet.annotation, value) {
        (Some(Annotation::Decimal { precision, .. }), CanonicalValue::Decimal(digits)) => {
            let bytes = big_endian(digits, precision)?;
            let extension = if bytes[0] & 0x80 == 0 { 0 } else { 0xFF };
            if length >= bytes.len() {
                let mut longer = vec![extension; length - bytes.len()];
                longer.extend_from_slice(&bytes);
                return Some(longer);
            }
            let (spare, kept) = bytes.split_at(bytes.len() - length);
            let is_sign = spare.iter().all(|byte| *byte == extension)
                && kept
                    .first()
                    .is_some_and(|byte| (byte & 0x80) == (extension & 0x80));
            is_sign.then(|| kept.to_vec())
        }
        (Some(Annotation::Decimal { .. }), _) => None,
        (_, CanonicalValue::Text(text)) => (text.len() == length).then(|| text.as_bytes().to_vec()),
        (_, CanonicalValue::Binary(bytes)) => (bytes.len() == length).then(|| bytes.to_vec()),
        _ => None,
    }
}

/// Whether a decimal of so many digits can have this unscaled value.
fn fits(digits: &str, precision: u8) -> bool {
    digits.trim_start_matches('-').len() <= usize::from(precision)
}

fn big_endian(digits: &str, precision: u8) -> Option<[u8; 32]> {
    fits(digits, precision).then(|| Wide::from_string(digits).map(Wide::to_be_bytes))?
}

/// Days since 1970-01-01 of `YYYY-MM-DD`, which is what the same count would be restored as.
fn day(text: &str) -> Option<i32> {
    let date: jiff::civil::Date = text.parse().ok()?;
    let days = date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24;
    let days = i32::try_from(days).ok()?;
    let mut same = String::new();
    time::push_date(&mut same, days)?;
    (same == text).then_some(days)
}

/// The count since midnight of `HH:MM:SS[.ffffff]`, likewise.
fn time_of_day(text: &str, unit: TimeUnit) -> Option<i64> {
    let at: jiff::civil::Time = text.parse().ok()?;
    let nanos = at.duration_since(jiff::civil::Time::midnight()).as_nanos();
    let each = 1_000_000_000 / i128::from(unit.per_second());
    let count = i64::try_from(nanos / each).ok()?;
    let mut same = String::new();
    time::push_time(&mut same, count, unit.per_second())?;
    (same == text).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(parquet: &str, value: CanonicalValue<'_>) -> Result<Values, String> {
        let mut chunk = ColumnChunk::new(parquet.parse().unwrap(), true);
        chunk.push(value).map(|_| chunk.values)
    }

    #[test]
    fn a_value_that_the_type_cannot_hold_is_refused_and_never_cut() {
        let cases = [
            ("INT32", CanonicalValue::Integer(1 << 31)),
            ("INT32 INT(16,true)", CanonicalValue::Integer(1 << 15)),
            ("INT32 INT(8,false)", CanonicalValue::Integer(-1)),
            ("INT64", CanonicalValue::Integer(1 << 63)),
            ("INT32 DECIMAL(3,0)", CanonicalValue::Decimal("1000")),
            (
                "FIXED_LEN_BYTE_ARRAY(9) DECIMAL(20,0)",
                CanonicalValue::Decimal("100000000000000000000"),
            ),
            (
                "FIXED_LEN_BYTE_ARRAY(1) DECIMAL(3,0)",
                CanonicalValue::Decimal("128"),
            ),
            ("FIXED_LEN_BYTE_ARRAY(4)", CanonicalValue::Binary(&[1, 2, 3])),
            ("INT64 TIMESTAMP_MICROS", CanonicalValue::Instant(1)),
            (
                "INT64 TIMESTAMP_NANOS",
                CanonicalValue::Instant(i128::from(i64::MAX) + 1),
            ),
            ("INT32 DATE", CanonicalValue::Text("2026-02-31")),
            ("INT32 DATE", CanonicalValue::Text("20260228")),
            ("INT64 TIME_MICROS", CanonicalValue::Text("24:00:00")),
            ("INT32 TIME_MILLIS", CanonicalValue::Text("00:00:00.000001")),
            ("FLOAT", CanonicalValue::Double(0.1)),
            ("BOOLEAN", CanonicalValue::Integer(2)),
            ("DOUBLE", CanonicalValue::Text("1")),
            ("BYTE_ARRAY STRING", CanonicalValue::Integer(1)),
        ];
        for (parquet, value) in cases {
            let refusal = pushed(parquet, value).unwrap_err();
            assert!(refusal.contains(parquet), "{parquet} {value:?}: {refusal}");
        }
        let mut required = ColumnChunk::new("INT32".parse().unwrap(), false);
        assert!(
            required
                .push(CanonicalValue::Null)
                .unwrap_err()
                .contains("required")
        );
    }

    #[test]
    fn decimals_take_as_few_bytes_as_hold_them_or_all_of_a_fixed_length() {
        let bytes = |parquet, digits| match pushed(parquet, CanonicalValue::Decimal(digits)).unwrap() {
            Values::Bytes(values) => values[0].data().to_vec(),
            Values::FixedBytes(values) => values[0].data().to_vec(),
            other => panic!("{other:?}"),
        };
        for (digits, expected) in [
            ("0", &[0][..]),
            ("127", &[127]),
            ("128", &[0, 128]),
            ("-1", &[255]),
            ("-128", &[128]),
            ("-129", &[255, 127]),
        ] {
            assert_eq!(bytes("BYTE_ARRAY DECIMAL(65,30)", digits), expected, "{digits}");
        }
        assert_eq!(
            bytes("FIXED_LEN_BYTE_ARRAY(3) DECIMAL(4,0)", "-2"),
            [255, 255, 254]
        );
        let greatest = bytes("FIXED_LEN_BYTE_ARRAY(9) DECIMAL(20,0)", "18446744073709551615");
        assert_eq!(greatest, [0, 255, 255, 255, 255, 255, 255, 255, 255]);
    }

    #[test]
    fn an_unsigned_number_keeps_its_bits() {
        let greatest = CanonicalValue::Integer(u64::MAX.into());
        let Values::Int64(values) = pushed("INT64 INT(64,false)", greatest).unwrap() else {
            panic!("INT64");
        };
        assert_eq!(values, [-1]);
    }
}
