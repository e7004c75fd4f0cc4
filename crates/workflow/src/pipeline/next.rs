//! The next step of a recovery point, from what was observed of it. Pure: nothing here calls anything.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use recovery::export_failure::explained;
use recovery::ids::Region;
use recovery::point::Copy;
use recovery::verdict::Verdict;

use crate::catalogue::{Backup, Export, PointEntry};

/// Attempts to export one recovery point. RDS's failures are seldom cured by repetition, and each costs money.
pub(crate) const EXPORT_ATTEMPTS_MAX: u32 = 3;

/// A copy that was found incomplete is looked at again this often: somebody may have replicated it again.
const INCOMPLETE_RECHECK: SignedDuration = SignedDuration::from_mins(10);

/// How often a thaw is looked after. The fastest takes a minute at least.
const THAW_LOOK: SignedDuration = SignedDuration::from_mins(1);

/// The longest delay of [`retry_delay`].
const RETRY_DELAY_MAX: SignedDuration = SignedDuration::from_mins(60);

/// What is to be done with a recovery point now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing, until something changes; why.
    Wait(Wait),
    /// Start this attempt of the export.
    Export {
        /// From 1.
        attempt: u32,
    },
    /// Ask RDS how far this attempt is.
    Follow {
        /// From 1.
        attempt: u32,
    },
    /// Compare the copies in these Regions.
    Check(Vec<Region>),
    /// Nothing, ever, unless somebody asks.
    Done,
}

/// What a recovery point waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// AWS Backup is making it.
    Backup,
    /// The export policy does not want it; why.
    Policy(String),
    /// A step failed and is tried again later.
    Later,
}

/// The next step. `refusal` is why the export policy does not want it.
pub(crate) fn next(entry: &PointEntry, refusal: Option<String>, now: Timestamp) -> Next {
    let later = is_later(entry.pipeline.retry_at, now);
    match (&entry.pipeline.export, entry.pipeline.backup) {
        (Export::Running { attempt, .. }, _) => Next::Follow { attempt: *attempt },
        (Export::Complete { .. }, _) => {
            let due: Vec<Region> = entry
                .point
                .copies
                .iter()
                .filter(|copy| is_due(copy, now))
                .map(|copy| copy.region.clone())
                .collect();
            if !due.is_empty() {
                Next::Check(due)
            } else if entry.point.copies.iter().all(is_settled) {
                Next::Done
            } else {
                Next::Wait(Wait::Later)
            }
        }
        (Export::Failed { .. }, _)
        | (Export::Waiting { .. }, Backup::Expired | Backup::Deleted | Backup::Partial | Backup::Adopted) => {
            Next::Done
        }
        (Export::Waiting { .. }, Backup::Creating) => Next::Wait(Wait::Backup),
        (Export::Waiting { attempt, .. }, Backup::Completed) => match refusal {
            Some(refusal) => Next::Wait(Wait::Policy(refusal)),
            None if later => Next::Wait(Wait::Later),
            None => Next::Export { attempt: *attempt },
        },
    }
}

/// Whether nothing will be asked of a copy unless somebody does, or its re-check comes.
fn is_settled(copy: &Copy) -> bool {
    copy.verdict.is_expired() || (copy.verdict.is_restorable() && thaw_ends(copy).is_none())
}

/// Whether a failed step is tried again later. A time that no delay could have led to comes from a clock that has jumped.
pub(crate) fn is_later(retry_at: Option<Timestamp>, now: Timestamp) -> bool {
    retry_at.is_some_and(|at| at > now && at.duration_since(now) <= RETRY_DELAY_MAX)
}

/// Until when a copy's thaw has to be followed: while S3 works on it, and until what is thawed freezes again.
fn thaw_ends(copy: &Copy) -> Option<Timestamp> {
    let archived = copy.archived.as_ref()?;
    if archived.thawing > 0 {
        return Some(Timestamp::MIN);
    }
    archived.readable_until
}

/// Whether a copy is to be compared in this pass. Verified ones are left to the re-checks, but for those that thaw.
fn is_due(copy: &Copy, now: Timestamp) -> bool {
    match copy.verdict {
        Verdict::Verified => {
            let is_stale = copy
                .checked_at
                .is_none_or(|at| now.duration_since(at).abs() >= THAW_LOOK);
            is_stale && thaw_ends(copy).is_some_and(|at| at <= now)
        }
        Verdict::Expired { .. } => false,
        Verdict::Pending | Verdict::Unknown { .. } => true,
        Verdict::Incomplete { .. } => copy
            .checked_at
            .is_none_or(|at| now.duration_since(at).abs() >= INCOMPLETE_RECHECK),
    }
}

/// What a failed attempt leads to: another one, or the end.
pub(crate) fn after_failure(attempt: u32, cause: String, now: Timestamp) -> Export {
    if attempt < EXPORT_ATTEMPTS_MAX {
        Export::Waiting {
            attempt: attempt + 1,
            obstacle: Some(format!("Attempt {attempt} failed: {}", explained(&cause))),
            needs_help: true,
        }
    } else {
        Export::Failed {
            attempt,
            ended_at: now,
            cause,
        }
    }
}

/// How long to wait before attempt `attempt` (the first after a failure is 2).
pub(crate) fn retry_delay(attempt: u32) -> SignedDuration {
    SignedDuration::from_mins(5) * i32::try_from(attempt.saturating_sub(1).clamp(1, 12)).unwrap_or(12)
}

/// Which of the recovery points that want an export get one now, and which wait: as many go as RDS still takes in that
/// account and Region.
///
/// Each source's newest goes first, and sources take turns: one that has exports `under_way`, or recovery points that have
/// gone before, comes after one that has none.
pub(crate) fn admit<S: Ord + Clone, T: Ord>(
    mut waiting: Vec<(S, T)>,
    under_way: &BTreeMap<S, usize>,
) -> (Vec<T>, Vec<T>) {
    waiting.sort_unstable_by(|(_, a), (_, b)| b.cmp(a));
    let mut turns = under_way.clone();
    let mut in_turn: Vec<(usize, T)> = waiting
        .into_iter()
        .map(|(source, point)| {
            let turn = turns.entry(source).or_default();
            *turn += 1;
            (*turn, point)
        })
        .collect();
    // Stable: within a turn the newest stays first.
    in_turn.sort_by_key(|(turn, _)| *turn);
    let mut now: Vec<T> = in_turn.into_iter().map(|(_, point)| point).collect();
    let free = EXPORTS_AT_ONCE_MAX.saturating_sub(under_way.values().sum());
    let later = now.split_off(free.min(now.len()));
    (now, later)
}

/// Exports in progress that RDS takes per account and Region.
pub(crate) const EXPORTS_AT_ONCE_MAX: usize = 5;

#[cfg(test)]
mod tests {
    use recovery::point::{RecoveryPoint, State};

    use super::*;
    use crate::catalogue::Pipeline;

    const NOW: Timestamp = Timestamp::constant(1_795_000_000, 0);

    fn entry(backup: Backup, export: Export, copies: &[(&str, Verdict, i64)]) -> PointEntry {
        let arn = "arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-1"
            .parse()
            .unwrap();
        let account: recovery::ids::AccountId = "111122223333".parse().unwrap();
        PointEntry {
            point: RecoveryPoint {
                id: recovery::label::label("tvshows", NOW, &arn),
                source: "tvshows".parse().unwrap(),
                arn,
                vault: "hourly".into(),
                region: "us-east-1".parse().unwrap(),
                account: account.clone(),
                created_at: NOW,
                late_by_seconds: None,
                expires_at: None,
                ended_at: None,
                copied_from: None,
                adopted_at: None,
                state: State::Creating,
                steps: Vec::new(),
                copies: copies
                    .iter()
                    .map(|(region, verdict, minutes)| Copy {
                        region: region.parse().unwrap(),
                        account: account.clone(),
                        bucket: "bucket".into(),
                        prefix: "p".into(),
                        is_export: *region == "us-east-1",
                        verdict: verdict.clone(),
                        checked_at: Some(NOW - SignedDuration::from_mins(*minutes)),
                        verified_at: None,
                        evidence: None,
                        manifest: None,
                        verified_manifest: None,
                        lost_at: None,
                        archived: None,
                        lifecycle: None,
                    })
                    .collect(),
                tables: Vec::new(),
            },
            pipeline: Pipeline {
                backup,
                backed_up_at: None,
                export,
                retry_at: None,
                looks_late: false,
                arrived_at: BTreeMap::new(),
                adopted: None,
            },
            table_parts: 0,
            table_generation: 0,
        }
    }

    fn waiting(attempt: u32) -> Export {
        Export::Waiting {
            attempt,
            obstacle: None,
            needs_help: false,
        }
    }

    fn complete() -> Export {
        Export::Complete {
            attempt: 1,
            started_at: NOW,
            ended_at: NOW,
            warning: None,
        }
    }

    #[test]
    fn the_next_step_follows_from_what_was_observed() {
        let running = Export::Running {
            attempt: 2,
            started_at: NOW,
            percent: 7,
            stage: "in progress".into(),
        };
        let failed = Export::Failed {
            attempt: 3,
            ended_at: NOW,
            cause: "no".into(),
        };
        let lost = Verdict::Incomplete {
            missing: vec!["a".into()],
            different: vec![],
        };
        let unknown = Verdict::Unknown {
            since: NOW,
            cause: "timed out".into(),
        };
        let (home, west) = ("us-east-1", "us-west-2");
        let check = |regions: &[&str]| Next::Check(regions.iter().map(|r| r.parse().unwrap()).collect());
        let cases = [
            (
                "being made",
                entry(Backup::Creating, waiting(1), &[]),
                Next::Wait(Wait::Backup),
            ),
            (
                "made",
                entry(Backup::Completed, waiting(1), &[]),
                Next::Export { attempt: 1 },
            ),
            (
                "failed once",
                entry(Backup::Completed, waiting(2), &[]),
                Next::Export { attempt: 2 },
            ),
            ("partial", entry(Backup::Partial, waiting(1), &[]), Next::Done),
            (
                "expired before it was exported",
                entry(Backup::Expired, waiting(1), &[]),
                Next::Done,
            ),
            (
                "exporting",
                entry(Backup::Completed, running.clone(), &[]),
                Next::Follow { attempt: 2 },
            ),
            (
                "expired while exporting",
                entry(Backup::Expired, running, &[]),
                Next::Follow { attempt: 2 },
            ),
            ("given up", entry(Backup::Completed, failed, &[]), Next::Done),
            (
                "nothing checked yet",
                entry(
                    Backup::Completed,
                    complete(),
                    &[(home, Verdict::Pending, 0), (west, Verdict::Pending, 0)],
                ),
                check(&[home, west]),
            ),
            (
                "one arrives",
                entry(
                    Backup::Completed,
                    complete(),
                    &[(home, Verdict::Verified, 0), (west, Verdict::Pending, 0)],
                ),
                check(&[west]),
            ),
            (
                "expired with a copy on its way",
                entry(
                    Backup::Expired,
                    complete(),
                    &[(home, Verdict::Verified, 0), (west, unknown, 0)],
                ),
                check(&[west]),
            ),
            (
                "incomplete, just looked at",
                entry(
                    Backup::Completed,
                    complete(),
                    &[(home, Verdict::Verified, 0), (west, lost.clone(), 9)],
                ),
                Next::Wait(Wait::Later),
            ),
            (
                "incomplete, looked at long ago",
                entry(
                    Backup::Completed,
                    complete(),
                    &[(home, Verdict::Verified, 0), (west, lost, 10)],
                ),
                check(&[west]),
            ),
            (
                "all verified",
                entry(
                    Backup::Completed,
                    complete(),
                    &[(home, Verdict::Verified, 0), (west, Verdict::Verified, 0)],
                ),
                Next::Done,
            ),
        ];
        for (name, entry, expected) in cases {
            assert_eq!(next(&entry, None, NOW), expected, "{name}");
        }
    }

    #[test]
    fn policy_and_delay_hold_an_export_back() {
        let mut held = entry(Backup::Completed, waiting(2), &[]);
        assert_eq!(
            next(&held, Some("too old".into()), NOW),
            Next::Wait(Wait::Policy("too old".into()))
        );
        held.pipeline.retry_at = Some(NOW + SignedDuration::from_secs(1));
        assert_eq!(next(&held, None, NOW), Next::Wait(Wait::Later));
        held.pipeline.retry_at = Some(NOW + SignedDuration::from_hours(24));
        assert_eq!(
            next(&held, None, NOW),
            Next::Export { attempt: 2 },
            "the clock was a day ahead when it failed"
        );
        held.pipeline.retry_at = Some(NOW);
        assert_eq!(next(&held, None, NOW), Next::Export { attempt: 2 });
    }

    #[test]
    fn attempts_end() {
        assert!(matches!(
            after_failure(1, "x".into(), NOW),
            Export::Waiting { attempt: 2, .. }
        ));
        assert!(matches!(
            after_failure(2, "x".into(), NOW),
            Export::Waiting { attempt: 3, .. }
        ));
        assert!(matches!(
            after_failure(3, "x".into(), NOW),
            Export::Failed { attempt: 3, .. }
        ));
    }

    #[test]
    fn the_newest_are_exported_first_and_never_more_than_rds_takes() {
        let one = |points: &[i32], under_way| {
            let waiting = points.iter().map(|point| ("shop", *point)).collect();
            admit(waiting, &BTreeMap::from([("shop", under_way)]))
        };
        assert_eq!(one(&[1, 3, 2], 3), (vec![3, 2], vec![1]));
        assert_eq!(one(&[1, 2], 5), (vec![], vec![2, 1]));
        assert_eq!(one(&[1, 2], 9), (vec![], vec![2, 1]));
        assert_eq!(one(&[1], 0), (vec![1], vec![]));
    }

    #[test]
    fn sources_take_turns() {
        let waiting = vec![("shop", 9), ("shop", 8), ("shop", 7), ("blog", 3), ("wiki", 5)];
        let nothing = BTreeMap::new();
        assert_eq!(
            admit(waiting.clone(), &nothing),
            (vec![9, 5, 3, 8, 7], vec![]),
            "one of each, the newest first"
        );
        let busy = BTreeMap::from([("shop", 2), ("wiki", 1)]);
        assert_eq!(
            admit(waiting, &busy),
            (vec![3, 5], vec![9, 8, 7]),
            "who has none under way goes first"
        );
    }
}
