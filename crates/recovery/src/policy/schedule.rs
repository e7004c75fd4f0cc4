//! When recovery points are due.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// When recovery points are due: at whole multiples of the interval since 1970 in UTC, moved by the offset. Hourly is
/// every full hour, daily midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// How often, seconds; at least 1.
    pub interval_seconds: i64,
    /// How long after the whole multiple, seconds; below the interval.
    pub offset_seconds: i64,
    /// A recovery point that comes later than this after it was due is late, seconds.
    pub late_after_seconds: i64,
}

/// A recovery point may come this part of the interval before it is due and still answer that due time.
const EARLY_PART: i64 = 4;

/// A due time without an answer for this part of the interval is missed.
const MISSED_PART: i64 = 2;

impl Schedule {
    /// Every so often, at whole multiples; late after a quarter of it.
    pub fn every(interval: SignedDuration) -> Self {
        let interval_seconds = interval.as_secs().max(1);
        Self {
            interval_seconds,
            offset_seconds: 0,
            late_after_seconds: Self::late_after(interval_seconds),
        }
    }

    /// When a recovery point is late where nothing else is said: after a quarter of the interval.
    pub(super) fn late_after(interval_seconds: i64) -> i64 {
        interval_seconds / 4
    }

    /// How often.
    pub fn interval(&self) -> SignedDuration {
        SignedDuration::from_secs(self.interval_seconds.max(1))
    }

    /// The due time that a recovery point made at `at` answers.
    pub fn answered_by(&self, at: Timestamp) -> Timestamp {
        let early = self.interval_seconds / EARLY_PART;
        self.due_before(at.as_second() + early)
    }

    /// When answers to `due` begin to count.
    pub fn answers_from(&self, due: Timestamp) -> Timestamp {
        second(due.as_second() - self.interval_seconds / EARLY_PART)
    }

    /// By how many seconds a recovery point made at `at` is late, as far as its own due time goes: another one may
    /// have answered that before.
    pub fn late_by(&self, at: Timestamp) -> Option<i64> {
        let late = at.as_second() - self.answered_by(at).as_second();
        (late > self.late_after_seconds).then_some(late)
    }

    /// Whether a recovery point that was due at `due` is missed by `now` if there is none.
    pub fn is_missed(&self, due: Timestamp, now: Timestamp) -> bool {
        let grace = (self.interval_seconds / MISSED_PART).max(self.late_after_seconds);
        now.as_second() > due.as_second() + grace
    }

    /// Every due time at or after `from` and before `to`, oldest first; the newest `max` of them.
    pub fn due_between(&self, from: Timestamp, to: Timestamp, max: usize) -> Vec<Timestamp> {
        let interval = self.interval_seconds.max(1);
        let mut at = self.due_before(to.as_second() - 1).as_second();
        let mut due = Vec::new();
        while at >= from.as_second() && due.len() < max {
            due.push(second(at));
            at -= interval;
        }
        // A due time lies on a whole second, so one that begins within the first second of the window is in it.
        due.retain(|at| *at >= from);
        due.reverse();
        due
    }

    /// The latest due time that is not after the second `at`.
    fn due_before(&self, at: i64) -> Timestamp {
        let interval = self.interval_seconds.max(1);
        second((at - self.offset_seconds).div_euclid(interval) * interval + self.offset_seconds)
    }

    /// AWS Backup's schedule expression that says the same, or why there is none. AWS Backup takes no more than one
    /// an hour, and its expressions have no memory: only what divides a day can be said, or a week.
    pub fn expression(&self) -> Result<String, String> {
        const HOUR: i64 = 3_600;
        const DAY: i64 = 24 * HOUR;
        const DAYS: [&str; 7] = ["THU", "FRI", "SAT", "SUN", "MON", "TUE", "WED"];
        let (interval, offset) = (self.interval_seconds, self.offset_seconds);
        if offset % 60 != 0 {
            return Err("AWS Backup's schedules know whole minutes, and the offset is none".to_owned());
        }
        let minute = offset % HOUR / 60;
        let hour = offset % DAY / HOUR;
        match interval {
            HOUR => Ok(format!("cron({minute} * ? * * *)")),
            DAY => Ok(format!("cron({minute} {hour} ? * * *)")),
            _ if interval == 7 * DAY => {
                // 1970 began on a Thursday.
                let day = usize::try_from(offset / DAY).ok().and_then(|day| DAYS.get(day));
                let day = day.ok_or("the offset is longer than a week")?;
                Ok(format!("cron({minute} {hour} ? * {day} *)"))
            }
            _ if interval < HOUR => {
                Err("AWS Backup makes recovery points no more often than every hour".to_owned())
            }
            _ if DAY % interval == 0 && interval % HOUR == 0 => {
                Ok(format!("cron({minute} {hour}/{} ? * * *)", interval / HOUR))
            }
            _ => Err(
                "AWS Backup's schedules can say what divides a day into whole hours, or a week; the interval does \
                 neither"
                    .to_owned(),
            ),
        }
    }
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(if second < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-20T{time}Z").parse().unwrap()
    }

    fn schedule(interval: i64, offset: i64) -> Schedule {
        Schedule {
            offset_seconds: offset,
            ..Schedule::every(SignedDuration::from_secs(interval))
        }
    }

    #[test]
    fn each_moment_answers_one_due_time() {
        let hourly = schedule(3600, 0);
        let at_ten_past = schedule(3600, 600);
        for (schedule, made, due, late) in [
            (hourly, "08:00:00", "08:00:00", None),
            (hourly, "08:15:00", "08:00:00", None),
            (hourly, "08:15:01", "08:00:00", Some(901)),
            (hourly, "08:44:59", "08:00:00", Some(2699)),
            (hourly, "08:45:00", "09:00:00", None),
            (at_ten_past, "08:00:00", "08:10:00", None),
            (at_ten_past, "08:40:00", "08:10:00", Some(1800)),
        ] {
            assert_eq!(schedule.answered_by(at(made)), at(due), "{made}");
            assert_eq!(schedule.late_by(at(made)), late, "{made}");
            assert!(schedule.answers_from(at(due)) <= at(made), "{made}");
        }
        assert!(!hourly.is_missed(at("08:00:00"), at("08:30:00")));
        assert!(hourly.is_missed(at("08:00:00"), at("08:30:01")));
    }

    #[test]
    fn due_times_of_a_window_are_bounded_and_end_before_it() {
        let hourly = schedule(3600, 0);
        let due = |from, to, max| hourly.due_between(at(from), at(to), max);
        assert_eq!(due("08:00:00", "10:00:00", 9), [at("08:00:00"), at("09:00:00")]);
        assert_eq!(due("08:00:01", "10:00:01", 9), [at("09:00:00"), at("10:00:00")]);
        assert_eq!(due("01:00:00", "10:30:00", 2), [at("09:00:00"), at("10:00:00")]);
        assert_eq!(due("10:00:00", "10:00:00", 9), []);
    }

    #[test]
    fn schedules_are_said_as_aws_backup_takes_them() {
        for (interval, offset, expected) in [
            (3600, 0, Some("cron(0 * ? * * *)")),
            (3600, 900, Some("cron(15 * ? * * *)")),
            (6 * 3600, 5400, Some("cron(30 1/6 ? * * *)")),
            (86400, 5 * 3600, Some("cron(0 5 ? * * *)")),
            (7 * 86400, 0, Some("cron(0 0 ? * THU *)")),
            (7 * 86400, 3 * 86400 + 3600, Some("cron(0 1 ? * SUN *)")),
            (1800, 0, None),
            (5 * 3600, 0, None),
            (3600, 30, None),
        ] {
            assert_eq!(
                schedule(interval, offset).expression().ok().as_deref(),
                expected,
                "{interval}"
            );
        }
    }
}
