//! Timelines: for each source and Region, what could be restored when, and what went wrong.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::glance::{Glance, Sight};
use crate::ids::{RecoveryPointId, Region};
use crate::point::State;
use crate::policy::{Expected, in_force};

/// What one moment of a lane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MarkState {
    /// A verified copy in this Region.
    Verified,
    /// A verified copy of a recovery point that came late.
    Late,
    /// The export is waiting or under way.
    Exporting,
    /// The replica is still arriving or not checked yet.
    Pending,
    /// The copy lacks objects or differs.
    Incomplete,
    /// The copy cannot be reached.
    Unreachable,
    /// The export failed.
    Failed,
    /// AWS Backup gave the recovery point up before it was whole.
    Partial,
    /// The recovery point's lifecycle ended it before it was exported.
    Expired,
    /// Somebody deleted the recovery point before its time, and before it was exported.
    Deleted,
    /// No recovery point was made although one was due.
    Missed,
}

impl MarkState {
    /// Every state, the good ones first: the order of a legend.
    pub const ALL: [Self; 11] = [
        Self::Verified,
        Self::Late,
        Self::Exporting,
        Self::Pending,
        Self::Incomplete,
        Self::Unreachable,
        Self::Failed,
        Self::Partial,
        Self::Expired,
        Self::Deleted,
        Self::Missed,
    ];

    /// The state in a word, as it stands in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Late => "late",
            Self::Exporting => "exporting",
            Self::Pending => "pending",
            Self::Incomplete => "incomplete",
            Self::Unreachable => "unreachable",
            Self::Failed => "failed",
            Self::Partial => "partial",
            Self::Expired => "expired",
            Self::Deleted => "deleted",
            Self::Missed => "missed",
        }
    }
}

/// One mark of a lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mark {
    /// When the recovery point was made, or was due.
    pub at: Timestamp,
    /// What it shows.
    pub state: MarkState,
    /// The recovery point; `None` for a missed one.
    pub recovery_point: Option<RecoveryPointId>,
}

/// A stretch of time that can be restored in a Region: from its first recovery point to the moment at which the
/// next one was due but is not restorable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Band {
    /// Begin.
    pub from: Timestamp,
    /// End, at most `now`.
    pub to: Timestamp,
}

/// A lane: one source in one Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lane {
    /// The Region.
    pub region: Region,
    /// Marks, oldest first.
    pub marks: Vec<Mark>,
    /// Restorable stretches, oldest first, without overlap.
    pub bands: Vec<Band>,
    /// Since when copies of this lane cannot be reached, while some cannot.
    #[serde(default)]
    pub unreachable_since: Option<Timestamp>,
}

/// Missed backups that a lane shows; of more, the newest.
const MISSED_MAX: usize = 5_000;

/// What can be restored from a recovery point ends when the next one is this overdue.
fn overdue_after(interval: SignedDuration) -> SignedDuration {
    interval.saturating_add(interval / 2)
}

/// The lane of `region` from `from` on: `points` are one source's recovery points, oldest first, those of at least one
/// interval before `from` among them; `expected` is what it was held against when. Nothing after `now` is looked at.
///
/// Backups are missed by the schedule and not by silence: a due time is missed when no recovery point answers it,
/// whatever was or was not made before. Copies that AWS Backup makes of recovery points answer nothing.
pub fn lane(
    region: &Region,
    points: &[Glance],
    expected: &[Expected],
    from: Timestamp,
    now: Timestamp,
) -> Lane {
    let points = || {
        points
            .iter()
            .filter(move |point| point.created_at <= now && !point.is_copied)
    };
    let mut marks: Vec<Mark> = points()
        .map(|point| Mark {
            at: point.created_at,
            state: mark_state(point, region),
            recovery_point: Some(point.id.clone()),
        })
        .collect();
    let made: Vec<Timestamp> = marks.iter().map(|mark| mark.at).collect();
    let missed = missed(&made, expected, from, now);
    marks.extend(missed.into_iter().map(|at| Mark {
        at,
        state: MarkState::Missed,
        recovery_point: None,
    }));
    marks.sort_by_key(|mark| mark.at);
    let bands = bands(&marks, expected, now);
    let unreachable_since = points()
        .filter_map(|point| match point.copies.get(region) {
            Some(Sight::Unreachable(since)) => Some(*since),
            _ => None,
        })
        .min();
    Lane {
        region: region.clone(),
        marks,
        bands,
        unreachable_since,
    }
}

/// The due times at or after `from` that no recovery point answered by `now`, oldest first. `made` are the times of the
/// recovery points, oldest first.
fn missed(made: &[Timestamp], expected: &[Expected], from: Timestamp, now: Timestamp) -> Vec<Timestamp> {
    let mut missed = Vec::new();
    for (index, Expected { since, schedule }) in expected.iter().enumerate() {
        let until = expected.get(index + 1).map_or(now, |next| next.since.min(now));
        let due = schedule.due_between(from.max(*since), until, MISSED_MAX);
        missed.extend(due.into_iter().filter(|due| {
            let next = made.partition_point(|at| *at < schedule.answers_from(*due));
            let is_answered = made.get(next).is_some_and(|at| schedule.answered_by(*at) == *due);
            !is_answered && schedule.is_missed(*due, now)
        }));
    }
    let surplus = missed.len().saturating_sub(MISSED_MAX);
    missed.drain(..surplus);
    missed
}

/// What `point` shows in `region`.
fn mark_state(point: &Glance, region: &Region) -> MarkState {
    match point.copies.get(region) {
        Some(Sight::Verified) if point.is_late => MarkState::Late,
        Some(Sight::Verified) => MarkState::Verified,
        Some(Sight::Incomplete) => MarkState::Incomplete,
        Some(Sight::Unreachable(_)) => MarkState::Unreachable,
        Some(Sight::Expired) => MarkState::Expired,
        Some(Sight::Pending) | None => match point.state {
            State::Creating | State::AwaitingExport | State::Exporting => MarkState::Exporting,
            State::ExportFailed => MarkState::Failed,
            State::Partial => MarkState::Partial,
            State::Expired => MarkState::Expired,
            State::Deleted => MarkState::Deleted,
            State::Copied | State::Replicating | State::Verified | State::Incomplete | State::Unreachable => {
                MarkState::Pending
            }
        },
    }
}

fn bands(marks: &[Mark], expected: &[Expected], now: Timestamp) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for (index, mark) in marks.iter().enumerate() {
        if !matches!(mark.state, MarkState::Verified | MarkState::Late) {
            continue;
        }
        let next = marks.get(index + 1).map_or(now, |next| next.at);
        let overdue = in_force(expected, mark.at)
            .and_then(|schedule| mark.at.checked_add(overdue_after(schedule.interval())).ok())
            .unwrap_or(now);
        let to = next.min(overdue).min(now);
        match bands.last_mut() {
            Some(band) if band.to >= mark.at => band.to = to,
            _ => bands.push(Band { from: mark.at, to }),
        }
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::label;
    use crate::point::{Copy, RecoveryPoint};
    use crate::policy::Schedule;
    use crate::verdict::Verdict;

    fn hourly() -> Schedule {
        Schedule::every(SignedDuration::from_hours(1))
    }

    fn at(time: &str) -> Timestamp {
        format!("2026-11-20T{time}:00Z").parse().unwrap()
    }

    fn region() -> Region {
        "us-west-2".parse().unwrap()
    }

    fn point(time: &str, verdict: Option<Verdict>, state: State) -> RecoveryPoint {
        let arn = format!("arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-{time}")
            .parse()
            .unwrap();
        let created_at = at(time);
        let account: crate::ids::AccountId = "111122223333".parse().unwrap();
        RecoveryPoint {
            id: label("tvshows", created_at, &arn),
            source: "tvshows".parse().unwrap(),
            arn,
            vault: "hourly".into(),
            region: "us-east-1".parse().unwrap(),
            account: account.clone(),
            created_at,
            late_by_seconds: hourly().late_by(created_at),
            expires_at: None,
            ended_at: None,
            copied_from: None,
            adopted_at: None,
            state,
            steps: Vec::new(),
            copies: verdict
                .map(|verdict| Copy {
                    region: region(),
                    account,
                    bucket: "b".into(),
                    prefix: "p".into(),
                    is_export: false,
                    verdict,
                    checked_at: None,
                    verified_at: None,
                    evidence: None,
                    manifest: None,
                    verified_manifest: None,
                    lost_at: None,
                    archived: None,
                    lifecycle: None,
                })
                .into_iter()
                .collect(),
            tables: Vec::new(),
        }
    }

    fn verified(time: &str) -> RecoveryPoint {
        point(time, Some(Verdict::Verified), State::Verified)
    }

    fn check(points: &[RecoveryPoint], now: &str, marks: &[(&str, MarkState)], expected: &[(&str, &str)]) {
        let since = Expected {
            since: at("01:00"),
            schedule: hourly(),
        };
        let points: Vec<Glance> = points.iter().map(Glance::of).collect();
        let lane = lane(&region(), &points, &[since], at("00:00"), at(now));
        let found: Vec<_> = lane.marks.iter().map(|mark| (mark.at, mark.state)).collect();
        assert_eq!(
            found,
            marks
                .iter()
                .map(|(time, state)| (at(time), *state))
                .collect::<Vec<_>>()
        );
        let found: Vec<_> = lane.bands.iter().map(|band| (band.from, band.to)).collect();
        assert_eq!(
            found,
            expected
                .iter()
                .map(|(from, to)| (at(from), at(to)))
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_gap_in_the_schedule_is_a_missed_backup_and_ends_the_band() {
        use MarkState::{Missed, Verified};
        check(
            &[verified("01:00"), verified("02:00"), verified("04:00")],
            "04:20",
            &[
                ("01:00", Verified),
                ("02:00", Verified),
                ("03:00", Missed),
                ("04:00", Verified),
            ],
            &[("01:00", "03:00"), ("04:00", "04:20")],
        );
    }

    #[test]
    fn silence_is_missed_backups_too() {
        use MarkState::{Missed, Verified};
        check(&[], "02:40", &[("01:00", Missed), ("02:00", Missed)], &[]);
        check(
            &[verified("01:00")],
            "04:10",
            &[("01:00", Verified), ("02:00", Missed), ("03:00", Missed)],
            &[("01:00", "02:00")],
        );
        let lane = lane(&region(), &[], &[], at("00:00"), at("04:10"));
        assert_eq!(
            lane.marks,
            [],
            "nothing is expected of a source that never had a recovery point"
        );
    }

    #[test]
    fn a_backup_besides_the_schedule_moves_nothing_and_a_copy_answers_nothing() {
        use MarkState::{Missed, Verified};
        let mut besides = verified("01:30");
        besides.late_by_seconds = None;
        check(
            &[verified("01:00"), besides, verified("02:00")],
            "02:10",
            &[("01:00", Verified), ("01:30", Verified), ("02:00", Verified)],
            &[("01:00", "02:10")],
        );
        let mut copied = verified("02:05");
        copied.copied_from = Some("arn:aws:backup:us-east-1:111122223333:backup-vault:hourly".into());
        check(
            &[verified("01:00"), copied],
            "02:40",
            &[("01:00", Verified), ("02:00", Missed)],
            &[("01:00", "02:00")],
        );
    }

    #[test]
    fn how_a_recovery_point_ended_is_told_unless_its_copy_lives_on() {
        use MarkState::{Deleted, Expired, Partial, Verified};
        check(
            &[
                point("01:00", Some(Verdict::Verified), State::Expired),
                point("02:00", None, State::Expired),
                point("03:00", None, State::Deleted),
                point("04:00", None, State::Partial),
            ],
            "04:10",
            &[
                ("01:00", Verified),
                ("02:00", Expired),
                ("03:00", Deleted),
                ("04:00", Partial),
            ],
            &[("01:00", "02:00")],
        );
    }

    #[test]
    fn a_late_point_is_no_missed_one_and_does_not_move_the_schedule() {
        use MarkState::{Late, Verified};
        check(
            &[verified("01:00"), verified("02:20"), verified("03:00")],
            "03:30",
            &[("01:00", Verified), ("02:20", Late), ("03:00", Verified)],
            &[("01:00", "03:30")],
        );
    }

    #[test]
    fn an_overdue_backup_shows_before_the_next_one_comes() {
        use MarkState::{Missed, Verified};
        check(
            &[verified("01:00")],
            "02:20",
            &[("01:00", Verified)],
            &[("01:00", "02:20")],
        );
        check(
            &[verified("01:00")],
            "02:40",
            &[("01:00", Verified), ("02:00", Missed)],
            &[("01:00", "02:00")],
        );
    }

    #[test]
    fn a_lane_says_since_when_its_copies_cannot_be_reached() {
        let unknown = |since: &str| Verdict::Unknown {
            since: at(since),
            cause: "timed out".into(),
        };
        let points = [
            verified("01:00"),
            point("02:00", Some(unknown("02:20")), State::Unreachable),
            point("03:00", Some(unknown("03:05")), State::Unreachable),
        ];
        let glances: Vec<Glance> = points.iter().map(Glance::of).collect();
        let of = |points| lane(&region(), points, &[], at("00:00"), at("03:10"));
        assert_eq!(of(&glances).unreachable_since, Some(at("02:20")));
        assert_eq!(of(&glances).marks[1].state, MarkState::Unreachable);
        assert_eq!(
            of(&glances[..1]).unreachable_since,
            None,
            "it can be reached again"
        );
    }

    #[test]
    fn a_copy_that_is_not_verified_interrupts_the_band() {
        use MarkState::{Exporting, Incomplete, Pending, Verified};
        let lost = Verdict::Incomplete {
            missing: vec!["a".into()],
            different: vec![],
        };
        check(
            &[
                verified("01:00"),
                point("02:00", Some(lost), State::Incomplete),
                point("03:00", Some(Verdict::Pending), State::Replicating),
                point("04:00", None, State::Exporting),
            ],
            "04:10",
            &[
                ("01:00", Verified),
                ("02:00", Incomplete),
                ("03:00", Pending),
                ("04:00", Exporting),
            ],
            &[("01:00", "02:00")],
        );
    }
}
