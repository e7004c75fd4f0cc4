//! How long a source's recovery points take to become verified copies, and what that says of the exports under way.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::{RecoveryPointId, Region};
use crate::point::{RecoveryPoint, Step, StepName, StepStatus};

/// Complete exports whose sizes and durations are told, the newest.
const TREND_MAX: usize = 30;

/// Complete exports that an expectation rests on, the newest.
const BASIS_MAX: usize = 10;

/// How some durations are spread, in whole seconds, by the nearest rank: each figure is one that was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Percentiles {
    /// Durations measured.
    pub count: u64,
    /// Half of them were no longer.
    pub p50_seconds: i64,
    /// 90 in 100.
    pub p90_seconds: i64,
    /// 99 in 100.
    pub p99_seconds: i64,
    /// The longest.
    pub max_seconds: i64,
}

/// From a recovery point to its verified copy in one Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegionTimings {
    /// The Region.
    pub region: Region,
    /// From the time that the recovery point was made to the copy's first verdict of `Verified`.
    pub verified: Percentiles,
}

/// The size and the duration of one complete export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportFigure {
    /// The recovery point.
    pub recovery_point: RecoveryPointId,
    /// When that was made.
    pub created_at: Timestamp,
    /// Bytes of Parquet, where its tables are known.
    pub bytes: Option<u64>,
    /// From the export's start to its end.
    pub seconds: i64,
}

/// An export under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunningExport {
    /// The recovery point.
    pub recovery_point: RecoveryPointId,
    /// When the export was started.
    pub started_at: Timestamp,
    /// When it is likely to end, where there were exports before; it may be over.
    pub expected_at: Option<Timestamp>,
    /// What that rests on, in words.
    pub basis: String,
}

/// What a source's newest recovery points took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Timings {
    /// Recovery points that were looked at, the newest.
    pub recovery_points: u64,
    /// From the time that a recovery point was made to the end of its export, its wait in the queue included.
    pub exported: Option<Percentiles>,
    /// The exports alone, from start to end.
    pub exporting: Option<Percentiles>,
    /// From the recovery point to the verified copy, per Region.
    pub regions: Vec<RegionTimings>,
    /// Complete exports, the newest first.
    pub trend: Vec<ExportFigure>,
    /// Exports under way, the newest first.
    pub running: Vec<RunningExport>,
}

impl Percentiles {
    /// Of durations in seconds; `None` where there are none.
    pub fn of(mut seconds: Vec<i64>) -> Option<Self> {
        seconds.sort_unstable();
        let max_seconds = *seconds.last()?;
        // The nearest rank: the least duration that so many in 100 do not exceed.
        let rank = |percent: usize| seconds[(seconds.len() * percent).div_ceil(100).max(1) - 1];
        Some(Self {
            count: seconds.len() as u64,
            p50_seconds: rank(50),
            p90_seconds: rank(90),
            p99_seconds: rank(99),
            max_seconds,
        })
    }
}

/// The timings of recovery points of one source, which come newest first.
pub fn timings(points: &[RecoveryPoint]) -> Timings {
    let exports: Vec<(&RecoveryPoint, &Step)> = points
        .iter()
        .filter_map(|point| Some((point, exported(point)?)))
        .collect();
    let complete: Vec<(&RecoveryPoint, Timestamp, Timestamp)> = exports
        .iter()
        .filter(|(_, step)| step.status == StepStatus::Done)
        .filter_map(|(point, step)| Some((*point, step.started_at?, step.ended_at?)))
        .collect();
    let trend: Vec<ExportFigure> = complete
        .iter()
        .take(TREND_MAX)
        .map(|(point, started_at, ended_at)| ExportFigure {
            recovery_point: point.id.clone(),
            created_at: point.created_at,
            bytes: (!point.tables.is_empty()).then(|| point.bytes()),
            seconds: seconds(*started_at, *ended_at),
        })
        .collect();
    let basis: Vec<i64> = trend
        .iter()
        .take(BASIS_MAX)
        .map(|figure| figure.seconds)
        .collect();
    let usual = Percentiles::of(basis);
    let mut regions: Vec<Region> = Vec::new();
    for copy in points.iter().flat_map(|point| &point.copies) {
        if !regions.contains(&copy.region) {
            regions.push(copy.region.clone());
        }
    }
    Timings {
        recovery_points: points.len() as u64,
        exported: Percentiles::of(
            complete
                .iter()
                .map(|(point, _, ended_at)| seconds(point.created_at, *ended_at))
                .collect(),
        ),
        exporting: Percentiles::of(
            complete
                .iter()
                .map(|(_, started_at, ended_at)| seconds(*started_at, *ended_at))
                .collect(),
        ),
        regions: regions
            .into_iter()
            .filter_map(|region| {
                // What was taken up from its evidence was verified long after it arrived.
                let watched = points.iter().filter(|point| point.adopted_at.is_none());
                let taken = watched.filter_map(|point| {
                    let verified_at = point.copy_in(&region)?.verified_at?;
                    Some(seconds(point.created_at, verified_at))
                });
                let verified = Percentiles::of(taken.collect())?;
                Some(RegionTimings { region, verified })
            })
            .collect(),
        running: exports
            .iter()
            .filter(|(_, step)| step.status == StepStatus::InProgress)
            .filter_map(|(point, step)| {
                let started_at = step.started_at?;
                Some(RunningExport {
                    recovery_point: point.id.clone(),
                    started_at,
                    expected_at: usual.and_then(|usual| {
                        let takes = SignedDuration::from_secs(usual.p50_seconds);
                        started_at.checked_add(takes).ok()
                    }),
                    basis: usual.map_or_else(
                        || "no export of this source was complete before".to_owned(),
                        |usual| match usual.count {
                            1 => "the last export took as long".to_owned(),
                            count => format!("the median of the last {count} exports"),
                        },
                    ),
                })
            })
            .collect(),
        trend,
    }
}

fn exported(point: &RecoveryPoint) -> Option<&Step> {
    point.steps.iter().find(|step| step.step == StepName::Exported)
}

/// Whole seconds between two times, never negative: two machines told them.
fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs().max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::point::{Copy, State};
    use crate::verdict::Verdict;

    const NOON: Timestamp = Timestamp::constant(1_795_000_000, 0);

    fn at(minutes: i64) -> Timestamp {
        NOON + SignedDuration::from_mins(minutes)
    }

    /// A recovery point of minute `made`, exported from `started` to `ended`, verified in the west at `verified`.
    fn point(made: i64, started: i64, ended: Option<i64>, verified: Option<i64>) -> RecoveryPoint {
        RecoveryPoint {
            id: format!("shop-{made}").parse().unwrap(),
            source: "shop".parse().unwrap(),
            arn: "arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-1"
                .parse()
                .unwrap(),
            vault: "hourly".into(),
            region: "us-east-1".parse().unwrap(),
            account: "111122223333".parse().unwrap(),
            created_at: at(made),
            late_by_seconds: None,
            expires_at: None,
            ended_at: None,
            copied_from: None,
            adopted_at: None,
            state: State::Exporting,
            steps: vec![Step {
                step: StepName::Exported,
                region: None,
                status: if ended.is_some() {
                    StepStatus::Done
                } else {
                    StepStatus::InProgress
                },
                started_at: Some(at(started)),
                ended_at: ended.map(at),
                detail: String::new(),
            }],
            copies: vec![Copy {
                region: "us-west-2".parse().unwrap(),
                account: "111122223333".parse().unwrap(),
                bucket: "b".into(),
                prefix: "p".into(),
                is_export: false,
                verdict: Verdict::Pending,
                checked_at: None,
                verified_at: verified.map(at),
                evidence: None,
                manifest: None,
                verified_manifest: None,
                lost_at: None,
                archived: None,
                lifecycle: None,
            }],
            tables: Vec::new(),
        }
    }

    #[test]
    fn percentiles_are_durations_that_were_measured() {
        assert_eq!(Percentiles::of(Vec::new()), None);
        let one = Percentiles::of(vec![7]).unwrap();
        assert_eq!(
            (one.count, one.p50_seconds, one.p99_seconds, one.max_seconds),
            (1, 7, 7, 7)
        );
        let hundred = Percentiles::of((1..=100).rev().collect()).unwrap();
        let Percentiles {
            p50_seconds,
            p90_seconds,
            p99_seconds,
            max_seconds,
            ..
        } = hundred;
        assert_eq!(
            (p50_seconds, p90_seconds, p99_seconds, max_seconds),
            (50, 90, 99, 100)
        );
        assert_eq!(Percentiles::of(vec![1, 9]).unwrap().p50_seconds, 1);
    }

    #[test]
    fn what_was_complete_says_when_the_next_is_likely_to_be() {
        let points = [
            point(180, 181, None, None),
            point(120, 125, Some(145), Some(150)),
            point(60, 60, Some(70), None),
            point(0, 0, Some(30), Some(31)),
        ];
        let found = timings(&points);
        assert_eq!(found.recovery_points, 4);
        let minutes = |percentiles: Option<Percentiles>| percentiles.unwrap().p50_seconds / 60;
        assert_eq!(minutes(found.exported), 25, "of 25, 10 and 30");
        assert_eq!(minutes(found.exporting), 20, "of 20, 10 and 30");
        assert_eq!(found.regions.len(), 1);
        assert_eq!(
            found.regions[0].verified.max_seconds,
            31 * 60,
            "one copy is not verified"
        );
        assert_eq!(found.trend.len(), 3);
        assert_eq!(found.trend[0].seconds, 20 * 60);
        let running = &found.running[0];
        assert_eq!(running.expected_at, Some(at(201)));
        assert_eq!(running.basis, "the median of the last 3 exports");

        let first = timings(&points[..1]);
        assert_eq!((first.exported, first.regions.len()), (None, 0));
        assert_eq!(first.running[0].expected_at, None);
    }
}
