//! What could be written next, for whoever types a filter.

use super::parse::{Scanner, quoted};
use super::schema::{Kind, Property, Schema};

/// The most suggestions that are made at once.
const SUGGESTIONS_MAX: usize = 30;

/// A way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The whole text of the filter with it, ready to be written on.
    pub text: String,
    /// What it adds.
    pub adds: String,
    /// What that means.
    pub means: String,
}

/// How `text` could go on at its end. `known` gives the values that are known of a property whose kind does not tell them.
pub fn suggestions(
    text: &str,
    schema: &'static Schema,
    known: impl Fn(&Property) -> Vec<String>,
) -> Vec<Suggestion> {
    let mut scanner = Scanner::new(text);
    let mut open = 0_usize;
    loop {
        scanner.skip_space();
        while scanner.eat("(") {
            open += 1;
            scanner.skip_space();
        }
        let begin = scanner.at;
        let name = scanner.name();
        if scanner.is_end() {
            return properties(text, begin, name, schema);
        }
        let Some(property) = schema.property(&name.to_ascii_lowercase()) else {
            return Vec::new();
        };
        scanner.skip_space();
        let begin = scanner.at;
        if scanner.operator().is_none() {
            return operators(text, begin, property);
        }
        scanner.skip_space();
        let begin = scanner.at;
        let is_quoted = scanner.eat("\"");
        let value = if is_quoted {
            let Some(value) = scanner.quoted() else {
                let begun = text.get(begin + 1..).unwrap_or_default().to_owned();
                return values(text, begin, &begun, property, &known);
            };
            value
        } else {
            scanner.word().to_owned()
        };
        if scanner.is_end() && !is_quoted {
            return values(text, begin, &value, property, &known);
        }
        scanner.skip_space();
        while open > 0 && scanner.eat(")") {
            open -= 1;
            scanner.skip_space();
        }
        let begin = scanner.at;
        let joint = scanner.name();
        if scanner.is_end() {
            return joints(text, begin, joint, open);
        }
        if !["and", "or"].iter().any(|word| joint.eq_ignore_ascii_case(word)) {
            return Vec::new();
        }
    }
}

/// The text with everything from `begin` on replaced.
fn going_on(text: &str, begin: usize, adds: &str, means: &str) -> Suggestion {
    let before = text.get(..begin).unwrap_or_default();
    let space = if before.is_empty() || before.ends_with([' ', '(']) {
        ""
    } else {
        " "
    };
    Suggestion {
        text: format!("{before}{space}{adds} "),
        adds: adds.to_owned(),
        means: means.to_owned(),
    }
}

/// The names that begin with `begun`, then those that contain it.
fn fitting<'a, T>(begun: &str, all: &'a [T], name: impl Fn(&T) -> &str) -> Vec<&'a T> {
    let begun = begun.to_lowercase();
    let (mut first, mut then) = (Vec::new(), Vec::new());
    for item in all {
        let name = name(item).to_lowercase();
        if name.starts_with(&begun) {
            first.push(item);
        } else if name.contains(&begun) {
            then.push(item);
        }
    }
    first.extend(then);
    first.truncate(SUGGESTIONS_MAX);
    first
}

fn properties(text: &str, begin: usize, begun: &str, schema: &'static Schema) -> Vec<Suggestion> {
    fitting(begun, schema.properties, |property| property.name)
        .into_iter()
        .map(|property| going_on(text, begin, property.name, property.means))
        .collect()
}

fn operators(text: &str, begin: usize, property: &Property) -> Vec<Suggestion> {
    let begun = text.get(begin..).unwrap_or_default();
    property
        .kind
        .operators()
        .iter()
        .filter(|operator| operator.sign().starts_with(begun))
        .map(|operator| going_on(text, begin, operator.sign(), operator.means()))
        .collect()
}

fn values(
    text: &str,
    begin: usize,
    begun: &str,
    property: &Property,
    known: &impl Fn(&Property) -> Vec<String>,
) -> Vec<Suggestion> {
    let values = match property.kind {
        Kind::Choice(choices) => choices.iter().map(|choice| (*choice).to_owned()).collect(),
        Kind::Duration => ["1h", "6h", "24h", "7d", "35d"].map(str::to_owned).to_vec(),
        _ => known(property),
    };
    fitting(begun, &values, |value| value.as_str())
        .into_iter()
        .map(|value| going_on(text, begin, &quoted(value), ""))
        .collect()
}

fn joints(text: &str, begin: usize, begun: &str, open: usize) -> Vec<Suggestion> {
    let close = (open > 0 && begun.is_empty()).then(|| going_on(text, begin, ")", "closes the parenthesis"));
    [("and", "both must hold"), ("or", "one of them must hold")]
        .into_iter()
        .filter(|(word, _)| word.starts_with(&begun.to_lowercase()))
        .map(|(word, means)| going_on(text, begin, word, means))
        .chain(close)
        .collect()
}
