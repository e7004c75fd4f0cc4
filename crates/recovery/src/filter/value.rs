//! Values: read by the kind of their property, held against what something has.

use jiff::{SignedDuration, Timestamp};

use super::schema::{Fact, Kind};
use super::{FilterError, Operator};
use crate::ids::{AccountId, Region};

/// A value that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A text to be equal to.
    Text(String),
    /// A text in lower case, to be contained in.
    Part(String),
    /// Seconds, bytes or a count.
    Number(u64),
    /// A moment as far as it was told: a day, a minute or a second, the end not included.
    Time { from: Timestamp, to: Timestamp },
}

impl Value {
    /// Reads what was written at `position`.
    pub(super) fn read(
        written: &str,
        kind: Kind,
        operator: Operator,
        position: usize,
    ) -> Result<Self, FilterError> {
        let wrong = |what: &str, possible: Vec<String>| FilterError {
            position,
            problem: format!("{written:?} is {what}"),
            possible,
        };
        if operator == Operator::Contains {
            return Ok(Self::Part(written.to_lowercase()));
        }
        match kind {
            Kind::Text => Ok(Self::Text(written.to_owned())),
            Kind::Choice(choices) => {
                if choices.contains(&written) {
                    Ok(Self::Text(written.to_owned()))
                } else {
                    let possible = choices.iter().map(|choice| (*choice).to_owned()).collect();
                    Err(wrong("none of its values", possible))
                }
            }
            Kind::Region => match written.parse::<Region>() {
                Ok(region) => Ok(Self::Text(region.to_string())),
                Err(error) => Err(wrong(&format!("not {}", error.kind), vec![kind.form()])),
            },
            Kind::Account => match written.parse::<AccountId>() {
                Ok(account) => Ok(Self::Text(account.to_string())),
                Err(error) => Err(wrong(&format!("not {}", error.kind), vec![kind.form()])),
            },
            Kind::Time => time(written).ok_or_else(|| wrong("no time", vec![kind.form()])),
            Kind::Duration => duration(written)
                .map(Self::Number)
                .ok_or_else(|| wrong("no length of time", vec![kind.form()])),
            Kind::Bytes => bytes(written)
                .map(Self::Number)
                .ok_or_else(|| wrong("no size", vec![kind.form()])),
            Kind::Count => written
                .replace(',', "")
                .parse()
                .map(Self::Number)
                .map_err(|_| wrong("no number", vec![kind.form()])),
        }
    }

    /// Whether the comparison with what something has holds.
    pub(super) fn holds(&self, operator: Operator, fact: &Fact<'_>) -> bool {
        match (self, fact) {
            (Self::Text(value), Fact::Text(text)) => operator == Operator::Equal && text == value,
            (Self::Part(part), Fact::Text(text)) => text.to_lowercase().contains(part.as_str()),
            (Self::Number(value), Fact::Number(number)) => match operator {
                Operator::Equal => number == value,
                Operator::Less => number < value,
                Operator::LessOrEqual => number <= value,
                Operator::Greater => number > value,
                Operator::GreaterOrEqual => number >= value,
                Operator::NotEqual | Operator::Contains => false,
            },
            (Self::Time { from, to }, Fact::Time(time)) => match operator {
                Operator::Equal => time >= from && time < to,
                Operator::Less => time < from,
                Operator::LessOrEqual => time < to,
                Operator::Greater => time >= to,
                Operator::GreaterOrEqual => time >= from,
                Operator::NotEqual | Operator::Contains => false,
            },
            // A schema's test sees that facts are of their property's kind.
            _ => false,
        }
    }
}

fn time(text: &str) -> Option<Value> {
    let (from, length) = if text.len() == "2026-11-20".len() {
        let day: jiff::civil::Date = text.parse().ok()?;
        let from = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        (from, SignedDuration::from_hours(24))
    } else if text.len() == "2026-11-20T08:00Z".len() {
        (text.parse().ok()?, SignedDuration::from_mins(1))
    } else {
        let at: Timestamp = text.parse().ok()?;
        // Times are shown to the second.
        let from = Timestamp::from_second(at.as_second()).ok()?;
        (from, SignedDuration::from_secs(1))
    };
    let to = from.checked_add(length).ok()?;
    Some(Value::Time { from, to })
}

/// `1h30m`: numbers with their units, the sum of them.
fn duration(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, behind) = rest.split_at(digits);
        let letters = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (unit, behind) = behind.split_at(letters);
        let seconds = match unit {
            "s" => 1,
            "m" | "min" => 60,
            "h" => 3_600,
            "d" => 86_400,
            "w" => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(seconds)?)?;
        rest = behind;
    }
    (!text.is_empty()).then_some(total)
}

/// `1.5GB`: decimal units as AWS bills them, binary ones where they are written `GiB`.
fn bytes(text: &str) -> Option<u64> {
    let letters = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
    let number = text.get(..text.len() - letters.len())?.replace(',', "");
    let unit: u64 = match letters.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    if fraction.len() > 3 || whole.is_empty() {
        return None;
    }
    let thousandths: u64 = format!("{fraction:0<3}").parse().ok()?;
    let whole: u64 = whole.parse().ok()?;
    let fraction = thousandths.checked_mul(unit)? / 1_000;
    whole.checked_mul(unit)?.checked_add(fraction)
}
