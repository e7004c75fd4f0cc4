//! Schedule expressions: `cron(0 * * * ? *)` and `rate(1 hour)`, in UTC.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

const MONTHS: &[&str] = &[
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// How far back a schedule is searched for its latest occurrence.
const SEARCH_DAYS: usize = 400;

/// When something happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Schedule {
    Cron(Cron),
    /// Every so many seconds from when the schedule was made.
    Rate(i64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cron {
    minutes: Vec<i16>,
    hours: Vec<i16>,
    days: Vec<Day>,
    months: Vec<i16>,
    weekdays: Vec<Weekday>,
    years: Vec<i16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Day {
    At(i16),
    Last,
}

/// Sunday is 1.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Weekday {
    Every(i16),
    Last(i16),
    Nth(i16, i16),
}

impl Schedule {
    /// Reads an expression; the error says what is wrong with it.
    pub fn parse(expression: &str) -> Result<Self, String> {
        let inside = |name: &str| {
            let rest = expression
                .trim()
                .strip_prefix(name)?
                .trim_start()
                .strip_prefix('(')?;
            rest.strip_suffix(')')
        };
        if let Some(fields) = inside("cron") {
            return Cron::parse(fields).map(Self::Cron);
        }
        let Some(rate) = inside("rate") else {
            return Err(format!("{expression} is neither cron(…) nor rate(…)"));
        };
        let (number, unit) = rate
            .trim()
            .split_once(' ')
            .ok_or_else(|| format!("{expression} has no unit"))?;
        let number: i64 = number
            .parse()
            .ok()
            .filter(|n| *n > 0)
            .ok_or_else(|| format!("{number} is no positive number"))?;
        let seconds = match unit.trim().trim_end_matches('s') {
            "minute" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            unit => return Err(format!("{unit} is no unit; use minutes, hours or days")),
        };
        number
            .checked_mul(seconds)
            .map(Self::Rate)
            .ok_or_else(|| format!("{number} is too large"))
    }

    /// The latest occurrence after `after` and not after `now`, of a schedule made at `made`.
    pub fn latest(&self, made: Timestamp, after: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let at = match self {
            Self::Cron(cron) => cron.latest(now)?,
            Self::Rate(seconds) => {
                let passed = now.duration_since(made).as_secs().max(0) / seconds * seconds;
                made.checked_add(SignedDuration::from_secs(passed)).ok()?
            }
        };
        (at > after).then_some(at)
    }
}

impl Cron {
    fn parse(fields: &str) -> Result<Self, String> {
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays, years] = fields[..] else {
            return Err(format!(
                "cron({}) needs six fields: minutes hours day-of-month month day-of-week year",
                fields.join(" ")
            ));
        };
        // One of them says which days; the other one is `?` for "whatever that gives".
        if (days == "?") == (weekdays == "?") {
            return Err("one of day-of-month and day-of-week must be ?".to_owned());
        }
        let parsed = Self {
            minutes: numbers(minutes, 0, 59, &[])?,
            hours: numbers(hours, 0, 23, &[])?,
            days: if days == "?" {
                Vec::new()
            } else {
                split(days, day)?
            },
            months: numbers(months, 1, 12, MONTHS)?,
            weekdays: if weekdays == "?" {
                Vec::new()
            } else {
                split(weekdays, weekday)?
            },
            years: numbers(years, 1970, 2199, &[])?,
        };
        Ok(parsed)
    }

    fn latest(&self, now: Timestamp) -> Option<Timestamp> {
        let now_civil = now.to_zoned(TimeZone::UTC).datetime();
        let mut date = now_civil.date();
        for _ in 0..SEARCH_DAYS {
            if self.matches(date) {
                for hour in self.hours.iter().rev() {
                    for minute in self.minutes.iter().rev() {
                        let at = date.at(i8::try_from(*hour).ok()?, i8::try_from(*minute).ok()?, 0, 0);
                        if at <= now_civil {
                            return TimeZone::UTC.to_timestamp(at).ok();
                        }
                    }
                }
            }
            date = date.checked_sub(1.day()).ok()?;
        }
        None
    }

    fn matches(&self, date: Date) -> bool {
        let day = i16::from(date.day());
        let last_day = i16::from(date.days_in_month());
        let weekday = i16::from(date.weekday().to_sunday_one_offset());
        self.years.contains(&date.year())
            && self.months.contains(&i16::from(date.month()))
            && (self.days.is_empty()
                || self.days.iter().any(|wanted| match wanted {
                    Day::At(at) => *at == day,
                    Day::Last => last_day == day,
                }))
            && (self.weekdays.is_empty()
                || self.weekdays.iter().any(|wanted| match wanted {
                    Weekday::Every(wanted) => *wanted == weekday,
                    Weekday::Last(wanted) => *wanted == weekday && day + 7 > last_day,
                    Weekday::Nth(wanted, nth) => *wanted == weekday && (day - 1) / 7 + 1 == *nth,
                }))
    }
}

fn split<T>(field: &str, one: impl Fn(&str) -> Result<Vec<T>, String>) -> Result<Vec<T>, String> {
    let parts: Result<Vec<Vec<T>>, String> = field.split(',').map(one).collect();
    Ok(parts?.into_iter().flatten().collect())
}

fn numbers(field: &str, least: i16, most: i16, names: &[&str]) -> Result<Vec<i16>, String> {
    let mut numbers = split(field, |part| range(part, least, most, names))?;
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

fn day(part: &str) -> Result<Vec<Day>, String> {
    if part == "L" {
        return Ok(vec![Day::Last]);
    }
    if part.ends_with('W') {
        return Err(format!(
            "the embedded AWS Backup does not know the nearest weekday {part}"
        ));
    }
    Ok(range(part, 1, 31, &[])?.into_iter().map(Day::At).collect())
}

fn weekday(part: &str) -> Result<Vec<Weekday>, String> {
    let single = |text: &str| {
        range(text, 1, 7, DAYS).and_then(|days| days.first().copied().ok_or_else(|| text.to_owned()))
    };
    if let Some((weekday, nth)) = part.split_once('#') {
        let nth = nth
            .parse()
            .ok()
            .filter(|nth| (1..=5).contains(nth))
            .ok_or_else(|| format!("{part} is no weekday of a month"))?;
        return Ok(vec![Weekday::Nth(single(weekday)?, nth)]);
    }
    if let Some(weekday) = part.strip_suffix('L').filter(|weekday| !weekday.is_empty()) {
        return Ok(vec![Weekday::Last(single(weekday)?)]);
    }
    Ok(range(part, 1, 7, DAYS)?.into_iter().map(Weekday::Every).collect())
}

/// `*`, `5`, `1-5`, `*/15`, `10/20`, `MON-FRI`.
fn range(part: &str, least: i16, most: i16, names: &[&str]) -> Result<Vec<i16>, String> {
    let number = |text: &str| -> Result<i16, String> {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        // The first name is the first number.
        let value = named
            .and_then(|index| i16::try_from(index).ok())
            .map(|index| index + least)
            .or_else(|| text.parse().ok());
        value
            .filter(|value| (least..=most).contains(value))
            .ok_or_else(|| format!("{text} is not between {least} and {most}"))
    };
    let (span, step) = match part.split_once('/') {
        Some((span, step)) => {
            let step: usize = step
                .parse()
                .ok()
                .filter(|step| *step > 0)
                .ok_or_else(|| format!("{part} has no step"))?;
            (span, Some(step))
        }
        None => (part, None),
    };
    let (first, last) = match span.split_once('-') {
        _ if span == "*" => (least, most),
        Some((first, last)) => (number(first)?, number(last)?),
        None => {
            let first = number(span)?;
            (first, if step.is_some() { most } else { first })
        }
    };
    if first > last {
        return Err(format!("{part} runs backwards"));
    }
    Ok((first..=last).step_by(step.unwrap_or(1)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latest(expression: &str, now: &str) -> Option<String> {
        let schedule = Schedule::parse(expression).unwrap();
        let made = "2026-11-01T00:10:00Z".parse().unwrap();
        schedule
            .latest(made, made, now.parse().unwrap())
            .map(|at| at.to_string())
    }

    #[test]
    fn the_latest_occurrence_is_found() {
        // 2026-11-20 is a Friday.
        for (expression, now, expected) in [
            (
                "cron(0 * * * ? *)",
                "2026-11-20T10:59:59Z",
                Some("2026-11-20T10:00:00Z"),
            ),
            (
                "cron(0 * * * ? *)",
                "2026-11-20T10:00:00Z",
                Some("2026-11-20T10:00:00Z"),
            ),
            (
                "cron(30 5 * * ? *)",
                "2026-11-20T05:29:00Z",
                Some("2026-11-19T05:30:00Z"),
            ),
            (
                "cron(*/15 8-17 ? * MON-FRI *)",
                "2026-11-22T12:00:00Z",
                Some("2026-11-20T17:45:00Z"),
            ),
            (
                "cron(0 0 L * ? *)",
                "2026-12-15T00:00:00Z",
                Some("2026-11-30T00:00:00Z"),
            ),
            (
                "cron(0 12 ? * 6L *)",
                "2026-12-01T00:00:00Z",
                Some("2026-11-27T12:00:00Z"),
            ),
            (
                "cron(0 12 ? * 3#2 *)",
                "2026-11-20T00:00:00Z",
                Some("2026-11-10T12:00:00Z"),
            ),
            ("cron(0 0 1 JAN ? 2030)", "2026-11-20T00:00:00Z", None),
            (
                "rate(1 hour)",
                "2026-11-20T10:59:59Z",
                Some("2026-11-20T10:10:00Z"),
            ),
            ("rate(5 minutes)", "2026-11-01T00:14:59Z", None),
        ] {
            assert_eq!(
                latest(expression, now).as_deref(),
                expected,
                "{expression} at {now}"
            );
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for bad in [
            "", "cron(0 * * * *)", "cron(0 * * * * *)", "cron(60 * * * ? *)", "cron(0 5-2 * * ? *)",
            "rate(0 hours)", "rate(1 year)", "cron(0 0 15W * ? *)", "every hour",
        ] {
            assert!(Schedule::parse(bad).is_err(), "{bad}");
        }
    }
}
