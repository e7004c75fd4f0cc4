//! Property filters: `source = tvshows and state != verified`.
//!
//! ```text
//! filter    = all { "or" all }
//! all       = one { "and" one }
//! one       = "(" filter ")" | condition
//! condition = property ("=" | "!=" | ":" | "<" | "<=" | ">" | ">=") value
//! value     = word | '"' text '"'          \" and \\ within the quotes
//! ```
//!
//! `:` means *contains*, whatever the case. A property may have several values (a recovery point has copies in several
//! Regions): a condition holds when it holds for one of them, and `!=` when none is equal. A filter that is not understood is
//! refused as a whole; [`FilterError`] says where and what is possible.

mod error;
mod parse;
mod point;
mod schema;
mod sort;
mod source;
mod suggest;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

pub use error::FilterError;
pub use point::{POINTS, PointFacts};
pub use schema::{Fact, Facts, Kind, Property, Schema};
pub use sort::{Sort, SortError};
pub use source::{SOURCES, SourceFacts};
pub use suggest::{Suggestion, suggestions};
use value::Value;

/// The longest filter that is read, characters.
pub const LENGTH_MAX: usize = 1_000;

/// The most conditions that a filter may have.
pub const CONDITIONS_MAX: usize = 50;

/// How deep parentheses may stand in one another.
pub const DEPTH_MAX: usize = 10;

/// A filter over the properties of a [`Schema`].
#[derive(Clone, Debug)]
pub struct Filter {
    root: Node,
}

#[derive(Clone, Debug)]
enum Node {
    /// Every one of them holds.
    All(Vec<Node>),
    /// One of them holds.
    Any(Vec<Node>),
    /// It holds.
    Is(Condition),
}

/// One condition of a filter.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The property.
    pub property: &'static Property,
    /// How it is compared.
    pub operator: Operator,
    /// The value as it was written, without its quotes.
    pub written: String,
    /// The character that the value begins at, from 1.
    pub position: usize,
    value: Value,
}

/// How a property is compared with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `:`
    Contains,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Operator {
    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Contains => ":",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// In words.
    pub fn means(self) -> &'static str {
        match self {
            Self::Equal => "equals",
            Self::NotEqual => "does not equal",
            Self::Contains => "contains",
            Self::Less => "less than",
            Self::LessOrEqual => "at most",
            Self::Greater => "greater than",
            Self::GreaterOrEqual => "at least",
        }
    }
}

impl Filter {
    /// Reads a filter over the properties of `schema`.
    pub fn parse(text: &str, schema: &'static Schema) -> Result<Self, FilterError> {
        parse::parse(text, schema).map(|root| Self { root })
    }

    /// Whether it holds.
    pub fn matches(&self, facts: &impl Facts) -> bool {
        self.root.matches(facts)
    }

    /// Whether a property of that name stands in it.
    pub fn uses(&self, property: &str) -> bool {
        self.conditions()
            .iter()
            .any(|condition| condition.property.name == property)
    }

    /// Every condition, in the order of the text.
    pub fn conditions(&self) -> Vec<&Condition> {
        let mut conditions = Vec::new();
        self.root.collect(&mut conditions);
        conditions
    }

    /// The values that a property must have one of for the filter to hold; `None` where it does not say so.
    pub fn only(&self, property: &str) -> Option<BTreeSet<&str>> {
        self.root.only(property)
    }

    /// The times between which a time property must lie for the filter to hold: at or after the first, before the second.
    /// What lies between them need not match.
    pub fn between(&self, property: &str) -> (Option<Timestamp>, Option<Timestamp>) {
        self.root.between(&|condition| match &condition.value {
            Value::Time { from, to } if condition.property.name == property => {
                condition.operator.bounds(Some(*from), Some(*to))
            }
            _ => (None, None),
        })
    }

    /// The times of which something may be that is as old as the filter asks of an age, at `now`.
    pub fn aged(&self, property: &str, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        self.root.between(&|condition| match &condition.value {
            Value::Number(seconds) if condition.property.name == property => {
                // An age is cut to the second, so its time lies within that second.
                let ago = |seconds: u64| {
                    let seconds = i64::try_from(seconds).ok()?;
                    now.checked_sub(SignedDuration::from_secs(seconds)).ok()
                };
                let (older, younger) = (ago(seconds.saturating_add(1)), ago(seconds.saturating_sub(1)));
                match condition.operator {
                    Operator::Less | Operator::LessOrEqual => (older, None),
                    Operator::Greater | Operator::GreaterOrEqual => (None, younger),
                    Operator::Equal => (older, younger),
                    Operator::NotEqual | Operator::Contains => (None, None),
                }
            }
            _ => (None, None),
        })
    }
}

impl Operator {
    fn bounds(
        self,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> (Option<Timestamp>, Option<Timestamp>) {
        match self {
            Self::Equal => (from, to),
            Self::Less => (None, from),
            Self::LessOrEqual => (None, to),
            Self::Greater => (to, None),
            Self::GreaterOrEqual => (from, None),
            Self::NotEqual | Self::Contains => (None, None),
        }
    }
}

impl Node {
    fn matches(&self, facts: &impl Facts) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.matches(facts)),
            Self::Any(nodes) => nodes.iter().any(|node| node.matches(facts)),
            Self::Is(condition) => condition.matches(facts),
        }
    }

    fn collect<'a>(&'a self, into: &mut Vec<&'a Condition>) {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().for_each(|node| node.collect(into)),
            Self::Is(condition) => into.push(condition),
        }
    }

    fn only(&self, property: &str) -> Option<BTreeSet<&str>> {
        match self {
            Self::All(nodes) => nodes
                .iter()
                .filter_map(|node| node.only(property))
                .reduce(|one, other| one.intersection(&other).copied().collect()),
            Self::Any(nodes) => {
                nodes
                    .iter()
                    .map(|node| node.only(property))
                    .try_fold(BTreeSet::new(), |mut all, some| {
                        all.extend(some?);
                        Some(all)
                    })
            }
            Self::Is(condition) => (condition.property.name == property
                && condition.operator == Operator::Equal)
                .then(|| BTreeSet::from([condition.written.as_str()])),
        }
    }

    fn between(
        &self,
        bounds: &impl Fn(&Condition) -> (Option<Timestamp>, Option<Timestamp>),
    ) -> (Option<Timestamp>, Option<Timestamp>) {
        match self {
            Self::All(nodes) => nodes.iter().map(|node| node.between(bounds)).fold(
                (None, None),
                |(from, to), (other_from, other_to)| {
                    (
                        from.max(other_from),
                        match (to, other_to) {
                            (Some(one), Some(other)) => Some(one.min(other)),
                            (one, other) => one.or(other),
                        },
                    )
                },
            ),
            Self::Any(_) => (None, None),
            Self::Is(condition) => bounds(condition),
        }
    }
}

impl Condition {
    fn matches(&self, facts: &impl Facts) -> bool {
        let facts = facts.facts(self.property.name);
        match self.operator {
            Operator::NotEqual => !facts.iter().any(|fact| self.value.holds(Operator::Equal, fact)),
            operator => facts.iter().any(|fact| self.value.holds(operator, fact)),
        }
    }
}

impl fmt::Display for Filter {
    /// A text that is read as the same filter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (nodes, word) = match self {
            Self::Is(condition) => return condition.fmt(f),
            Self::All(nodes) => (nodes, " and "),
            Self::Any(nodes) => (nodes, " or "),
        };
        for (index, node) in nodes.iter().enumerate() {
            if index > 0 {
                f.write_str(word)?;
            }
            match node {
                Self::Is(condition) => condition.fmt(f)?,
                Self::All(_) | Self::Any(_) => write!(f, "({node})")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = parse::quoted(&self.written);
        write!(f, "{} {} {value}", self.property.name, self.operator.sign())
    }
}

/// `property = value`, as a filter's text.
pub fn equals(property: &str, value: &str) -> String {
    format!("{property} = {}", parse::quoted(value))
}
