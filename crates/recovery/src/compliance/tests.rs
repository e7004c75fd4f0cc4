//! Controls by day: made, missed, late and partial backups, copies in every state, tested restores, plans and vaults.

use std::collections::BTreeMap;

use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::ids::{AccountId, Region, SourceId};
use crate::policy::{
    CopyHeld, Held, HeldVault, PlanHeld, Policy, PolicyCheck, PolicyRules, RuleHeld, Surroundings, VaultHeld,
    VaultKind, Wanted, check,
};
use crate::timeline::{Lane, Mark, MarkState};

const HOME: &str = "us-east-1";
const WEST: &str = "us-west-2";

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

fn policy(rules: serde_json::Value) -> Policy {
    let rules: PolicyRules = serde_json::from_value(rules).unwrap();
    let home: AccountId = "111122223333".parse().unwrap();
    let regions = [HOME, WEST].map(region);
    let around = Surroundings {
        source: None,
        home: &regions[0],
        account: &home,
        regions: &regions,
        vault: Some("hourly"),
    };
    rules.resolve(&PolicyRules::default(), around)
}

fn lane(name: &str, marks: &[(&str, MarkState)]) -> Lane {
    Lane {
        region: region(name),
        marks: marks
            .iter()
            .map(|(time, state)| Mark {
                at: at(time),
                state: *state,
                recovery_point: None,
            })
            .collect(),
        bands: Vec::new(),
        unreachable_since: None,
    }
}

/// Standings of a control over the three days from the 19th, where it is noon of the 21st.
fn standings(
    control: Control,
    policy: &Policy,
    lanes: &[Lane],
    restored: &[Restored],
) -> Vec<(Standing, String)> {
    let source: SourceId = "shop".parse().unwrap();
    let report = report(&Material {
        source: &source,
        policy,
        since: Some(at("2026-11-19T00:00:00Z")),
        days: (date(2026, 11, 19), date(2026, 11, 21)),
        lanes,
        settings: &BTreeMap::new(),
        restored,
        now: at("2026-11-21T12:00:00Z"),
    });
    assert_eq!(report.days.len(), 3);
    let row = report
        .rows
        .into_iter()
        .find(|row| row.control == control)
        .unwrap();
    row.cells
        .into_iter()
        .map(|cell| (cell.standing, cell.evidence))
        .collect()
}

#[test]
fn what_was_missed_or_partial_is_not_met_and_a_day_that_lasts_has_met_nothing_yet() {
    let lanes = [lane(
        HOME,
        &[
            ("2026-11-19T01:00:00Z", MarkState::Verified),
            ("2026-11-19T23:59:59Z", MarkState::Late),
            ("2026-11-20T00:00:00Z", MarkState::Missed),
            ("2026-11-20T01:00:00Z", MarkState::Partial),
            ("2026-11-20T02:00:00Z", MarkState::Verified),
            ("2026-11-21T02:00:00Z", MarkState::Exporting),
        ],
    )];
    let found = standings(Control::Frequency, &policy(json!({})), &lanes, &[]);
    assert_eq!(
        found,
        [
            (Standing::Met, "2 made, 1 late.".to_owned()),
            (Standing::NotMet, "1 made, 1 missed, 1 partial.".to_owned()),
            (Standing::Open, "1 made so far.".to_owned()),
        ]
    );
}

#[test]
fn the_worst_copy_of_a_day_decides() {
    use MarkState::{Deleted, Expired, Incomplete, Pending, Unreachable, Verified};
    let day = |states: &[MarkState]| {
        let marks: Vec<(&str, MarkState)> = states
            .iter()
            .map(|state| ("2026-11-19T01:00:00Z", *state))
            .collect();
        let found = standings(Control::Verified, &policy(json!({})), &[lane(HOME, &marks)], &[]);
        found.into_iter().next().unwrap()
    };
    assert_eq!(
        day(&[Verified, Verified]),
        (Standing::Met, "2 of 2 verified.".to_owned())
    );
    assert_eq!(
        day(&[Verified, Expired]),
        (Standing::Met, "1 of 1 verified, 1 ended by lifecycle.".to_owned())
    );
    assert_eq!(day(&[Verified, Pending]).0, Standing::Open);
    assert_eq!(day(&[Verified, Pending, Unreachable]).0, Standing::Unknown);
    assert_eq!(
        day(&[Verified, Pending, Unreachable, Incomplete]),
        (
            Standing::NotMet,
            "1 of 4 verified, 1 not whole, 1 cannot be reached, 1 under way.".to_owned()
        )
    );
    assert_eq!(
        day(&[Deleted]).0,
        Standing::NotMet,
        "deleted before it was exported"
    );
    assert_eq!(
        day(&[]),
        (Standing::NotRequired, "No recovery point was made.".to_owned())
    );
    assert_eq!(day(&[MarkState::Missed]).0, Standing::NotMet);
}

#[test]
fn every_other_region_must_hold_a_copy() {
    let home = lane(HOME, &[("2026-11-19T01:00:00Z", MarkState::Verified)]);
    let west = lane(WEST, &[("2026-11-19T01:00:00Z", MarkState::Incomplete)]);
    let both = policy(json!({}));
    let of = |policy: &Policy, lanes: &[Lane]| {
        let found = standings(Control::CrossRegionCopy, policy, lanes, &[]);
        found.into_iter().next().unwrap()
    };
    assert_eq!(
        of(&both, &[home.clone(), west]),
        (
            Standing::NotMet,
            "us-west-2: 0 of 1 verified, 1 not whole.".to_owned()
        )
    );
    let west = lane(WEST, &[("2026-11-19T01:00:00Z", MarkState::Verified)]);
    assert_eq!(of(&both, &[home.clone(), west]).0, Standing::Met);
    assert_eq!(
        of(&both, std::slice::from_ref(&home)).0,
        Standing::Unknown,
        "a Region that nobody looked at"
    );
    let alone = policy(json!({"regions": {}}));
    assert_eq!(of(&alone, &[home]).0, Standing::NotRequired);
}

#[test]
fn a_restore_counts_for_as_many_days_as_the_policy_says() {
    let policy = policy(json!({"restore_test_days": 1}));
    let restored = [Restored {
        run: "r-20261119060000".parse().unwrap(),
        at: at("2026-11-19T06:00:00Z"),
        rows: 42,
        region: region(WEST),
    }];
    let found = standings(Control::RestoreTested, &policy, &[], &restored);
    let words = "42 rows restored out of us-west-2 and proven on 2026-11-19.".to_owned();
    assert_eq!(
        found,
        [
            (Standing::Met, words.clone()),
            (Standing::NotMet, words.clone()),
            (Standing::NotMet, words),
        ]
    );
    let never = standings(Control::RestoreTested, &policy, &[], &[]);
    assert!(never.iter().all(|(standing, _)| *standing == Standing::NotMet));
}

#[test]
fn nothing_is_asked_before_the_first_recovery_point_and_nothing_unseen_is_met() {
    let source: SourceId = "shop".parse().unwrap();
    let policy = policy(json!({}));
    let report = |since| {
        report(&Material {
            source: &source,
            policy: &policy,
            since,
            days: (date(2026, 11, 18), date(2026, 11, 18)),
            lanes: &[],
            settings: &BTreeMap::new(),
            restored: &[],
            now: at("2026-11-21T12:00:00Z"),
        })
    };
    let standing = |since, control| {
        let rows = report(since).rows;
        let row = rows.into_iter().find(|row| row.control == control).unwrap();
        row.cells[0].standing
    };
    let later = Some(at("2026-11-19T00:00:00Z"));
    for control in Control::ALL {
        assert_eq!(standing(later, control), Standing::NotRequired, "{control:?}");
        assert_eq!(standing(None, control), Standing::Unknown, "{control:?}");
    }
    let before = Some(at("2026-11-17T00:00:00Z"));
    assert_eq!(standing(before, Control::RestoreTested), Standing::NotMet);
    for control in [
        Control::Retention,
        Control::Encryption,
        Control::Immutability,
        Control::CrossAccountCopy,
    ] {
        assert_eq!(standing(before, control), Standing::Unknown, "{control:?}");
    }
}

/// A check of an account that holds what the policy asks for, changed by `change`.
fn checked(rules: serde_json::Value, change: impl FnOnce(&mut Held)) -> PolicyCheck {
    let policy = policy(rules);
    let account: AccountId = "111122223333".parse().unwrap();
    let wanted = Wanted::of(
        &policy,
        &account,
        vec!["arn:aws:rds:*:*:db:*".to_owned()],
        Vec::new(),
    )
    .unwrap();
    let rule = &wanted.plan.rule;
    let mut held = Held {
        plan: Some(PlanHeld {
            name: wanted.plan.name.clone(),
            rules: vec![RuleHeld {
                name: rule.name.clone(),
                vault: rule.vault.clone(),
                schedule: "cron(0 * * * ? *)".into(),
                delete_after_days: rule.delete_after_days.map(i64::from),
                copies: rule
                    .copies
                    .iter()
                    .map(|copy| CopyHeld {
                        vault_arn: copy.vault_arn.clone(),
                        delete_after_days: copy.delete_after_days.map(i64::from),
                    })
                    .collect(),
                ..RuleHeld::default()
            }],
            ..PlanHeld::default()
        }),
        vaults: wanted
            .vaults
            .iter()
            .map(|vault| HeldVault {
                region: vault.region.clone(),
                account: vault.account.clone(),
                name: vault.name.clone(),
                vault: Some(VaultHeld {
                    arn: vault.arn(),
                    kind: VaultKind::Standard,
                    kms_key_arn: Some("arn:aws:kms:us-east-1:111122223333:key/1".into()),
                    recovery_points: 3,
                    locked: true,
                    min_retention_days: None,
                    max_retention_days: None,
                    lock_date: Some(at("2026-01-01T00:00:00Z")),
                }),
                unseen: None,
            })
            .collect(),
        ..Held::default()
    };
    change(&mut held);
    let findings = check(&wanted, &policy.schedule, &held);
    PolicyCheck {
        name: "default".into(),
        sources: Vec::new(),
        holds: findings.is_empty(),
        policy,
        wanted,
        held,
        findings,
        checked_at: at("2026-11-21T12:00:00Z"),
    }
}

fn kept() -> serde_json::Value {
    json!({"retention_days": 35, "regions": {"us-west-2": {"recovery_points_in": ["444455556666"]}}})
}

#[test]
fn plans_and_vaults_show_retention_copies_keys_and_locks() {
    let good = settings(&checked(kept(), |_| {}));
    for cell in [
        &good.retention, &good.cross_account_copy, &good.encryption, &good.immutability,
    ] {
        assert_eq!(cell.standing, Standing::Met, "{cell:?}");
        assert_eq!(cell.looked_at, Some(at("2026-11-21T12:00:00Z")));
    }
    let nothing = settings(&checked(json!({}), |_| {}));
    assert_eq!(nothing.retention.standing, Standing::NotRequired);
    assert_eq!(nothing.cross_account_copy.standing, Standing::NotRequired);
    let shorter = settings(&checked(kept(), |held| {
        held.plan.as_mut().unwrap().rules[0].delete_after_days = Some(7);
    }));
    assert_eq!(shorter.retention.standing, Standing::NotMet);
    let uncopied = settings(&checked(kept(), |held| {
        held.plan.as_mut().unwrap().rules[0].copies.clear();
    }));
    assert_eq!(uncopied.cross_account_copy.standing, Standing::NotMet);
    let open = settings(&checked(kept(), |held| {
        held.vaults[0].vault.as_mut().unwrap().locked = false;
    }));
    assert_eq!(open.immutability.standing, Standing::NotMet);
    let governed = settings(&checked(kept(), |held| {
        held.vaults[0].vault.as_mut().unwrap().lock_date = None;
    }));
    assert_eq!(
        governed.immutability.standing,
        Standing::NotMet,
        "an administrator can take it off"
    );
    let unseen = settings(&checked(kept(), |held| {
        held.vaults[0].vault = None;
        held.vaults[0].unseen = Some("AccessDenied".into());
    }));
    assert_eq!(unseen.encryption.standing, Standing::Unknown);
    assert_eq!(unseen.immutability.standing, Standing::Unknown);
    let without = settings(&checked(kept(), |held| held.plan = None));
    assert_eq!(without.retention.standing, Standing::NotMet);
    assert_eq!(without.cross_account_copy.standing, Standing::NotMet);
    assert_eq!(without.encryption.standing, Standing::Met);
}

#[test]
fn the_worst_of_a_day_stays_and_what_is_known_replaces_what_was_not() {
    let good = settings(&checked(kept(), |_| {}));
    let open = settings(&checked(kept(), |held| {
        held.vaults[0].vault.as_mut().unwrap().locked = false;
    }));
    let unseen = settings(&checked(kept(), |held| {
        held.vaults[0].vault = None;
        held.vaults[0].unseen = Some("AccessDenied".into());
    }));
    assert_eq!(
        open.clone().with(good.clone()).immutability.standing,
        Standing::NotMet
    );
    assert_eq!(good.clone().with(open).immutability.standing, Standing::NotMet);
    assert_eq!(
        unseen.clone().with(good.clone()).immutability.standing,
        Standing::Met
    );
    assert_eq!(good.with(unseen).immutability.standing, Standing::Met);
}
