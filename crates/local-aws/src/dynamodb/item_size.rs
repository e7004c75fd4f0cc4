//! Item sizes and capacity units as DynamoDB counts them.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>

use serde_json::{Map, Value};

/// Bytes of an item in DynamoDB's JSON: attribute names and values.
pub(super) fn item(attributes: &Map<String, Value>) -> usize {
    attributes
        .iter()
        .map(|(name, attribute)| name.len() + value(attribute))
        .sum()
}

/// Write units of one item: one for each KB begun, at least one.
pub(super) fn write_units(bytes: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "an item is at most 400 KB")]
    let units = bytes.div_ceil(1024).max(1) as f64;
    units
}

fn value(attribute: &Value) -> usize {
    let Some((kind, content)) = attribute.as_object().and_then(|object| object.iter().next()) else {
        return 0;
    };
    let text = |content: &Value| content.as_str().map_or(0, str::len);
    match (kind.as_str(), content) {
        ("S", content) => text(content),
        ("N", content) => number(content),
        ("B", content) => binary(content),
        ("BOOL" | "NULL", _) => 1,
        ("SS", Value::Array(members)) => members.iter().map(text).sum(),
        ("NS", Value::Array(members)) => members.iter().map(number).sum(),
        ("BS", Value::Array(members)) => members.iter().map(binary).sum(),
        ("L", Value::Array(members)) => 3 + members.iter().map(|member| 1 + value(member)).sum::<usize>(),
        ("M", Value::Object(members)) => {
            3 + members
                .iter()
                .map(|(name, member)| 1 + name.len() + value(member))
                .sum::<usize>()
        }
        _ => 0,
    }
}

/// About a byte for two significant digits and one more; zeros at either end don't count.
fn number(content: &Value) -> usize {
    let text = content.as_str().unwrap_or_default();
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_matches('0').len();
    significant.div_ceil(2) + 1 + usize::from(text.starts_with('-'))
}

fn binary(content: &Value) -> usize {
    let text = content.as_str().unwrap_or_default();
    text.trim_end_matches('=').len() * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let sized = |json: &str| item(serde_json::from_str::<Value>(json).unwrap().as_object().unwrap());
        assert_eq!(sized(r#"{"id":{"S":"abc"}}"#), 5);
        assert_eq!(sized(r#"{"n":{"N":"-12300"}}"#), 1 + 2 + 1 + 1);
        assert_eq!(sized(r#"{"b":{"B":"AAAA"}}"#), 4);
        assert_eq!(sized(r#"{"m":{"M":{"x":{"NULL":true}}}}"#), 1 + 3 + 1 + 1 + 1);
        assert_eq!(sized(r#"{"é":{"S":"é"}}"#), 4);
        assert_eq!(write_units(0).to_string(), "1");
        assert_eq!(write_units(1024).to_string(), "1");
        assert_eq!(write_units(1025).to_string(), "2");
    }
}
