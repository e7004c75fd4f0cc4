//! Recovery point objective: how old the newest recovery point is, and the newest *restorable* copy in a Region.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Both ages of one source in one Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rpo {
    /// Age of the newest recovery point of the source, seconds; `None` when there is none.
    pub recovery_point_age_seconds: Option<i64>,
    /// Age of the newest recovery point whose copy in this Region is verified, seconds; `None` when there is none.
    pub restorable_age_seconds: Option<i64>,
    /// The target that both are held against, seconds.
    pub target_seconds: i64,
    /// Whether the restorable copy is within the target. Missing data is never within it.
    pub within_target: bool,
}

/// The figures at `now`.
pub fn rpo(
    newest: Option<Timestamp>,
    newest_restorable: Option<Timestamp>,
    target: SignedDuration,
    now: Timestamp,
) -> Rpo {
    let age = |at: Option<Timestamp>| at.map(|at| now.duration_since(at).as_secs().max(0));
    let restorable_age_seconds = age(newest_restorable);
    Rpo {
        recovery_point_age_seconds: age(newest),
        restorable_age_seconds,
        target_seconds: target.as_secs(),
        within_target: restorable_age_seconds.is_some_and(|age| age <= target.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_data_is_never_within_the_target() {
        let now: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        let hour = SignedDuration::from_hours(1);
        let none = rpo(Some(now), None, hour, now);
        assert!(!none.within_target);
        assert_eq!(none.recovery_point_age_seconds, Some(0));
        let edge = rpo(Some(now), Some(now - hour), hour, now);
        assert!(edge.within_target);
        assert!(
            !rpo(
                Some(now),
                Some(now - hour - SignedDuration::from_secs(1)),
                hour,
                now
            )
            .within_target
        );
    }
}
