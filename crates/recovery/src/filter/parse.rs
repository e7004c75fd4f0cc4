//! Reads a filter's text.

use super::schema::{Property, Schema};
use super::value::Value;
use super::{CONDITIONS_MAX, Condition, DEPTH_MAX, FilterError, LENGTH_MAX, Node, Operator};

/// The operators, the longer ones first.
const OPERATORS: [Operator; 7] = [
    Operator::NotEqual,
    Operator::LessOrEqual,
    Operator::GreaterOrEqual,
    Operator::Equal,
    Operator::Contains,
    Operator::Less,
    Operator::Greater,
];

/// A text that is read from its begin to its end.
pub(super) struct Scanner<'a> {
    text: &'a str,
    /// The byte that is read next.
    pub(super) at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn is_end(&self) -> bool {
        self.at == self.text.len()
    }

    /// The character that is read next, from 1.
    fn position(&self) -> usize {
        self.text[..self.at].chars().count() + 1
    }

    pub(super) fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Reads `text` where it stands next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        if is_next {
            self.at += text.len();
        }
        is_next
    }

    /// Reads letters, digits and underscores.
    pub(super) fn name(&mut self) -> &'a str {
        let rest = self.rest();
        let behind = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        self.take(rest.len() - behind.len())
    }

    /// Reads an operator, if one stands next.
    pub(super) fn operator(&mut self) -> Option<Operator> {
        OPERATORS.into_iter().find(|operator| self.eat(operator.sign()))
    }

    /// Reads whatever stands up to a space or a parenthesis.
    pub(super) fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c: char| c.is_whitespace() || "()\"".contains(c));
        self.take(length.unwrap_or(rest.len()))
    }

    /// Reads a quoted text, of which the first quote has been read; `None` where it does not end.
    pub(super) fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((index, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += index + 1;
                    return Some(text);
                }
                '\\' => text.push(chars.next()?.1),
                c => text.push(c),
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> &'a str {
        let taken = &self.rest()[..length];
        self.at += length;
        taken
    }
}

/// `value` as it is written in a filter: in quotes where it would be read otherwise without them.
pub(super) fn quoted(value: &str) -> String {
    let is_plain = !value.is_empty()
        && !value.contains(|c: char| c.is_whitespace() || "()\"=<>!:".contains(c))
        && !is_joint(value);
    if is_plain {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

fn is_joint(word: &str) -> bool {
    word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or")
}

pub(super) fn parse(text: &str, schema: &'static Schema) -> Result<Node, FilterError> {
    let length = text.chars().count();
    if length > LENGTH_MAX {
        return Err(FilterError {
            position: LENGTH_MAX + 1,
            problem: format!("it has {length} characters, and at most {LENGTH_MAX} are read"),
            possible: Vec::new(),
        });
    }
    let mut parser = Parser {
        scanner: Scanner::new(text),
        schema,
        conditions: 0,
    };
    let root = parser.any(0)?;
    parser.scanner.skip_space();
    if parser.scanner.is_end() {
        return Ok(root);
    }
    let found = parser.found();
    Err(parser.error(
        format!("a condition ends here, and {found} follows"),
        strings(&["and", "or"]),
    ))
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    schema: &'static Schema,
    conditions: usize,
}

impl Parser<'_> {
    fn any(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = vec![self.all(depth)?];
        while self.joint("or") {
            nodes.push(self.all(depth)?);
        }
        Ok(joined(nodes, Node::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = vec![self.one(depth)?];
        while self.joint("and") {
            nodes.push(self.one(depth)?);
        }
        Ok(joined(nodes, Node::All))
    }

    fn one(&mut self, depth: usize) -> Result<Node, FilterError> {
        self.scanner.skip_space();
        if !self.scanner.rest().starts_with('(') {
            return self.condition().map(Node::Is);
        }
        if depth == DEPTH_MAX {
            return Err(self.error(
                format!("more than {DEPTH_MAX} parentheses stand in one another"),
                Vec::new(),
            ));
        }
        self.scanner.eat("(");
        let node = self.any(depth + 1)?;
        self.scanner.skip_space();
        if self.scanner.eat(")") {
            return Ok(node);
        }
        let found = self.found();
        Err(self.error(
            format!("a parenthesis is open, and {found} follows"),
            strings(&[")", "and", "or"]),
        ))
    }

    fn condition(&mut self) -> Result<Condition, FilterError> {
        let property = self.property()?;
        self.scanner.skip_space();
        let at = self.scanner.at;
        let operators = property.kind.operators();
        let signs = || {
            operators
                .iter()
                .map(|operator| operator.sign().to_owned())
                .collect()
        };
        let Some(operator) = self.scanner.operator() else {
            let found = self.found();
            return Err(self.error(
                format!("{} is to be compared, and {found} follows", property.name),
                signs(),
            ));
        };
        if !operators.contains(&operator) {
            self.scanner.at = at;
            return Err(self.error(
                format!("{} cannot be compared by {}", property.name, operator.sign()),
                signs(),
            ));
        }
        self.scanner.skip_space();
        let at = self.scanner.at;
        let position = self.scanner.position();
        let written = self.value(property)?;
        self.conditions += 1;
        if self.conditions > CONDITIONS_MAX {
            self.scanner.at = at;
            return Err(self.error(
                format!("it has more than {CONDITIONS_MAX} conditions"),
                Vec::new(),
            ));
        }
        let value = Value::read(&written, property.kind, operator, position)?;
        Ok(Condition {
            property,
            operator,
            written,
            position,
            value,
        })
    }

    fn property(&mut self) -> Result<&'static Property, FilterError> {
        let at = self.scanner.at;
        let name = self.scanner.name();
        if let Some(property) = self.schema.property(&name.to_ascii_lowercase()) {
            return Ok(property);
        }
        self.scanner.at = at;
        let problem = if name.is_empty() {
            format!(
                "a property of {} is expected, and {} is found",
                self.schema.things,
                self.found()
            )
        } else {
            format!("{name:?} is no property of {}", self.schema.things)
        };
        Err(self.error(problem, self.schema.names()))
    }

    fn value(&mut self, property: &Property) -> Result<String, FilterError> {
        let at = self.scanner.at;
        if self.scanner.eat("\"") {
            return self.scanner.quoted().ok_or_else(|| {
                self.scanner.at = at;
                self.error("the quote is not closed".to_owned(), strings(&["\""]))
            });
        }
        let word = self.scanner.word();
        if word.is_empty() || is_joint(word) {
            self.scanner.at = at;
            let found = self.found();
            return Err(self.error(
                format!("a value for {} is expected, and {found} is found", property.name),
                vec![property.kind.form()],
            ));
        }
        Ok(word.to_owned())
    }

    /// Reads a word between conditions, if it is this one.
    fn joint(&mut self, word: &str) -> bool {
        self.scanner.skip_space();
        let at = self.scanner.at;
        let is_it = self.scanner.name().eq_ignore_ascii_case(word);
        if !is_it {
            self.scanner.at = at;
        }
        is_it
    }

    /// What stands next, for a message.
    fn found(&self) -> String {
        const SHOWN_MAX: usize = 20;
        let rest = self.scanner.rest();
        let word = rest.split_whitespace().next().unwrap_or_default();
        match word.char_indices().nth(SHOWN_MAX) {
            _ if word.is_empty() => "the end".to_owned(),
            Some((length, _)) => format!("{:?}…", &word[..length]),
            None => format!("{word:?}"),
        }
    }

    fn error(&self, problem: String, possible: Vec<String>) -> FilterError {
        FilterError {
            position: self.scanner.position(),
            problem,
            possible,
        }
    }
}

/// Several nodes as one; one is itself.
fn joined(mut nodes: Vec<Node>, join: impl FnOnce(Vec<Node>) -> Node) -> Node {
    match (nodes.len(), nodes.pop()) {
        (1, Some(node)) => node,
        (_, last) => {
            nodes.extend(last);
            join(nodes)
        }
    }
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
