//! From typed values to DynamoDB attributes, without loss.
//!
//! A value is handed on as a view: bytes and texts lie in the Arrow array, numbers and times in a buffer that the caller
//! brings and uses again. Nothing is put on the heap for a row.

use aws::dynamodb::{AttributeName, ItemWriter, ValueRef};
use recovery::types::{AttributeType, ColumnKind};

use super::columns::{ColumnValues, Columns, Unfit, Values};
use super::{number, time};

impl Columns<'_> {
    /// Writes the attributes of a row. `names` are those of the columns, in order; `text` is a buffer.
    pub(crate) fn write(
        &self,
        row: usize,
        names: &[AttributeName],
        text: &mut String,
        item: &mut ItemWriter<'_>,
    ) -> Result<(), Unfit> {
        for (column, name) in self.columns.iter().zip(names) {
            match column.value(row, text).ok_or_else(|| column.unfit(row))? {
                ValueRef::S(text) => item.string(name, text),
                ValueRef::N(digits) => item.number(name, digits),
                ValueRef::B(bytes) => item.binary(name, bytes),
                ValueRef::Bool(value) => item.boolean(name, value),
                ValueRef::Null | ValueRef::Other => item.null(name),
            }
        }
        Ok(())
    }

    /// Bytes of the item that a row makes, by DynamoDB's rules; `None` where a value has no form.
    pub(crate) fn item_bytes(&self, row: usize, text: &mut String) -> Option<usize> {
        self.columns.iter().try_fold(0, |bytes, column| {
            Some(bytes + column.column.name.len() + column.value(row, text)?.size_bytes())
        })
    }
}

impl ColumnValues<'_> {
    /// The attribute value of a row; `None` where it cannot be represented. `text` is a buffer that the view may lie in.
    pub(crate) fn value<'v>(&'v self, row: usize, text: &'v mut String) -> Option<ValueRef<'v>> {
        if self.is_null(row) {
            return Some(ValueRef::Null);
        }
        text.clear();
        let attribute = self.column.kind.attribute_type();
        match self.values {
            Values::I8(array) => Some(integer(text, array.value(row))),
            Values::I16(array) => Some(integer(text, array.value(row))),
            Values::I32(array) => Some(integer(text, array.value(row))),
            Values::I64(array) => Some(integer(text, array.value(row))),
            Values::U8(array) => Some(integer(text, array.value(row))),
            Values::U16(array) => Some(integer(text, array.value(row))),
            Values::U32(array) => Some(integer(text, array.value(row))),
            Values::U64(array) => Some(integer(text, array.value(row))),
            Values::Boolean(array) => Some(integer(text, u8::from(array.value(row)))),
            Values::F32(array) => Some(double(text, f64::from(array.value(row)))),
            Values::F64(array) => Some(double(text, array.value(row))),
            Values::Decimal128(array) => {
                let scale = u32::try_from(array.scale()).ok()?;
                let value = array.value(row);
                if attribute == AttributeType::N {
                    number::push_decimal(text, value, scale);
                } else {
                    number::push_long_decimal(text, itoa::Buffer::new().format(value), scale, false);
                }
                Some(text_of(attribute, text))
            }
            Values::Decimal256(array) => {
                let scale = u32::try_from(array.scale()).ok()?;
                let trim = attribute == AttributeType::N;
                number::push_long_decimal(text, &array.value(row).to_string(), scale, trim);
                Some(text_of(attribute, text))
            }
            Values::Bytes(array) => bytes(self.column.kind, array.value(row)),
            Values::FixedBytes(array) => bytes(self.column.kind, array.value(row)),
            Values::Days(days) => {
                time::push_date(text, days[row])?;
                Some(ValueRef::S(text))
            }
            Values::TimeOfDay32(counts, per_second) => {
                time::push_time(text, i64::from(counts[row]), per_second)?;
                Some(ValueRef::S(text))
            }
            Values::TimeOfDay64(counts, per_second) => {
                time::push_time(text, counts[row], per_second)?;
                Some(ValueRef::S(text))
            }
            Values::Instant(counts, per_second) => {
                time::push_instant(text, counts[row], per_second)?;
                Some(ValueRef::S(self.zoned(text)))
            }
            Values::Int96(array) => {
                time::push_int96(text, array.value(row))?;
                Some(ValueRef::S(self.zoned(text)))
            }
        }
    }

    /// TIMESTAMP is in UTC and says so; DATETIME has no zone.
    fn zoned<'v>(&self, text: &'v mut String) -> &'v str {
        if self.column.kind == ColumnKind::Timestamp {
            text.push('Z');
        }
        text
    }

    /// Why the value of a row cannot be represented.
    pub(crate) fn unfit(&self, row: usize) -> Unfit {
        let cause = match self.values {
            Values::Bytes(_) | Values::FixedBytes(_) => {
                "a value is not UTF-8, so it cannot be kept as a string".to_owned()
            }
            Values::Instant(counts, _) => {
                format!("the instant {} lies outside the years 0 to 9999", counts[row])
            }
            Values::Int96(_) => "an instant lies outside the years 0 to 9999".to_owned(),
            _ => "a value lies outside what its type can hold".to_owned(),
        };
        Unfit {
            column: self.column.name.clone(),
            cause,
        }
    }
}

/// Whether a value has an attribute value.
pub(crate) fn is_representable(column: &ColumnValues<'_>, row: usize, text: &mut String) -> bool {
    column.value(row, text).is_some()
}

/// The value of a row for people.
pub(crate) fn display(column: &ColumnValues<'_>, row: usize) -> String {
    match column.value(row, &mut String::new()) {
        Some(ValueRef::N(text) | ValueRef::S(text)) => text.to_owned(),
        Some(ValueRef::B(bytes)) => format!("0x{}", hex::encode(bytes)),
        Some(ValueRef::Null) => "NULL".to_owned(),
        Some(ValueRef::Bool(_) | ValueRef::Other) | None => "?".to_owned(),
    }
}

fn text_of(attribute: AttributeType, text: &str) -> ValueRef<'_> {
    if attribute == AttributeType::N {
        ValueRef::N(text)
    } else {
        ValueRef::S(text)
    }
}

fn integer(text: &mut String, value: impl itoa::Integer) -> ValueRef<'_> {
    text.push_str(itoa::Buffer::new().format(value));
    ValueRef::N(text)
}

/// A double that DynamoDB's number cannot hold is kept as text, each by itself.
fn double(text: &mut String, value: f64) -> ValueRef<'_> {
    number::push_double(text, value);
    if number::double_is_number(value) {
        ValueRef::N(text)
    } else {
        ValueRef::S(text)
    }
}

fn bytes(kind: ColumnKind, bytes: &[u8]) -> Option<ValueRef<'_>> {
    if kind == ColumnKind::Binary {
        return Some(ValueRef::B(bytes));
    }
    std::str::from_utf8(bytes).ok().map(ValueRef::S)
}
