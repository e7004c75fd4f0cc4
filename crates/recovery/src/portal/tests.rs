use jiff::SignedDuration;

use super::*;
use crate::rpo::rpo;
use crate::source::{RegionRpo, Source, SourceSummary};
use crate::timeline::{Lane, Mark, MarkState};

const HOUR: i64 = 3600;

fn now() -> Timestamp {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

fn ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}

/// A database whose places hold copies of these ages in hours, agreed are two.
fn timeline(ages: &[Option<i64>]) -> SourceTimeline {
    let codes = ["us-east-1", "us-west-2", "eu-west-1"];
    let regions = || codes[..ages.len()].iter().map(|code| code.parse().unwrap());
    SourceTimeline {
        source: SourceSummary {
            source: Source {
                id: "tvshows".parse().unwrap(),
                arn: "arn:aws:rds:us-east-1:111122223333:db:tvshows".into(),
                region: "us-east-1".parse().unwrap(),
                account: "111122223333".parse().unwrap(),
                engine: Some("mysql 8.0.39".into()),
                class: None,
                interval_seconds: HOUR,
                rpo_target_seconds: 2 * HOUR,
                expected: Vec::new(),
            },
            newest_recovery_point: None,
            regions: regions()
                .zip(ages)
                .map(|(region, age)| {
                    let at = age.map(ago);
                    RegionRpo {
                        region,
                        is_home: false,
                        rpo: rpo(Some(now()), at, SignedDuration::from_hours(2), now()),
                        newest_restorable: None,
                        newest_restorable_at: at,
                    }
                })
                .collect(),
        },
        lanes: regions()
            .map(|region| Lane {
                region,
                marks: Vec::new(),
                bands: Vec::new(),
                unreachable_since: None,
            })
            .collect(),
        from: ago(24),
        to: now(),
        now: now(),
    }
}

#[test]
fn missing_data_is_never_safe() {
    for ages in [&[][..], &[None], &[None, None]] {
        let safety = Safety::of(&timeline(ages));
        assert_eq!(safety.standing, Standing::Unknown, "{ages:?}");
        assert_eq!(safety.headline, "No copy is known that could be restored");
    }
    let partly = Safety::of(&timeline(&[Some(1), None]));
    assert_eq!(partly.standing, Standing::Partly);
    assert_eq!(
        partly.headline,
        "Your data can be restored, but there is no copy in Oregon, USA yet"
    );
    let unknown = Database::unknown("tvshows".parse().unwrap(), 90, now());
    assert_eq!(unknown.safety.standing, Standing::Unknown);
    assert!(!unknown.restore_test.is_recent);
}

#[test]
fn what_is_older_than_agreed_is_said_with_since_when() {
    let check = |ages: &[Option<i64>], standing: Standing, since: Option<i64>| {
        let safety = Safety::of(&timeline(ages));
        assert_eq!(safety.standing, standing, "{ages:?}");
        assert_eq!(safety.since, since.map(ago), "{ages:?}");
    };
    check(&[Some(2), Some(1), Some(0)], Standing::Safe, None);
    // Agreed are two hours: what is five hours old is late for three.
    check(&[Some(1), Some(5), Some(4)], Standing::Partly, Some(3));
    check(&[Some(9), Some(5)], Standing::Late, Some(3));
    check(&[Some(3), None], Standing::Late, Some(1));
    let late = Safety::of(&timeline(&[Some(9), Some(5)]));
    assert_eq!(late.newest_copy_at, Some(ago(5)));
    assert_eq!(late.kept[0].late_since, Some(ago(7)));
}

#[test]
fn a_place_that_cannot_be_reached_is_not_counted_on() {
    let mut timeline = timeline(&[Some(1), Some(1)]);
    timeline.lanes[1].unreachable_since = Some(ago(0));
    let partly = Safety::of(&timeline);
    assert_eq!((partly.standing, partly.since), (Standing::Partly, Some(ago(0))));
    assert_eq!(
        partly.headline,
        "Your data can be restored, but Oregon, USA cannot be reached"
    );
    timeline.lanes[0].unreachable_since = Some(ago(1));
    let none = Safety::of(&timeline);
    assert_eq!((none.standing, none.since), (Standing::Unknown, Some(ago(0))));
    assert_eq!(none.headline, "There are copies, and none can be reached");
}

#[test]
fn what_went_wrong_beside_is_noted_in_plain_words() {
    let mut timeline = timeline(&[Some(1), Some(1)]);
    let mark = |hours: i64, state: MarkState| Mark {
        at: ago(hours),
        state,
        recovery_point: None,
    };
    for lane in &mut timeline.lanes {
        lane.marks = vec![mark(6, MarkState::Missed), mark(4, MarkState::Missed)];
    }
    timeline.lanes[1].marks.push(mark(3, MarkState::Incomplete));
    let safety = Safety::of(&timeline);
    assert_eq!(safety.standing, Standing::Safe, "the newest copies are whole");
    let told: Vec<(&str, Timestamp)> = safety
        .notes
        .iter()
        .map(|note| (note.text.as_str(), note.at))
        .collect();
    assert_eq!(
        told,
        [
            ("2 backups were not made, the last was due on", ago(4)),
            (
                "A copy in Oregon, USA is damaged or incomplete, of the backup of",
                ago(3)
            ),
        ]
    );
}

#[test]
fn a_restore_is_tested_by_a_proven_one_of_the_same_database() {
    let run = |source: &str, outcome: &str, days: i64| -> Run {
        let at = now() - SignedDuration::from_hours(24 * days);
        serde_json::from_value(serde_json::json!({
            "run_id": "r-01jd3k0000000000000000000a", "outcome": outcome, "phase": "ended", "cancel_requested": false,
            "requested_by": "ann", "reason": null, "source": source, "recovery_point": null, "data_as_of": null,
            "region": "us-west-2", "copy": "s3://b/p", "target_region": "us-east-1", "requested_at": at, "phases": [],
            "ended_at": at, "seconds": 1.0, "resumed": 0, "tables": [], "failure": null
        }))
        .unwrap()
    };
    let test = |runs: Vec<Run>| {
        let restores = Restores { runs, are_all: true };
        RestoreTest::of(&"tvshows".parse().unwrap(), &restores, 90, now())
    };
    let others = test(vec![run("securecart", "proven", 1), run("tvshows", "failed", 2)]);
    assert_eq!((others.last, others.is_recent), (None, false));
    let old = test(vec![run("tvshows", "proven", 91)]);
    assert!(old.last.is_some() && !old.is_recent);
    assert!(test(vec![run("tvshows", "proven", 90), run("tvshows", "proven", 100)]).is_recent);
}

#[test]
fn the_least_safe_database_speaks_for_all() {
    let databases = |all: &[&[Option<i64>]]| -> Vec<Database> {
        let restores = Restores::default();
        all.iter()
            .map(|ages| Database::of(&timeline(ages), &restores, 90))
            .collect()
    };
    let check = |all: &[&[Option<i64>]], standing: Standing, sentence: &str| {
        assert_eq!(summary(&databases(all)), (standing, sentence.to_owned()));
    };
    check(&[], Standing::Unknown, "No database is known");
    check(&[&[Some(1)]], Standing::Safe, "Your data is safe");
    check(
        &[&[Some(1)], &[Some(1), Some(2)]],
        Standing::Safe,
        "The data of all 2 databases is safe",
    );
    check(
        &[&[Some(1)], &[None], &[Some(5)]],
        Standing::Late,
        "1 of 3 databases: the newest copy is older than agreed",
    );
    check(
        &[&[Some(1)], &[None], &[Some(5), Some(1)]],
        Standing::Unknown,
        "1 of 3 databases: no copy is known that could be restored",
    );
}
