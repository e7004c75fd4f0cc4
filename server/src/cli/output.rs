//! What a command answers: text for people, or one JSON document for scripts. Stdout carries nothing else.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::failure::Failure;
use crate::logs;

/// Where answers and failures go.
#[derive(Clone, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    /// Text, or JSON when it was asked for.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether JSON was asked for.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether progress may be drawn: on a terminal, and not beside JSON in a script.
    pub fn draws_progress(&self) -> bool {
        !self.json && std::io::stderr().is_terminal()
    }

    /// Prints an answer: `value` as JSON, or what `text` makes of it.
    pub fn answer<T: Serialize>(&self, value: &T, text: impl FnOnce(&T) -> String) {
        let answer = if self.json {
            serde_json::to_string_pretty(value).unwrap_or_else(|error| {
                format!("{{\"error\":{{\"message\":\"the answer could not be written: {error}\"}}}}")
            })
        } else {
            text(value)
        };
        // A reader that closed the pipe (`| head`) wants no more; that is no failure.
        writeln!(std::io::stdout(), "{}", answer.trim_end()).ok();
    }

    /// Prints a failure and answers its exit status.
    pub fn failure(&self, failure: &Failure) -> ExitCode {
        if self.json {
            #[derive(Serialize)]
            struct Document<'a> {
                error: &'a Failure,
            }
            let document = serde_json::to_string_pretty(&Document { error: failure }).unwrap_or_default();
            writeln!(std::io::stdout(), "{document}").ok();
        } else {
            let (red, reset) = if logs::colours() {
                ("\u{1b}[1;31m", "\u{1b}[0m")
            } else {
                ("", "")
            };
            let mut text = format!("{red}error:{reset} {}", failure.message);
            if let Some(hint) = &failure.hint {
                text.push_str("\n  hint: ");
                text.push_str(&hint.replace('\n', "\n        "));
            }
            writeln!(std::io::stderr(), "{text}").ok();
        }
        ExitCode::from(failure.exit_code)
    }

    /// A remark for people, on stderr; scripts do not get it.
    pub fn remark(&self, text: &str) {
        if !self.json {
            writeln!(std::io::stderr(), "{text}").ok();
        }
    }
}

/// Lines up `rows` under `header`; numbers (cells that begin with a digit) stand to the right.
pub fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = header.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let numeric: [bool; N] = std::array::from_fn(|column| {
        !rows.is_empty()
            && rows
                .iter()
                .all(|row| row[column].starts_with(|c: char| c.is_ascii_digit()))
    });
    let mut text = String::new();
    let mut line = |cells: [&str; N]| {
        let mut out = String::new();
        for (column, cell) in cells.into_iter().enumerate() {
            let space = " ".repeat(widths[column].saturating_sub(cell.chars().count()));
            let (before, after) = if numeric[column] {
                (space.as_str(), "")
            } else {
                ("", space.as_str())
            };
            out.push_str(before);
            out.push_str(cell);
            out.push_str(after);
            out.push_str("  ");
        }
        text.push_str(out.trim_end());
        text.push('\n');
    };
    line(header);
    for row in rows {
        line(std::array::from_fn(|column| row[column].as_str()));
    }
    text
}

/// `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `4.2 MiB`.
pub fn bytes(number: u64) -> String {
    indicatif::BinaryBytes(number).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_stand_right() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(100_871), "100,871");
        assert_eq!(count(1_234_567), "1,234,567");
        let text = table(
            ["table", "rows"],
            &[["a.b".to_owned(), count(5)], ["a.long".to_owned(), count(1_000)]],
        );
        assert_eq!(text, "table    rows\na.b         5\na.long  1,000\n");
    }
}
