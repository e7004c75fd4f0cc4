//! The canonical form of a row, from the item that DynamoDB gave back.
//!
//! What is not as the mapping would have written it gets a tag that no source row has, so that the digests differ:
//! f0 for an attribute that isn't there, f1 for one of another type or a value that cannot be read (with its type and
//! text), f2 for an attribute that is no column (with its name and value), f3 for an added key that is missing or not
//! the row's.

use aws::dynamodb::{Item, ValueRef};
use recovery::table::Column;
use recovery::types::{AttributeType, ColumnKind};

use super::added_key::AddedKey;
use super::canonical::{self, sized};
use super::number;

pub(super) const MISSING: u8 = 0xf0;
pub(super) const FOREIGN: u8 = 0xf1;
pub(super) const EXTRA: u8 = 0xf2;
pub(super) const OTHER_KEY: u8 = 0xf3;

/// Appends the canonical form of an item, its columns in the plan's order. A key that was `added` leaves no trace in it
/// where it is as it should be.
pub(crate) fn canonical_of(columns: &[Column], added: Option<&AddedKey>, item: &Item, form: &mut Vec<u8>) {
    let start = form.len();
    let mut present = 0;
    for column in columns {
        present += usize::from(canonical_attribute(column, item, form));
    }
    if let Some(added) = added {
        if !added.is_true(item, &form[start..]) {
            form.push(OTHER_KEY);
        }
        present += usize::from(item.get(&added.name).is_some());
    }
    if present == item.len() {
        return;
    }
    let mut extra: Vec<_> = item
        .iter()
        .filter(|(name, _)| !columns.iter().any(|column| column.name == *name))
        .filter(|(name, _)| added.is_none_or(|added| added.name != *name))
        .collect();
    extra.sort_unstable_by_key(|(name, _)| *name);
    for (name, value) in extra {
        form.push(EXTRA);
        sized(form, name.as_bytes());
        foreign(value, form);
    }
}

/// Appends the canonical form of one column's attribute and says whether the item has it.
pub(crate) fn canonical_attribute(column: &Column, item: &Item, form: &mut Vec<u8>) -> bool {
    let value = item.get(&column.name);
    match value {
        None => form.push(MISSING),
        Some(value) => canonical_value(column.kind, value, form),
    }
    value.is_some()
}

fn canonical_value(kind: ColumnKind, value: ValueRef<'_>, form: &mut Vec<u8>) {
    let start = form.len();
    if read(kind, value, form).is_none() {
        form.truncate(start);
        foreign(value, form);
    }
}

/// Appends the value as its column's kind says; `None` where it cannot be read so.
fn read(kind: ColumnKind, value: ValueRef<'_>, form: &mut Vec<u8>) -> Option<()> {
    match (kind, value) {
        (_, ValueRef::Null) => form.push(canonical::NULL),
        (ColumnKind::Integer, ValueRef::N(text)) | (ColumnKind::Boolean, ValueRef::N(text @ ("0" | "1"))) => {
            integer(text, form)?;
        }
        (ColumnKind::Decimal { precision, scale }, ValueRef::N(text)) if precision <= 38 => {
            let unscaled = number::unscaled(text, u32::try_from(scale).ok()?)?;
            canonical::decimal(form, itoa::Buffer::new().format(unscaled));
        }
        (ColumnKind::Decimal { scale, .. }, ValueRef::S(text))
            if kind.attribute_type() == AttributeType::S =>
        {
            canonical::decimal(form, &long_unscaled(text, usize::try_from(scale).ok()?)?);
        }
        // Both forms of a double; which of them a value takes is checked, because a value must not change its type.
        (ColumnKind::Double, ValueRef::N(text)) => {
            let double = text.parse().ok()?;
            number::double_is_number(double).then(|| canonical::double(form, double))?;
        }
        (ColumnKind::Double, ValueRef::S(text)) => {
            let double = text.parse().ok()?;
            (!number::double_is_number(double)).then(|| canonical::double(form, double))?;
        }
        (
            ColumnKind::Text | ColumnKind::Json | ColumnKind::DecimalText | ColumnKind::DateOrTimeText,
            ValueRef::S(text),
        ) => {
            form.push(canonical::TEXT);
            sized(form, text.as_bytes());
        }
        (ColumnKind::Binary, ValueRef::B(bytes)) => {
            form.push(canonical::BINARY);
            sized(form, bytes);
        }
        (ColumnKind::DateTime, ValueRef::S(text)) => {
            let nanos = nanoseconds(text)?;
            form.push(canonical::DATE_TIME);
            form.extend_from_slice(&nanos.to_le_bytes());
        }
        (ColumnKind::Timestamp, ValueRef::S(text)) => {
            let nanos = nanoseconds(text.strip_suffix('Z')?)?;
            form.push(canonical::TIMESTAMP);
            form.extend_from_slice(&nanos.to_le_bytes());
        }
        _ => return None,
    }
    Some(())
}

/// Nanoseconds from 1970-01-01T00:00:00 to a text of the mapping's very form.
///
/// The calendar is jiff's civil one, not its `Timestamp`, which ends a day before MySQL's last DATETIME.
fn nanoseconds(text: &str) -> Option<i128> {
    let is_form = text.as_bytes().get(10) == Some(&b'T')
        && match text.get(19..)? {
            "" => true,
            fraction => fraction.starts_with('.') && matches!(fraction.len(), 7 | 10),
        };
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    is_form.then(|| civil.duration_since(epoch).as_nanos())
}

fn integer(text: &str, form: &mut Vec<u8>) -> Option<()> {
    let value = match text.parse::<i64>() {
        Ok(value) => i128::from(value),
        Err(_) => number::unscaled(text, 0)?,
    };
    form.push(canonical::INTEGER);
    form.extend_from_slice(&value.to_le_bytes());
    Some(())
}

/// The digits of the unscaled value of a plain decimal text with exactly `scale` digits behind its point.
fn long_unscaled(text: &str, scale: usize) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_plain = fraction.len() == scale
        && !whole.is_empty()
        && whole
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit());
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    is_plain.then(|| match significant {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    })
}

fn foreign(value: ValueRef<'_>, form: &mut Vec<u8>) {
    form.push(FOREIGN);
    let (name, bytes): (u8, &[u8]) = match value {
        ValueRef::S(text) => (b'S', text.as_bytes()),
        ValueRef::N(text) => (b'N', text.as_bytes()),
        ValueRef::B(bytes) => (b'B', bytes),
        ValueRef::Bool(true) => (b'1', b""),
        ValueRef::Bool(false) => (b'0', b""),
        ValueRef::Null => (b'-', b""),
        ValueRef::Other => (b'?', b""),
    };
    form.push(name);
    sized(form, bytes);
}
