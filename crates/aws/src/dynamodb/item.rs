//! Items and values in our words. They hold the SDK's form inside, so that nothing is converted on the way out or in.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_types::Blob;

/// The largest item that DynamoDB takes, names included (400 KB).
pub const ITEM_BYTES_MAX: usize = 400 * 1024;

/// A value to write.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// A string.
    S(String),
    /// A number, as text: 38 significant digits, 1E-130 to 9.99E125.
    N(String),
    /// Bytes.
    B(Vec<u8>),
    /// A boolean.
    Bool(bool),
    /// NULL, which is a value and not the absence of one.
    Null,
}

/// A value that was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    /// A string.
    S(&'a str),
    /// A number, as DynamoDB spells it.
    N(&'a str),
    /// Bytes.
    B(&'a [u8]),
    /// A boolean.
    Bool(bool),
    /// NULL.
    Null,
    /// A set, list or map, which nothing in this product writes.
    Other,
}

impl ValueRef<'_> {
    /// The value to write that is the same; `None` of what nothing in this product writes.
    pub fn to_value(self) -> Option<Value> {
        Some(match self {
            Self::S(text) => Value::S(text.to_owned()),
            Self::N(digits) => Value::N(digits.to_owned()),
            Self::B(bytes) => Value::B(bytes.to_vec()),
            Self::Bool(value) => Value::Bool(value),
            Self::Null => Value::Null,
            Self::Other => return None,
        })
    }
}

/// An item: attributes by name, in no order.
#[derive(Clone, Default, PartialEq)]
pub struct Item {
    pub(super) attributes: HashMap<String, AttributeValue>,
}

impl Item {
    /// An item with room for `attributes`.
    pub fn with_capacity(attributes: usize) -> Self {
        Self {
            attributes: HashMap::with_capacity(attributes),
        }
    }

    /// Sets an attribute, in place of one of that name.
    pub fn insert(&mut self, name: impl Into<String>, value: Value) {
        self.attributes.insert(name.into(), value.into());
    }

    /// The item with one more attribute.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: Value) -> Self {
        self.insert(name, value);
        self
    }

    /// The attribute of that name.
    pub fn get(&self, name: &str) -> Option<ValueRef<'_>> {
        self.attributes.get(name).map(view)
    }

    /// The text of a string attribute.
    pub fn string(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(ValueRef::S(text)) => Some(text),
            _ => None,
        }
    }

    /// The number of a number attribute, where it is a whole one.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(ValueRef::N(text)) => text.parse().ok(),
            _ => None,
        }
    }

    /// The bytes of a binary attribute.
    pub fn binary(&self, name: &str) -> Option<&[u8]> {
        match self.get(name) {
            Some(ValueRef::B(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// How many attributes it has.
    pub fn len(&self) -> usize {
        self.attributes.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    /// Every attribute, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, ValueRef<'_>)> {
        self.attributes
            .iter()
            .map(|(name, value)| (name.as_str(), view(value)))
    }

    /// Its size by DynamoDB's rules: names and values in UTF-8 bytes, a number one byte for two digits and one or two
    /// more, NULL and booleans one byte.
    pub fn size_bytes(&self) -> usize {
        self.attributes
            .iter()
            .map(|(name, value)| name.len() + view(value).size_bytes())
            .sum()
    }
}

impl ValueRef<'_> {
    /// The value's size by DynamoDB's rules. A number's is AWS's own approximation, never below the real one.
    pub fn size_bytes(self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(text) => number_size(text),
            Self::B(bytes) => bytes.len(),
            Self::Bool(_) | Self::Null => 1,
            Self::Other => 0,
        }
    }
}

/// One byte for each two significant digits, one more, and one for a minus sign; 21 at most.
pub(crate) fn number_size(text: &str) -> usize {
    let digits = text
        .bytes()
        .take_while(|byte| !matches!(byte, b'e' | b'E'))
        .filter(u8::is_ascii_digit)
        .count();
    (digits.div_ceil(2) + 1 + usize::from(text.starts_with('-'))).min(21)
}

fn view(value: &AttributeValue) -> ValueRef<'_> {
    match value {
        AttributeValue::S(text) => ValueRef::S(text),
        AttributeValue::N(text) => ValueRef::N(text),
        AttributeValue::B(bytes) => ValueRef::B(bytes.as_ref()),
        AttributeValue::Bool(value) => ValueRef::Bool(*value),
        AttributeValue::Null(_) => ValueRef::Null,
        _ => ValueRef::Other,
    }
}

impl Value {
    /// A number.
    pub fn number(number: impl fmt::Display) -> Self {
        Self::N(number.to_string())
    }

    /// A string.
    pub fn string(text: impl Into<String>) -> Self {
        Self::S(text.into())
    }

    /// The value as it reads.
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::S(text) => ValueRef::S(text),
            Self::N(text) => ValueRef::N(text),
            Self::B(bytes) => ValueRef::B(bytes),
            Self::Bool(value) => ValueRef::Bool(*value),
            Self::Null => ValueRef::Null,
        }
    }
}

impl From<Value> for AttributeValue {
    fn from(value: Value) -> Self {
        match value {
            Value::S(text) => Self::S(text),
            Value::N(text) => Self::N(text),
            Value::B(bytes) => Self::B(Blob::new(bytes)),
            Value::Bool(value) => Self::Bool(value),
            Value::Null => Self::Null(true),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut attributes: Vec<_> = self.iter().collect();
        attributes.sort_unstable_by_key(|(name, _)| *name);
        f.debug_map().entries(attributes).finish()
    }
}

impl<N: Into<String>> FromIterator<(N, Value)> for Item {
    fn from_iter<T: IntoIterator<Item = (N, Value)>>(attributes: T) -> Self {
        Self {
            attributes: attributes
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        }
    }
}

impl From<HashMap<String, AttributeValue>> for Item {
    fn from(attributes: HashMap<String, AttributeValue>) -> Self {
        Self { attributes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_gives_back_what_was_put_in_and_knows_its_size() {
        let item = Item::default()
            .with("id", Value::number(-1234))
            .with("title", Value::string("Łódź"))
            .with("raw", Value::B(vec![0, 255]))
            .with("gone", Value::Null);
        assert_eq!(item.get("id"), Some(ValueRef::N("-1234")));
        assert_eq!(item.integer("id"), Some(-1234));
        assert_eq!(item.string("title"), Some("Łódź"));
        assert_eq!(item.binary("raw"), Some(&[0, 255][..]));
        assert_eq!(item.get("gone"), Some(ValueRef::Null));
        assert_eq!(item.get("other"), None);
        // Names 2+5+3+4; -1234 is 2 digits' bytes, one, and the sign; the title has seven bytes.
        assert_eq!(item.size_bytes(), 14 + 4 + 7 + 2 + 1);
        assert_eq!(number_size("1.5E-120"), 2);
    }
}
