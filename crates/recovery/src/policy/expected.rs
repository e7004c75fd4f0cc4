//! Which schedule was in force when. A policy that changes does not change the past.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Schedule;

/// A schedule and since when a source is held against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Expected {
    /// Since when.
    pub since: Timestamp,
    /// When recovery points are due.
    #[serde(flatten)]
    pub schedule: Schedule,
}

/// Schedules that a source keeps; of more, the oldest are forgotten.
const KEPT_MAX: usize = 32;

/// What a source is held against, where `known` was, the policy now says `schedule`, and the oldest recovery point
/// that was found is of `oldest`. Nothing is expected before the first recovery point.
pub fn expected(
    known: &[Expected],
    schedule: Schedule,
    oldest: Option<Timestamp>,
    now: Timestamp,
) -> Vec<Expected> {
    let mut expected = known.to_vec();
    match expected.last() {
        None => {
            if let Some(since) = oldest {
                expected.push(Expected { since, schedule });
            }
            return expected;
        }
        Some(last) if last.schedule != schedule => expected.push(Expected {
            since: now.max(last.since),
            schedule,
        }),
        Some(_) => {}
    }
    if let (Some(first), Some(oldest)) = (expected.first_mut(), oldest) {
        first.since = first.since.min(oldest);
    }
    let surplus = expected.len().saturating_sub(KEPT_MAX);
    expected.drain(..surplus);
    expected
}

/// The schedule that is in force at `at`.
pub fn in_force(expected: &[Expected], at: Timestamp) -> Option<Schedule> {
    expected
        .iter()
        .rev()
        .find(|expected| expected.since <= at)
        .or_else(|| expected.first())
        .map(|expected| expected.schedule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn a_new_schedule_leaves_the_past_as_it_was() {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
        let hourly = Schedule::every(SignedDuration::from_hours(1));
        let daily = Schedule::every(SignedDuration::from_hours(24));
        assert_eq!(expected(&[], hourly, None, at(9)), []);
        let first = expected(&[], hourly, Some(at(5)), at(9));
        assert_eq!(expected(&first, hourly, Some(at(7)), at(10)), first);
        let earlier = expected(&first, hourly, Some(at(3)), at(10));
        assert_eq!(earlier[0].since, at(3));
        let changed = expected(&earlier, daily, None, at(20));
        assert_eq!(changed.len(), 2);
        assert_eq!(in_force(&changed, at(19)), Some(hourly));
        assert_eq!(in_force(&changed, at(20)), Some(daily));
        assert_eq!(in_force(&changed, at(1)), Some(hourly));
        let mut many = Vec::new();
        for hour in 0..40 {
            let schedule = if hour % 2 == 0 { hourly } else { daily };
            many = expected(&many, schedule, Some(at(0)), at(hour));
        }
        assert_eq!(many.len(), KEPT_MAX);
    }
}
