//! Items as DynamoDB JSON, written straight into a buffer.
//!
//! An [`Item`](super::Item) costs a map, and a name and a value on the heap for each attribute, only to be turned into
//! this text by the SDK. Who writes millions of items writes the text at once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::item::number_size;
use super::{Item, ValueRef};

/// An attribute's name as it stands in DynamoDB JSON, escaped once for every item that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeName {
    /// `"name":`
    json: Box<[u8]>,
    /// Bytes of the bare name, which count towards an item's size.
    bytes: usize,
}

impl AttributeName {
    /// The name, ready to be written.
    pub fn new(name: &str) -> Self {
        let mut json = Vec::with_capacity(name.len() + 3);
        push_text(&mut json, name);
        json.push(b':');
        Self {
            json: json.into(),
            bytes: name.len(),
        }
    }
}

/// Writes one item, `{"name":{"S":"…"},…}`, behind what its buffer holds, and counts its size.
#[derive(Debug)]
pub struct ItemWriter<'a> {
    json: &'a mut Vec<u8>,
    bytes: usize,
    is_first: bool,
}

impl<'a> ItemWriter<'a> {
    /// Begins an item.
    pub fn begin(json: &'a mut Vec<u8>) -> Self {
        json.push(b'{');
        Self {
            json,
            bytes: 0,
            is_first: true,
        }
    }

    /// An attribute that is NULL.
    pub fn null(&mut self, name: &AttributeName) {
        self.name(name, 1);
        self.json.extend_from_slice(br#"{"NULL":true}"#);
    }

    /// A boolean attribute.
    pub fn boolean(&mut self, name: &AttributeName, value: bool) {
        self.name(name, 1);
        self.json.extend_from_slice(if value {
            br#"{"BOOL":true}"#
        } else {
            br#"{"BOOL":false}"#
        });
    }

    /// A number attribute. `digits` is a number as text, so nothing in it needs escaping.
    pub fn number(&mut self, name: &AttributeName, digits: &str) {
        self.name(name, number_size(digits));
        self.json.extend_from_slice(br#"{"N":""#);
        self.json.extend_from_slice(digits.as_bytes());
        self.json.extend_from_slice(br#""}"#);
    }

    /// A string attribute.
    pub fn string(&mut self, name: &AttributeName, text: &str) {
        self.name(name, text.len());
        self.json.extend_from_slice(br#"{"S":"#);
        push_text(self.json, text);
        self.json.push(b'}');
    }

    /// A binary attribute.
    pub fn binary(&mut self, name: &AttributeName, bytes: &[u8]) {
        self.name(name, bytes.len());
        self.json.extend_from_slice(br#"{"B":""#);
        let start = self.json.len();
        self.json.resize(start + bytes.len().div_ceil(3) * 4, 0);
        // The room is the encoding's very length, so it always fits.
        let written = STANDARD.encode_slice(bytes, &mut self.json[start..]).unwrap_or(0);
        self.json.truncate(start + written);
        self.json.extend_from_slice(br#""}"#);
    }

    /// Ends the item and gives its size in bytes by DynamoDB's rules.
    pub fn end(self) -> usize {
        self.json.push(b'}');
        self.bytes
    }

    fn name(&mut self, name: &AttributeName, value_bytes: usize) {
        if self.is_first {
            self.is_first = false;
        } else {
            self.json.push(b',');
        }
        self.json.extend_from_slice(&name.json);
        self.bytes += name.bytes + value_bytes;
    }
}

impl Item {
    /// Writes the item; `None` where it holds a set, list or map, which nothing in this product writes.
    pub(super) fn write(&self, writer: &mut ItemWriter<'_>) -> Option<()> {
        for (name, value) in self.iter() {
            let name = AttributeName::new(name);
            match value {
                ValueRef::S(text) => writer.string(&name, text),
                ValueRef::N(digits) => writer.number(&name, digits),
                ValueRef::B(bytes) => writer.binary(&name, bytes),
                ValueRef::Bool(value) => writer.boolean(&name, value),
                ValueRef::Null => writer.null(&name),
                ValueRef::Other => return None,
            }
        }
        Some(())
    }
}

/// A JSON string, escaped.
pub(super) fn push_text(json: &mut Vec<u8>, text: &str) {
    let is_plain = text
        .bytes()
        .all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    if is_plain {
        json.push(b'"');
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
    } else {
        // A text always has a JSON form, and a Vec always takes it.
        let _ = serde_json::to_writer(json, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamodb::Value;

    #[test]
    fn an_item_is_written_as_dynamodb_reads_it() {
        let item = Item::default()
            .with("we\"ird", Value::string("a\"b\\c\n\u{1}Łódź🎬"))
            .with("n", Value::number(-15))
            .with("raw", Value::B((0..=255).collect()))
            .with("none", Value::B(Vec::new()))
            .with("flag", Value::Bool(false))
            .with("gone", Value::Null);
        let mut json = b"before".to_vec();
        let mut writer = ItemWriter::begin(&mut json);
        item.write(&mut writer).unwrap();
        assert_eq!(writer.end(), item.size_bytes());
        let read: serde_json::Value = serde_json::from_slice(json.strip_prefix(b"before").unwrap()).unwrap();
        let raw = STANDARD.encode((0..=255).collect::<Vec<u8>>());
        assert_eq!(
            read,
            serde_json::json!({
                "we\"ird": {"S": "a\"b\\c\n\u{1}Łódź🎬"}, "n": {"N": "-15"}, "raw": {"B": raw},
                "none": {"B": ""}, "flag": {"BOOL": false}, "gone": {"NULL": true},
            })
        );
    }
}
