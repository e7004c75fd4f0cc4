//! What a schedule expression of AWS Backup amounts to over a week.
//!
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html>

use super::Schedule;

const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// When a rule begins backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// At these seconds of each week, which begins on Sunday at midnight in UTC; sorted, never empty.
    Weekly(Vec<i64>),
    /// Every so many seconds, from whenever the rule was made.
    Every(i64),
}

impl Rhythm {
    /// Reads `cron(…)` or `rate(…)`; why it cannot be judged otherwise.
    pub fn read(expression: &str) -> Result<Self, String> {
        let inside = |name: &str| {
            let rest = expression.trim().strip_prefix(name)?.trim_start();
            rest.strip_prefix('(')?.strip_suffix(')')
        };
        if let Some(fields) = inside("cron") {
            return cron(fields).map_err(|cause| format!("{expression}: {cause}"));
        }
        let rate = inside("rate").ok_or_else(|| format!("{expression} is neither cron(…) nor rate(…)"))?;
        let seconds = rate.split_once(' ').and_then(|(number, unit)| {
            let unit = match unit.trim().trim_end_matches('s') {
                "minute" => 60,
                "hour" => 3_600,
                "day" => DAY,
                _ => return None,
            };
            number.trim().parse::<i64>().ok()?.checked_mul(unit)
        });
        match seconds {
            Some(seconds) if seconds > 0 => Ok(Self::Every(seconds)),
            _ => Err(format!("{expression} has no number of minutes, hours or days")),
        }
    }

    /// The longest time without a backup, seconds.
    pub fn longest_gap(&self) -> i64 {
        match self {
            Self::Every(seconds) => *seconds,
            Self::Weekly(starts) => starts
                .iter()
                .zip(
                    starts
                        .iter()
                        .skip(1)
                        .copied()
                        .chain(starts.first().map(|first| first + WEEK)),
                )
                .map(|(this, next)| next - this)
                .max()
                .unwrap_or(WEEK),
        }
    }

    /// Whether each due time of a schedule is answered in time. Only schedules that divide a week can be told; the
    /// others are held against their interval alone.
    pub fn answers(&self, schedule: &Schedule) -> bool {
        let Self::Weekly(starts) = self else { return true };
        let interval = schedule.interval_seconds.max(1);
        if WEEK % interval != 0 {
            return true;
        }
        // 1970 began on a Thursday, the fifth day of a week that begins on Sunday.
        let first = (4 * DAY + schedule.offset_seconds).rem_euclid(interval);
        (0..WEEK / interval).all(|index| {
            let due = first + index * interval;
            starts.iter().any(|start| {
                let after = (start - due).rem_euclid(WEEK);
                after <= schedule.late_after_seconds || WEEK - after <= interval / 4
            })
        })
    }
}

fn cron(fields: &str) -> Result<Rhythm, String> {
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let [minutes, hours, days, months, weekdays, years] = fields[..] else {
        return Err("six fields are needed".to_owned());
    };
    for (name, field) in [("day of the month", days), ("month", months), ("year", years)] {
        if !matches!(field, "*" | "?" | "*/1" | "1/1") {
            return Err(format!("the {name} {field} is more than this can judge"));
        }
    }
    let minutes = numbers(minutes, 0, 59, &[])?;
    let hours = numbers(hours, 0, 23, &[])?;
    let weekdays = if weekdays == "?" {
        (1..=7).collect()
    } else {
        numbers(weekdays, 1, 7, &WEEKDAYS)?
    };
    let mut starts = Vec::new();
    for day in &weekdays {
        for hour in &hours {
            for minute in &minutes {
                starts.push((day - 1) * DAY + hour * 3_600 + minute * 60);
            }
        }
    }
    starts.sort_unstable();
    starts.dedup();
    Ok(Rhythm::Weekly(starts))
}

/// `*`, `5`, `1-5`, `*/15`, `10/20`, `MON-FRI`, and lists of them.
fn numbers(field: &str, least: i64, most: i64, names: &[&str]) -> Result<Vec<i64>, String> {
    let number = |text: &str| -> Result<i64, String> {
        let named = names
            .iter()
            .zip(least..)
            .find(|(name, _)| name.eq_ignore_ascii_case(text));
        let value = named.map(|(_, value)| value).or_else(|| text.parse().ok());
        value
            .filter(|value| (least..=most).contains(value))
            .ok_or_else(|| format!("{text} is more than this can judge"))
    };
    let mut found = Vec::new();
    for part in field.split(',') {
        let (span, step) = match part.split_once('/') {
            Some((span, step)) => {
                let step: usize = step.parse().map_err(|_| format!("{part} has no step"))?;
                (span, Some(step.max(1)))
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
        found.extend((first..=last).step_by(step.unwrap_or(1)));
    }
    if found.is_empty() {
        Err(format!("{field} names nothing"))
    } else {
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn an_expression_is_judged_by_its_longest_gap_and_its_due_times() {
        const HOUR: i64 = 3_600;
        let every = |hours: i64| Schedule::every(SignedDuration::from_hours(hours));
        for (expression, gap, schedule, answers) in [
            ("cron(0 * ? * * *)", HOUR, every(1), true),
            ("cron(0 * * * ? *)", HOUR, every(1), true),
            ("cron(15 * ? * * *)", HOUR, every(1), true),
            ("cron(20 * ? * * *)", HOUR, every(1), false),
            ("cron(45 * ? * * *)", HOUR, every(1), true),
            ("cron(0/30 * ? * * *)", HOUR / 2, every(1), true),
            ("cron(0 5 ? * * *)", DAY, every(24), true),
            ("cron(0 13 ? * * *)", DAY, every(24), false),
            ("cron(0 0/6 ? * * *)", 6 * HOUR, every(6), true),
            ("cron(0 8-17 ? * MON-FRI *)", 63 * HOUR, every(1), false),
            ("cron(0 0 ? * THU *)", WEEK, every(7 * 24), true),
            ("rate(2 hours)", 2 * HOUR, every(1), true),
        ] {
            let rhythm = Rhythm::read(expression).unwrap();
            assert_eq!(rhythm.longest_gap(), gap, "{expression}");
            assert_eq!(rhythm.answers(&schedule), answers, "{expression}");
        }
        for schedule in [every(1), every(6), every(24), every(7 * 24)] {
            let rhythm = Rhythm::read(&schedule.expression().unwrap()).unwrap();
            assert!(rhythm.answers(&schedule), "what is written is what is meant");
            assert!(rhythm.longest_gap() <= schedule.interval_seconds);
        }
        for beyond in [
            "cron(0 0 1 * ? *)", "cron(0 0 ? JAN * *)", "cron(0 0 ? * 6L *)", "hourly", "rate(1 year)",
            "cron(0 0)",
        ] {
            assert!(Rhythm::read(beyond).is_err(), "{beyond}");
        }
    }
}
