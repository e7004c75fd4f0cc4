//! The MD5 sums that SQS answers with, so that a sender can see that its message arrived whole.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Of a body.
pub fn of_body(body: &str) -> String {
    format!("{:x}", md5::compute(body))
}

/// Of message attributes, if there are any: of their names, types and values, each with its length, by name.
pub fn of_attributes(attributes: &Value) -> Option<String> {
    let mut attributes: Vec<(&String, &Value)> = attributes.as_object()?.iter().collect();
    if attributes.is_empty() {
        return None;
    }
    attributes.sort_by_key(|(name, _)| *name);
    let mut encoded = Vec::new();
    for (name, attribute) in attributes {
        let data_type = attribute["DataType"].as_str().unwrap_or_default();
        with_length(&mut encoded, name.as_bytes());
        with_length(&mut encoded, data_type.as_bytes());
        if let Some(binary) = attribute["BinaryValue"].as_str() {
            encoded.push(2);
            with_length(&mut encoded, &STANDARD.decode(binary).unwrap_or_default());
        } else {
            encoded.push(1);
            with_length(
                &mut encoded,
                attribute["StringValue"].as_str().unwrap_or_default().as_bytes(),
            );
        }
    }
    Some(format!("{:x}", md5::compute(encoded)))
}

fn with_length(encoded: &mut Vec<u8>, bytes: &[u8]) {
    encoded.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    encoded.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sums_are_md5_and_no_attributes_have_none() {
        assert_eq!(of_body("hello"), "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(of_attributes(&Value::Null), None);
        assert_eq!(of_attributes(&json!({})), None);
        let attributes =
            json!({"test_attribute_name_1": {"DataType": "String", "StringValue": "test_attribute_value_1"}});
        assert_eq!(of_attributes(&attributes).unwrap().len(), 32);
    }
}
