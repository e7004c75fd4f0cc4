//! From typed values to DynamoDB items, without loss.

use aws::dynamodb::{Item, Value};
use recovery::types::{AttributeType, ColumnKind};

use super::columns::{ColumnValues, Columns, Unfit, Values};
use super::{number, time};

impl Columns<'_> {
    /// The item of a row.
    pub(crate) fn item(&self, row: usize) -> Result<Item, Unfit> {
        let mut item = Item::with_capacity(self.columns.len());
        for column in &self.columns {
            let value = if column.is_null(row) {
                Value::Null
            } else {
                column.value(row).ok_or_else(|| column.unfit(row))?
            };
            item.insert(column.column.name.as_str(), value);
        }
        Ok(item)
    }
}

impl ColumnValues<'_> {
    /// The attribute value of a row that isn't NULL; `None` where it cannot be represented.
    fn value(&self, row: usize) -> Option<Value> {
        Some(match self.values {
            Values::I8(array) => integer(array.value(row)),
            Values::I16(array) => integer(array.value(row)),
            Values::I32(array) => integer(array.value(row)),
            Values::I64(array) => integer(array.value(row)),
            Values::U8(array) => integer(array.value(row)),
            Values::U16(array) => integer(array.value(row)),
            Values::U32(array) => integer(array.value(row)),
            Values::U64(array) => integer(array.value(row)),
            Values::Boolean(array) => integer(u8::from(array.value(row))),
            Values::F32(array) => double(f64::from(array.value(row))),
            Values::F64(array) => double(array.value(row)),
            Values::Decimal128(array) => {
                let scale = u32::try_from(array.scale()).ok()?;
                let value = array.value(row);
                match self.column.kind.attribute_type() {
                    AttributeType::N => Value::N(number::decimal_text(value, scale)),
                    _ => Value::S(number::long_decimal_text(&value.to_string(), scale, false)),
                }
            }
            Values::Decimal256(array) => {
                let scale = u32::try_from(array.scale()).ok()?;
                let value = array.value(row).to_string();
                match self.column.kind.attribute_type() {
                    AttributeType::N => Value::N(number::long_decimal_text(&value, scale, true)),
                    _ => Value::S(number::long_decimal_text(&value, scale, false)),
                }
            }
            Values::Bytes(array) => bytes(self.column.kind, array.value(row))?,
            Values::FixedBytes(array) => bytes(self.column.kind, array.value(row))?,
            Values::Days(days) => Value::S(time::date_text(days[row])?),
            Values::TimeOfDay32(counts, per_second) => {
                Value::S(time::time_text(i64::from(counts[row]), per_second)?)
            }
            Values::TimeOfDay64(counts, per_second) => Value::S(time::time_text(counts[row], per_second)?),
            Values::Instant(counts, per_second) => {
                let mut text = time::instant_text(counts[row], per_second)?;
                if self.column.kind == ColumnKind::Timestamp {
                    text.push('Z');
                }
                Value::S(text)
            }
        })
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
            _ => "a value lies outside what its type can hold".to_owned(),
        };
        Unfit {
            column: self.column.name.clone(),
            cause,
        }
    }
}

/// Whether a value that isn't NULL has an attribute value.
pub(crate) fn is_representable(column: &ColumnValues<'_>, row: usize) -> bool {
    column.value(row).is_some()
}

/// The value of a row for people.
pub(crate) fn display(column: &ColumnValues<'_>, row: usize) -> String {
    if column.is_null(row) {
        return "NULL".to_owned();
    }
    match column.value(row) {
        Some(Value::N(text) | Value::S(text)) => text,
        Some(Value::B(bytes)) => format!("0x{}", hex::encode(bytes)),
        Some(Value::Bool(_) | Value::Null) | None => "?".to_owned(),
    }
}

fn integer(value: impl itoa::Integer) -> Value {
    Value::N(itoa::Buffer::new().format(value).to_owned())
}

/// A double that DynamoDB's number cannot hold is kept as text, each by itself.
fn double(value: f64) -> Value {
    let text = number::double_text(value);
    if number::double_is_number(value) {
        Value::N(text)
    } else {
        Value::S(text)
    }
}

fn bytes(kind: ColumnKind, bytes: &[u8]) -> Option<Value> {
    if kind == ColumnKind::Binary {
        return Some(Value::B(bytes.to_vec()));
    }
    std::str::from_utf8(bytes)
        .ok()
        .map(|text| Value::S(text.to_owned()))
}
