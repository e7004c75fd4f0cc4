//! Conditions under which a write takes place, as expressions.

use std::collections::HashMap;
use std::fmt::Write as _;

use aws_sdk_dynamodb::types::AttributeValue;

use super::Value;

/// What must hold for a write to take place; else it fails with [`Precondition`](crate::ErrorKind::Precondition).
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// The attribute isn't there. Of the partition key: the item isn't there.
    NotExists(String),
    /// The attribute is there.
    Exists(String),
    /// The attribute has this value.
    Equals(String, Value),
    /// The attribute is less than this value.
    LessThan(String, Value),
    /// The attribute is greater than this value.
    GreaterThan(String, Value),
    /// All of these hold.
    All(Vec<Condition>),
    /// One of these holds.
    Any(Vec<Condition>),
}

impl Condition {
    /// The item isn't there, its partition key being named `partition`.
    pub fn absent(partition: &str) -> Self {
        Self::NotExists(partition.to_owned())
    }

    /// The attribute `name` has this value.
    pub fn equals(name: &str, value: Value) -> Self {
        Self::Equals(name.to_owned(), value)
    }
}

/// Gathers the names and values of expressions behind placeholders, so that no name is a reserved word.
#[derive(Debug, Default)]
pub(super) struct Expressions {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Expressions {
    /// A placeholder for an attribute name.
    pub(super) fn name(&mut self, name: &str) -> String {
        if let Some((placeholder, _)) = self.names.iter().find(|(_, known)| *known == name) {
            return placeholder.clone();
        }
        let placeholder = format!("#n{}", self.names.len());
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    /// A placeholder for a value.
    pub(super) fn value(&mut self, value: Value) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value.into());
        placeholder
    }

    /// A condition's text.
    pub(super) fn condition(&mut self, condition: Condition) -> String {
        match condition {
            Condition::NotExists(name) => format!("attribute_not_exists({})", self.name(&name)),
            Condition::Exists(name) => format!("attribute_exists({})", self.name(&name)),
            Condition::Equals(name, value) => self.compare(&name, "=", value),
            Condition::LessThan(name, value) => self.compare(&name, "<", value),
            Condition::GreaterThan(name, value) => self.compare(&name, ">", value),
            Condition::All(parts) => self.join(parts, " AND "),
            Condition::Any(parts) => self.join(parts, " OR "),
        }
    }

    fn compare(&mut self, name: &str, operator: &str, value: Value) -> String {
        let name = self.name(name);
        format!("{name} {operator} {}", self.value(value))
    }

    fn join(&mut self, parts: Vec<Condition>, operator: &str) -> String {
        let mut text = String::new();
        for part in parts {
            let part = self.condition(part);
            let separator = if text.is_empty() { "" } else { operator };
            // Writing into a String cannot fail.
            let _ = write!(text, "{separator}({part})");
        }
        text
    }

    /// The names, or `None` where there are none: DynamoDB refuses an empty map.
    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    /// The values, likewise.
    pub(super) fn values(&mut self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| std::mem::take(&mut self.values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_condition_reads_as_dynamodb_takes_it() {
        let mut expressions = Expressions::default();
        let text = expressions.condition(Condition::Any(vec![
            Condition::absent("pk"),
            Condition::LessThan("until".into(), Value::number(7)),
            Condition::All(vec![
                Condition::equals("owner", Value::string("me")),
                Condition::Exists("until".into()),
            ]),
        ]));
        assert_eq!(
            text,
            "(attribute_not_exists(#n0)) OR (#n1 < :v0) OR ((#n2 = :v1) AND (attribute_exists(#n1)))"
        );
        assert_eq!(expressions.names().unwrap()["#n2"], "owner");
        assert_eq!(
            expressions.values().unwrap()[":v0"],
            AttributeValue::N("7".into())
        );
    }
}
