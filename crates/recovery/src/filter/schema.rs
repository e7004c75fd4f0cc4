//! What can be filtered by.

use std::borrow::Cow;

use jiff::Timestamp;

use super::Operator;

/// The properties of a kind of thing.
#[derive(Debug)]
pub struct Schema {
    /// The things, in the plural: `recovery points`.
    pub things: &'static str,
    /// Their properties, in the order in which they are told.
    pub properties: &'static [Property],
}

/// One property.
#[derive(Debug, PartialEq, Eq)]
pub struct Property {
    /// As it is written in a filter.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// What it says, as part of a sentence.
    pub means: &'static str,
    /// Whether there may be several values of it, by which nothing can be sorted.
    pub is_many: bool,
}

/// What the values of a property are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An AWS Region.
    Region,
    /// An AWS account.
    Account,
    /// A day (`2026-11-20`) or a moment (`2026-11-20T08:00Z`), UTC.
    Time,
    /// A length of time: `90s`, `45m`, `24h`, `7d`, `1h30m`.
    Duration,
    /// A size: `512`, `20kB`, `1.5GB`, `10MiB`.
    Bytes,
    /// A number.
    Count,
}

/// One value that something has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact<'a> {
    /// Of a text, a choice, a Region or an account.
    Text(Cow<'a, str>),
    /// Seconds, bytes or a count.
    Number(u64),
    /// A time.
    Time(Timestamp),
}

impl<'a> From<&'a str> for Fact<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

/// Something that a filter is held against.
pub trait Facts {
    /// The values of a property: none where it has none, several where it has several.
    fn facts(&self, property: &str) -> Vec<Fact<'_>>;
}

impl Schema {
    /// The property of that name.
    pub fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// The names of its properties.
    pub fn names(&self) -> Vec<String> {
        self.properties
            .iter()
            .map(|property| property.name.to_owned())
            .collect()
    }
}

impl Property {
    /// A property with one value.
    pub(super) const fn one(name: &'static str, kind: Kind, means: &'static str) -> Self {
        Self {
            name,
            kind,
            means,
            is_many: false,
        }
    }

    /// A property with several values.
    pub(super) const fn many(name: &'static str, kind: Kind, means: &'static str) -> Self {
        Self {
            name,
            kind,
            means,
            is_many: true,
        }
    }
}

impl Kind {
    /// How its values may be compared.
    pub fn operators(self) -> &'static [Operator] {
        match self {
            Self::Text | Self::Region | Self::Account => {
                &[Operator::Equal, Operator::NotEqual, Operator::Contains]
            }
            Self::Choice(_) => &[Operator::Equal, Operator::NotEqual],
            Self::Time | Self::Duration | Self::Bytes | Self::Count => &[
                Operator::Less,
                Operator::Greater,
                Operator::LessOrEqual,
                Operator::GreaterOrEqual,
                Operator::Equal,
                Operator::NotEqual,
            ],
        }
    }

    /// How its values are written.
    pub fn form(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Choice(choices) => choices.join(", "),
            Self::Region => "a Region, such as us-east-1".to_owned(),
            Self::Account => "twelve digits".to_owned(),
            Self::Time => "2026-11-20 or 2026-11-20T08:00Z (UTC)".to_owned(),
            Self::Duration => "45m, 24h, 7d or 1h30m".to_owned(),
            Self::Bytes => "512, 20kB, 1.5GB or 10MiB".to_owned(),
            Self::Count => "a number".to_owned(),
        }
    }
}
