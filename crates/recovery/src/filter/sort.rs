//! Sorting by a property: `size`, or `-size` for the largest first.

use std::cmp::Ordering;
use std::fmt;

use super::schema::{Fact, Facts, Kind, Property, Schema};

/// By what something is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The property.
    pub property: &'static Property,
    /// Whether the largest comes first.
    pub is_descending: bool,
}

/// A property that nothing can be sorted by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{things} cannot be sorted by {name:?}; possible, with - before it for the largest first: {}", .possible.join(", "))]
pub struct SortError {
    /// What was to be sorted.
    pub things: &'static str,
    /// What was written.
    pub name: String,
    /// What is possible.
    pub possible: Vec<&'static str>,
}

impl Sort {
    /// Reads `property` or `-property`.
    pub fn parse(text: &str, schema: &'static Schema) -> Result<Self, SortError> {
        let (name, is_descending) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (text, false),
        };
        match schema.property(name).filter(|property| !property.is_many) {
            Some(property) => Ok(Self {
                property,
                is_descending,
            }),
            None => Err(SortError {
                things: schema.things,
                name: text.to_owned(),
                possible: schema
                    .properties
                    .iter()
                    .filter(|property| !property.is_many)
                    .map(|property| property.name)
                    .collect(),
            }),
        }
    }

    /// Which comes first. Whatever has no value comes last, either way.
    pub fn compare(&self, one: &impl Facts, other: &impl Facts) -> Ordering {
        let name = self.property.name;
        let (one, other) = (one.facts(name), other.facts(name));
        match (one.first(), other.first()) {
            (Some(one), Some(other)) => {
                let order = self.order(one, other);
                if self.is_descending {
                    order.reverse()
                } else {
                    order
                }
            }
            (one, other) => one.is_none().cmp(&other.is_none()),
        }
    }

    fn order(&self, one: &Fact<'_>, other: &Fact<'_>) -> Ordering {
        match (one, other, self.property.kind) {
            // Choices stand in an order of their own, states in that of the pipeline.
            (Fact::Text(one), Fact::Text(other), Kind::Choice(choices)) => {
                let place = |text: &str| choices.iter().position(|choice| *choice == text);
                place(one).cmp(&place(other))
            }
            (Fact::Text(one), Fact::Text(other), _) => one.cmp(other),
            (Fact::Number(one), Fact::Number(other), _) => one.cmp(other),
            (Fact::Time(one), Fact::Time(other), _) => one.cmp(other),
            _ => Ordering::Equal,
        }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_descending { "-" } else { "" };
        write!(f, "{sign}{}", self.property.name)
    }
}
