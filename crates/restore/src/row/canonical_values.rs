//! The values of a canonical form, read back out of its bytes.

use super::canonical::{BINARY, DATE_TIME, DECIMAL, DOUBLE, INTEGER, NULL, TEXT, TIMESTAMP};
use super::readback::{EXTRA, FOREIGN, MISSING, OTHER_KEY};

/// One value of a canonical form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum CanonicalValue<'a> {
    /// NULL.
    Null,
    /// A whole number, or a boolean as 0 or 1.
    Integer(i128),
    /// The digits of a decimal's unscaled value, with `-` where negative.
    Decimal(&'a str),
    /// A double.
    Double(f64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Binary(&'a [u8]),
    /// Nanoseconds since 1970-01-01T00:00:00.
    Instant(i128),
    /// An attribute that isn't there.
    Missing,
    /// An attribute that no restore wrote so.
    Foreign,
    /// An attribute that is no column, by its name.
    Extra(&'a str),
    /// An added key that is missing or not the row's.
    OtherKey,
}

/// Takes the next value off a form; `None` at its end.
pub(crate) fn next<'a>(form: &mut &'a [u8]) -> Option<CanonicalValue<'a>> {
    let (tag, rest) = form.split_first()?;
    *form = rest;
    Some(match *tag {
        NULL => CanonicalValue::Null,
        INTEGER => CanonicalValue::Integer(i128::from_le_bytes(fixed(form)?)),
        DECIMAL => CanonicalValue::Decimal(text(form)?),
        DOUBLE => CanonicalValue::Double(f64::from_bits(u64::from_le_bytes(fixed(form)?))),
        TEXT => CanonicalValue::Text(text(form)?),
        BINARY => CanonicalValue::Binary(sized(form)?),
        DATE_TIME | TIMESTAMP => CanonicalValue::Instant(i128::from_le_bytes(fixed(form)?)),
        MISSING => CanonicalValue::Missing,
        FOREIGN => {
            // Its attribute type and value follow.
            let _: [u8; 1] = fixed(form)?;
            sized(form)?;
            CanonicalValue::Foreign
        }
        EXTRA => CanonicalValue::Extra(text(form)?),
        OTHER_KEY => CanonicalValue::OtherKey,
        _ => return None,
    })
}

fn fixed<const N: usize>(form: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, rest) = form.split_first_chunk::<N>()?;
    *form = rest;
    Some(*bytes)
}

fn sized<'a>(form: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(u64::from_le_bytes(fixed(form)?)).ok()?;
    let (bytes, rest) = form.split_at_checked(length)?;
    *form = rest;
    Some(bytes)
}

fn text<'a>(form: &mut &'a [u8]) -> Option<&'a str> {
    std::str::from_utf8(sized(form)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::readback;
    use aws::dynamodb::{Item, Value};
    use recovery::table::{Column, OriginalNumbers};
    use recovery::types::ColumnKind;

    #[test]
    fn the_values_of_an_item_are_read_out_of_its_form() {
        let decimal = ColumnKind::Decimal {
            precision: 10,
            scale: 2,
        };
        let columns: Vec<Column> = [
            ("i", ColumnKind::Integer),
            ("d", decimal),
            ("f", ColumnKind::Double),
            ("t", ColumnKind::Text),
            ("b", ColumnKind::Binary),
            ("at", ColumnKind::Timestamp),
            ("n", ColumnKind::Text),
            ("gone", ColumnKind::Text),
            ("other", ColumnKind::Integer),
        ]
        .into_iter()
        .map(|(name, kind)| Column {
            name: name.to_owned(),
            original_type: None,
            original_numbers: OriginalNumbers::default(),
            parquet_type: String::new(),
            kind,
            nullable: true,
        })
        .collect();
        let item = Item::default()
            .with("i", Value::number(-7))
            .with("d", Value::N("1.5".into()))
            .with("f", Value::S("-0.0".into()))
            .with("t", Value::string("ü"))
            .with("b", Value::B(vec![0, 255]))
            .with("at", Value::string("1970-01-01T00:00:01Z"))
            .with("n", Value::Null)
            .with("other", Value::string("seven"))
            .with("more", Value::Null);
        let mut form = Vec::new();
        readback::canonical_of(&columns, None, &item, &mut form);
        let mut rest = form.as_slice();
        let mut values = Vec::new();
        while let Some(value) = next(&mut rest) {
            values.push(value);
            if matches!(value, CanonicalValue::Extra(_)) {
                break;
            }
        }
        let expected = [
            CanonicalValue::Integer(-7),
            CanonicalValue::Decimal("150"),
            CanonicalValue::Double(-0.0),
            CanonicalValue::Text("ü"),
            CanonicalValue::Binary(&[0, 255]),
            CanonicalValue::Instant(1_000_000_000),
            CanonicalValue::Null,
            CanonicalValue::Missing,
            CanonicalValue::Foreign,
            CanonicalValue::Extra("more"),
        ];
        assert_eq!(values, expected);
    }
}
