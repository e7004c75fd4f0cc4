//! Timelines: for each source and Region, what could be restored when, and what went wrong.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::{RecoveryPointId, Region};
use crate::point::{RecoveryPoint, State};
use crate::verdict::Verdict;

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
    /// The export failed, or AWS Backup ended the recovery point before it was exported.
    Failed,
    /// No recovery point was made although one was due.
    Missed,
}

impl MarkState {
    /// Every state, the good ones first: the order of a legend.
    pub const ALL: [Self; 8] = [
        Self::Verified,
        Self::Late,
        Self::Exporting,
        Self::Pending,
        Self::Incomplete,
        Self::Unreachable,
        Self::Failed,
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
}

/// A recovery point is late when it comes more than a quarter of the interval after it was due.
const LATE_PART: i32 = 4;

/// A recovery point counts as missed when none came within one and a half intervals of the one before.
fn missed_after(interval: SignedDuration) -> SignedDuration {
    interval + interval / 2
}

/// The lane of `region`: `points` are one source's recovery points, oldest first; `interval` is how often one is
/// expected; nothing after `now` is looked at.
///
/// Due times follow from the recovery point before: every gap is filled with the times at which one was due.
pub fn lane(region: &Region, points: &[RecoveryPoint], interval: SignedDuration, now: Timestamp) -> Lane {
    let mut marks: Vec<Mark> = Vec::new();
    let mut due: Option<Timestamp> = None;
    let mut last: Option<Timestamp> = None;
    for point in points {
        let at = point.created_at;
        if at > now {
            break;
        }
        if let (Some(due_at), Some(last_at)) = (due, last) {
            fill_missed(&mut marks, due_at, last_at, at, interval);
        }
        // Of several due times that have passed, the last one before the point is the one it answers.
        let answered = due.map(|due_at| {
            let mut answered = due_at;
            while answered + interval <= at + interval / LATE_PART {
                answered += interval;
            }
            answered
        });
        let late = answered.is_some_and(|answered| at > answered + interval / LATE_PART);
        marks.push(Mark {
            at,
            state: mark_state(point, region, late),
            recovery_point: Some(point.id.clone()),
        });
        // A late point does not move the schedule; the next one is due when it would have been due anyway.
        due = Some(match answered {
            Some(answered) if late => answered + interval,
            _ => at + interval,
        });
        last = Some(at);
    }
    if let (Some(due_at), Some(last_at)) = (due, last) {
        fill_missed(&mut marks, due_at, last_at, now, interval);
    }
    let bands = bands(&marks, interval, now);
    Lane {
        region: region.clone(),
        marks,
        bands,
    }
}

/// Adds a missed mark for each due time between `last` and `next`, where the gap is long enough to tell.
fn fill_missed(
    marks: &mut Vec<Mark>,
    due: Timestamp,
    last: Timestamp,
    next: Timestamp,
    interval: SignedDuration,
) {
    if next.duration_since(last) <= missed_after(interval) {
        return;
    }
    let mut at = due;
    while at + interval / 2 < next {
        marks.push(Mark {
            at,
            state: MarkState::Missed,
            recovery_point: None,
        });
        at += interval;
    }
}

/// What `point` shows in `region`.
fn mark_state(point: &RecoveryPoint, region: &Region, late: bool) -> MarkState {
    match point.copy_in(region).map(|copy| &copy.verdict) {
        Some(Verdict::Verified) if late => MarkState::Late,
        Some(Verdict::Verified) => MarkState::Verified,
        Some(Verdict::Incomplete { .. }) => MarkState::Incomplete,
        Some(Verdict::Unknown { .. }) => MarkState::Unreachable,
        Some(Verdict::Pending) | None => match point.state {
            State::Creating | State::AwaitingExport | State::Exporting => MarkState::Exporting,
            State::ExportFailed | State::Expired => MarkState::Failed,
            State::Replicating | State::Verified | State::Incomplete | State::Unreachable => {
                MarkState::Pending
            }
        },
    }
}

fn bands(marks: &[Mark], interval: SignedDuration, now: Timestamp) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for (index, mark) in marks.iter().enumerate() {
        if !matches!(mark.state, MarkState::Verified | MarkState::Late) {
            continue;
        }
        let next = marks.get(index + 1).map_or(now, |next| next.at);
        let to = next.min(mark.at + missed_after(interval)).min(now);
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
    use crate::point::Copy;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

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
        let lane = lane(&region(), points, HOUR, at(now));
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
