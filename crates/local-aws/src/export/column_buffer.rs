//! One column of a row group while it is being filled: MySQL's text in, Parquet's values out.

use std::fmt;

use bytes::{Bytes, BytesMut};
use parquet::basic::Type as Physical;
use parquet::data_type::{
    ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedColumnWriter;

use super::ParquetType;

/// A value that MySQL holds and the column's Parquet type cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrepresentable {
    /// The value, shortened.
    pub value: String,
    /// What was wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for Unrepresentable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "value '{}' {}", self.value, self.reason)
    }
}

#[derive(Debug)]
pub(super) struct ColumnBuffer {
    kind: ParquetType,
    /// 1 where there is a value, 0 for NULL.
    levels: Vec<i16>,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Double(Vec<f64>),
    /// Variable or fixed length: all bytes one after the other, and where each value ends.
    Bytes(BytesMut, Vec<usize>),
}

impl ColumnBuffer {
    pub fn new(kind: ParquetType) -> Self {
        let values = match kind.physical() {
            Physical::INT32 => Values::Int32(Vec::new()),
            Physical::DOUBLE => Values::Double(Vec::new()),
            Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY => {
                Values::Bytes(BytesMut::new(), Vec::new())
            }
            _ => Values::Int64(Vec::new()),
        };
        Self {
            kind,
            levels: Vec::new(),
            values,
        }
    }

    /// Appends one value as MySQL's text protocol sends it.
    pub fn push(&mut self, value: Option<&[u8]>) -> Result<(), Unrepresentable> {
        let Some(text) = value else {
            self.levels.push(0);
            return Ok(());
        };
        self.levels.push(1);
        let refused = |reason| refused(text, reason);
        match &mut self.values {
            Values::Int32(values) => values.push(match self.kind {
                ParquetType::Decimal { scale, .. } => {
                    let number =
                        decimal(text, scale).ok_or_else(|| refused("is not a decimal of its column"))?;
                    i32::try_from(number).map_err(|_| refused("has more digits than its column"))?
                }
                _ => parse(text).ok_or_else(|| refused("is not a 32-bit integer"))?,
            }),
            Values::Int64(values) => values.push(match self.kind {
                ParquetType::Decimal { scale, .. } => {
                    let number =
                        decimal(text, scale).ok_or_else(|| refused("is not a decimal of its column"))?;
                    i64::try_from(number).map_err(|_| refused("has more digits than its column"))?
                }
                ParquetType::Micros => {
                    micros(text).ok_or_else(|| refused("is not a date that TIMESTAMP_MICROS can hold"))?
                }
                _ => parse(text).ok_or_else(|| refused("is not a 64-bit integer"))?,
            }),
            Values::Double(values) => values.push(parse(text).ok_or_else(|| refused("is not a number"))?),
            Values::Bytes(bytes, ends) => {
                match self.kind {
                    ParquetType::Decimal { scale, .. } => {
                        let number =
                            decimal(text, scale).ok_or_else(|| refused("is not a decimal of its column"))?;
                        let big_endian = number.to_be_bytes();
                        let (sign, kept) = big_endian.split_at(big_endian.len() - self.kind.length());
                        let negative = kept[0] & 0x80 != 0;
                        let extension = if negative { 0xFF } else { 0 };
                        if sign.iter().any(|byte| *byte != extension) {
                            return Err(refused("has more digits than its column"));
                        }
                        bytes.extend_from_slice(kept);
                    }
                    ParquetType::Text if std::str::from_utf8(text).is_err() => {
                        return Err(refused("is not UTF-8"));
                    }
                    _ => bytes.extend_from_slice(text),
                }
                ends.push(bytes.len());
            }
        }
        Ok(())
    }

    /// Writes what was pushed as one column chunk and empties the buffer.
    pub fn write(&mut self, mut column: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = Some(self.levels.as_slice());
        match &mut self.values {
            Values::Int32(values) => {
                column.typed::<Int32Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Int64(values) => {
                column.typed::<Int64Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Double(values) => {
                column.typed::<DoubleType>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Bytes(bytes, ends) => {
                let slices = slices(bytes.split().freeze(), ends);
                if self.kind.length() > 0 {
                    let values: Vec<FixedLenByteArray> = slices.map(|s| ByteArray::from(s).into()).collect();
                    column
                        .typed::<FixedLenByteArrayType>()
                        .write_batch(&values, levels, None)?;
                } else {
                    let values: Vec<ByteArray> = slices.map(ByteArray::from).collect();
                    column
                        .typed::<ByteArrayType>()
                        .write_batch(&values, levels, None)?;
                }
                ends.clear();
            }
        }
        column.close()?;
        self.levels.clear();
        Ok(())
    }
}

fn slices(bytes: Bytes, ends: &[usize]) -> impl Iterator<Item = Bytes> {
    let mut start = 0;
    ends.iter().map(move |end| {
        let slice = bytes.slice(start..*end);
        start = *end;
        slice
    })
}

fn refused(value: &[u8], reason: &'static str) -> Unrepresentable {
    let shown: String = String::from_utf8_lossy(value).chars().take(40).collect();
    Unrepresentable { value: shown, reason }
}

fn parse<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// `-12.30` as -1230 for a scale of 2. MySQL writes all the digits of the scale.
fn decimal(text: &[u8], scale: u8) -> Option<i128> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (mut number, mut fraction, mut seen) = (0_i128, None, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                number = number.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
                fraction = fraction.map(|n: u8| n + 1);
                seen = true;
            }
            b'.' if fraction.is_none() => fraction = Some(0),
            _ => return None,
        }
    }
    let missing = scale.checked_sub(fraction.unwrap_or(0))?;
    let number = number.checked_mul(10_i128.checked_pow(u32::from(missing))?)?;
    seen.then_some(if negative { -number } else { number })
}

/// `2026-11-19 08:00:00[.ffffff]` as microseconds since 1970. A zero month or day, or a day that its month does not
/// have, is no moment in time.
fn micros(text: &[u8]) -> Option<i64> {
    let (date, time) = (text.get(..10)?, text.get(11..)?);
    let (clock, fraction) = time.split_at_checked(8)?;
    let separators = [date[4], date[7], text[10], clock[2], clock[5]];
    if separators != *b"-- ::" {
        return None;
    }
    let field = |digits: &[u8]| -> Option<i16> {
        digits
            .iter()
            .all(u8::is_ascii_digit)
            .then(|| parse(digits))
            .flatten()
    };
    let small = |digits: &[u8]| -> Option<i8> { i8::try_from(field(digits)?).ok() };
    let date = jiff::civil::Date::new(field(&date[..4])?, small(&date[5..7])?, small(&date[8..10])?).ok()?;
    let (hour, minute, second) = (field(&clock[..2])?, field(&clock[3..5])?, field(&clock[6..])?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros: i64 = match fraction {
        [] => 0,
        [b'.', digits @ ..] if (1..=6).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) => {
            parse::<i64>(digits)? * 10_i64.pow(6 - u32::try_from(digits.len()).ok()?)
        }
        _ => return None,
    };
    let days = days_since_1970(date);
    let seconds = days * 86_400 + i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
    Some(seconds * 1_000_000 + micros)
}

fn days_since_1970(date: jiff::civil::Date) -> i64 {
    date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_too_many_digits_are_refused() {
        assert_eq!(decimal(b"-12.30", 2), Some(-1230));
        assert_eq!(decimal(b"00012.30", 2), Some(1230));
        assert_eq!(decimal(b"7", 3), Some(7000));
        assert_eq!(decimal(b"0.001", 2), None);
        assert_eq!(decimal(b"", 2), None);
        assert_eq!(decimal(b"1e5", 2), None);
        assert_eq!(decimal(&[b'9'; 38], 0), Some(10_i128.pow(38) - 1));
    }

    #[test]
    fn moments_are_exact_and_zero_dates_are_none() {
        assert_eq!(micros(b"1970-01-01 00:00:00"), Some(0));
        assert_eq!(micros(b"1969-12-31 23:59:59.999999"), Some(-1));
        assert_eq!(micros(b"2026-11-19 08:00:00.5"), Some(1_795_075_200_500_000));
        assert_eq!(micros(b"1000-01-01 00:00:00"), Some(-30_610_224_000_000_000));
        assert_eq!(
            micros(b"9999-12-31 23:59:59.999999"),
            Some(253_402_300_799_999_999)
        );
        for zero in [
            "0000-00-00 00:00:00", "2026-00-10 00:00:00", "2026-02-00 00:00:00", "2026-02-30 00:00:00", "",
            "2026-02-1",
        ] {
            assert_eq!(micros(zero.as_bytes()), None, "{zero}");
        }
    }
}
