//! Examples of a finding: where a row lies, and as much of its values as may be shown.
//!
//! A preflight goes into tickets, terminals and logs, where a customer's values have no business. A masked value keeps
//! what helps to recognise it (type, size, punctuation, and of longer text the first and the last character), and the
//! place keeps what helps to find it: whoever may read the copy can look the row up.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::types::AttributeType;

/// Characters of a value that are shown at most.
const CHARS_MAX: usize = 60;

/// Text shorter than this keeps no character: two of six letters would tell too much.
const EDGES_FROM_CHARS: usize = 8;

/// Stands for a letter or a digit.
const MASK: char = '•';

/// One row that shows what a finding means, or several rows that share a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Example {
    /// Where it lies. Two places, where two rows share a key.
    pub places: Vec<Place>,
    /// The values in question: mostly the key's.
    pub values: Vec<ExampleValue>,
    /// The size of its item, where that matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_bytes: Option<u64>,
}

/// Where a row lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Place {
    /// The Parquet object, below the copy's prefix.
    pub object: String,
    /// The row within the object, the first being 1.
    pub row: u64,
}

/// One value of an example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExampleValue {
    /// The column.
    pub column: String,
    /// The type of its attribute.
    pub attribute_type: AttributeType,
    /// Bytes of the whole value: of text in UTF-8, of a number in digits.
    pub bytes: u64,
    /// The value, bytes in hex, at most 60 characters; masked unless values were asked for.
    pub value: String,
    /// Whether it is masked.
    pub masked: bool,
}

impl ExampleValue {
    /// The value `plain` of a column (bytes in hex), of which `bytes` are the whole size.
    pub fn new(
        column: impl Into<String>,
        attribute_type: AttributeType,
        plain: &str,
        bytes: u64,
        show_values: bool,
    ) -> Self {
        let value = match (show_values, attribute_type) {
            (true, _) => shortened(plain),
            (false, AttributeType::S) => masked_text(plain),
            (false, AttributeType::N) => masked_number(plain),
            // Nothing of bytes can be recognised but how many they are.
            (false, AttributeType::B) => String::new(),
        };
        Self {
            column: column.into(),
            attribute_type,
            bytes,
            value,
            masked: !show_values,
        }
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() > CHARS_MAX {
        text.chars().take(CHARS_MAX).chain(['…']).collect()
    } else {
        text.to_owned()
    }
}

/// Letters and digits are masked, punctuation and spaces stay; longer text keeps its first and last character.
fn masked_text(text: &str) -> String {
    let count = text.chars().count();
    let masked: String = text
        .chars()
        .enumerate()
        .map(|(at, c)| {
            let is_edge = count >= EDGES_FROM_CHARS && (at == 0 || at + 1 == count);
            if c.is_alphanumeric() && !is_edge { MASK } else { c }
        })
        .collect();
    shortened(&masked)
}

/// Digits are masked: their number, sign and point stay.
fn masked_number(text: &str) -> String {
    let masked: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { MASK } else { c })
        .collect();
    shortened(&masked)
}

impl fmt::Display for ExampleValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            column,
            attribute_type,
            bytes,
            value,
            masked,
        } = self;
        if *masked {
            let unit = if *bytes == 1 { "byte" } else { "bytes" };
            let space = if value.is_empty() { "" } else { " " };
            write!(
                f,
                "{column}={value}{space}({}, {bytes} {unit})",
                attribute_type.name()
            )
        } else {
            write!(f, "{column}={value}")
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {} of {}", self.row, self.object)
    }
}

impl Example {
    /// The values: `id=••••• (N, 5 bytes), line=7`.
    pub fn values_text(&self) -> String {
        let mut parts: Vec<String> = self.values.iter().map(ToString::to_string).collect();
        parts.extend(self.item_bytes.map(|bytes| format!("an item of {bytes} bytes")));
        parts.join(", ")
    }

    /// The places: `row 7 of shop/…parquet and row 9 of …`.
    pub fn places_text(&self) -> String {
        let places: Vec<String> = self.places.iter().map(ToString::to_string).collect();
        places.join(" and ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(attribute_type: AttributeType, plain: &str) -> String {
        ExampleValue::new("c", attribute_type, plain, plain.len() as u64, false).to_string()
    }

    #[test]
    fn a_masked_value_keeps_its_form_and_not_its_content() {
        use AttributeType::{B, N, S};
        for (attribute_type, plain, expected) in [
            (S, "jane.doe@example.com", "c=j•••.•••@•••••••.••m (S, 20 bytes)"),
            (S, "+49 30 1234567", "c=+•• •• ••••••7 (S, 14 bytes)"),
            (S, "secret", "c=•••••• (S, 6 bytes)"),
            (S, "Łódź", "c=•••• (S, 7 bytes)"),
            (S, "", "c=(S, 0 bytes)"),
            (N, "-1234.50", "c=-••••.•• (N, 8 bytes)"),
            (N, "7", "c=• (N, 1 byte)"),
            (B, "00ff", "c=(B, 4 bytes)"),
        ] {
            assert_eq!(shown(attribute_type, plain), expected);
        }
        let long = masked_text(&"x".repeat(2_049));
        assert_eq!(long.chars().count(), CHARS_MAX + 1);
        assert!(long.starts_with("x•") && long.ends_with("•…"));
    }

    #[test]
    fn a_value_that_was_asked_for_is_shown_up_to_its_bound() {
        let value = ExampleValue::new("id", AttributeType::N, "42", 2, true);
        assert_eq!((value.to_string().as_str(), value.masked), ("id=42", false));
        let long = ExampleValue::new("t", AttributeType::S, &"y".repeat(100), 100, true);
        assert_eq!(long.value.chars().count(), CHARS_MAX + 1);
    }
}
