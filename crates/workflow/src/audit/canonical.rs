//! The bytes that an entry's hash covers.
//!
//! Canonical JSON here is: UTF-8, no white space between tokens, the members of every object sorted by the bytes of
//! their names, strings escaped as JSON demands and no further, integers in decimal. The entry is written with every
//! field but `hash`, absent values as `null`. Whoever wants to check a log without this product does the same with
//! any JSON library that can sort keys (`json.dumps(e, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`
//! in Python) and takes SHA-256.

use recovery::audit::AuditEntry;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// `previous` of the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The hash that `entry` must carry; what its `hash` field says is not looked at.
pub fn hash(entry: &AuditEntry) -> String {
    hash_without(serde_json::to_value(entry).unwrap_or(Value::Null), "hash")
}

/// SHA-256 (hex) of the canonical JSON of an object without one of its members.
pub(crate) fn hash_without(mut value: Value, member: &str) -> String {
    if let Some(fields) = value.as_object_mut() {
        fields.remove(member);
    }
    let mut text = String::new();
    write(&value, &mut text);
    hex::encode(Sha256::digest(text))
}

/// Sorts the members itself: whether `serde_json` keeps an object sorted depends on features of other crates.
fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_bytes());
            text.push('{');
            for (index, (name, field)) in fields.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(field, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}
