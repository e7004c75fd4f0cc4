//! The canonical form of a row, from Parquet values. docs/SEMANTICS.md defines it for whoever wants to check a digest
//! with another program.
//!
//! Columns follow in the plan's order, each as a tag and a payload that ends by itself:
//!
//! | tag | of | payload |
//! |---|---|---|
//! | 00 | NULL | none |
//! | 01 | Integer, Boolean | 16 bytes, little-endian, signed |
//! | 02 | Decimal | the unscaled value: digits with a minus sign where negative, behind their length (8 bytes, LE) |
//! | 03 | Double | IEEE 754 bits, 8 bytes, little-endian; every NaN is 7ff8000000000000 |
//! | 04 | Text, Json, DecimalText, DateOrTimeText | UTF-8, behind its length |
//! | 05 | Binary | the bytes, behind their length |
//! | 06 | DateTime | nanoseconds since 1970-01-01T00:00:00: 16 bytes, little-endian, signed |
//! | 07 | Timestamp | the same, in UTC |
//!
//! What DynamoDB gave back and should not have has tags of its own, which no source row has: see [`super::readback`].

use recovery::types::ColumnKind;

use super::columns::{ColumnValues, Columns, Values};
use crate::MultisetHash;

pub(crate) const NULL: u8 = 0x00;
pub(crate) const INTEGER: u8 = 0x01;
pub(crate) const DECIMAL: u8 = 0x02;
pub(crate) const DOUBLE: u8 = 0x03;
pub(crate) const TEXT: u8 = 0x04;
pub(crate) const BINARY: u8 = 0x05;
pub(crate) const DATE_TIME: u8 = 0x06;
pub(crate) const TIMESTAMP: u8 = 0x07;

impl Columns<'_> {
    /// Appends the canonical form of a row.
    pub(crate) fn canonical(&self, row: usize, form: &mut Vec<u8>) {
        for column in &self.columns {
            column.canonical(row, form);
        }
    }

    /// Adds every row of the batch to a hash.
    pub(crate) fn hash_into(&self, hash: &mut MultisetHash, form: &mut Vec<u8>) {
        for row in 0..self.rows {
            form.clear();
            self.canonical(row, form);
            hash.add_row(form);
        }
    }
}

impl ColumnValues<'_> {
    /// Appends the canonical form of one value. Two values of a column are the same key exactly when it is equal.
    pub(crate) fn canonical(&self, row: usize, form: &mut Vec<u8>) {
        if self.is_null(row) {
            form.push(NULL);
            return;
        }
        match self.values {
            Values::I8(array) => integer(form, array.value(row)),
            Values::I16(array) => integer(form, array.value(row)),
            Values::I32(array) => integer(form, array.value(row)),
            Values::I64(array) => integer(form, array.value(row)),
            Values::U8(array) => integer(form, array.value(row)),
            Values::U16(array) => integer(form, array.value(row)),
            Values::U32(array) => integer(form, array.value(row)),
            Values::U64(array) => integer(form, array.value(row)),
            Values::Boolean(array) => integer(form, u8::from(array.value(row))),
            Values::F32(array) => double(form, f64::from(array.value(row))),
            Values::F64(array) => double(form, array.value(row)),
            Values::Decimal128(array) => decimal(form, itoa::Buffer::new().format(array.value(row))),
            Values::Decimal256(array) => decimal(form, &array.value(row).to_string()),
            Values::Bytes(array) => bytes(form, self.column.kind, array.value(row)),
            Values::FixedBytes(array) => bytes(form, self.column.kind, array.value(row)),
            Values::Days(days) => text(form, &day_text(days[row])),
            Values::TimeOfDay32(counts, per_second) => {
                text(form, &clock_text(i64::from(counts[row]), per_second));
            }
            Values::TimeOfDay64(counts, per_second) => text(form, &clock_text(counts[row], per_second)),
            Values::Instant(counts, per_second) => {
                let nanos = i128::from(counts[row]) * i128::from(1_000_000_000 / per_second);
                instant(form, self.column.kind, nanos);
            }
            Values::Int96(array) => instant(form, self.column.kind, int96_nanos(array.value(row))),
        }
    }
}

fn instant(form: &mut Vec<u8>, kind: ColumnKind, nanos: i128) {
    form.push(if kind == ColumnKind::Timestamp {
        TIMESTAMP
    } else {
        DATE_TIME
    });
    form.extend_from_slice(&nanos.to_le_bytes());
}

/// Nanoseconds from 1970-01-01T00:00:00, which is Julian day 2,440,588, to an INT96.
fn int96_nanos(value: &[u8]) -> i128 {
    let (of_day, day) = value.split_at(8);
    let of_day = of_day.try_into().map(i64::from_le_bytes).unwrap_or_default();
    let day = day.try_into().map(i32::from_le_bytes).unwrap_or_default();
    (i128::from(day) - 2_440_588) * 86_400_000_000_000 + i128::from(of_day)
}

fn integer(form: &mut Vec<u8>, value: impl Into<i128>) {
    form.push(INTEGER);
    form.extend_from_slice(&value.into().to_le_bytes());
}

pub(crate) fn decimal(form: &mut Vec<u8>, unscaled: &str) {
    form.push(DECIMAL);
    sized(form, unscaled.as_bytes());
}

pub(crate) fn double(form: &mut Vec<u8>, value: f64) {
    let value = if value.is_nan() {
        f64::from_bits(0x7ff8_0000_0000_0000)
    } else {
        value
    };
    form.push(DOUBLE);
    form.extend_from_slice(&value.to_bits().to_le_bytes());
}

fn bytes(form: &mut Vec<u8>, kind: ColumnKind, bytes: &[u8]) {
    form.push(if kind == ColumnKind::Binary { BINARY } else { TEXT });
    sized(form, bytes);
}

fn text(form: &mut Vec<u8>, text: &str) {
    form.push(TEXT);
    sized(form, text.as_bytes());
}

/// Bytes behind their length.
pub(crate) fn sized(form: &mut Vec<u8>, bytes: &[u8]) {
    form.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    form.extend_from_slice(bytes);
}

/// A date by another calendar than the encoder's. Parquet DATE is nothing that RDS writes, so speed does not matter.
fn day_text(days: i32) -> String {
    jiff::civil::date(1970, 1, 1)
        .checked_add(jiff::Span::new().try_days(days).unwrap_or_default())
        .map_or_else(|_| format!("day {days}"), |date| date.to_string())
}

/// A time of day, likewise.
fn clock_text(count: i64, per_second: i64) -> String {
    let nanos = i128::from(count) * i128::from(1_000_000_000 / per_second);
    let (seconds, part) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    let whole = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    match part {
        0 => whole,
        part if part % 1_000 == 0 => format!("{whole}.{:06}", part / 1_000),
        part => format!("{whole}.{part:09}"),
    }
}
