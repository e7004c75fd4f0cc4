//! A policy against what an account may hold: what is found, and what would be changed.

use serde_json::json;

use super::*;
use crate::ids::AccountId;

const EAST: &str = "us-east-1";
const WEST: &str = "us-west-2";
const SHOP: &str = "arn:aws:rds:us-east-1:111122223333:db:shop";
const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1";

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

/// Hourly, kept 35 days, copied into another account's vault in the west for 7.
fn wanted() -> (Wanted, Schedule) {
    let rules: PolicyRules = serde_json::from_value(json!({
        "retention_days": 35, "kms_key": "arn:aws:kms:us-east-1:111122223333:key/1",
        "regions": {"us-west-2": {"retention_days": 7, "recovery_points_in": ["444455556666"]}}
    }))
    .unwrap();
    let regions = [EAST, WEST].map(|region| region.parse().unwrap());
    let home = account("111122223333");
    let around = Surroundings {
        source: None,
        home: &regions[0],
        account: &home,
        regions: &regions,
        vault: Some("hourly"),
    };
    let policy = PolicyRules::default().resolve(&rules, around);
    let resources = vec!["arn:aws:rds:*:*:db:*".to_owned()];
    let without = vec![format!("{SHOP}-2")];
    (
        Wanted::of(&policy, &home, resources, without).unwrap(),
        policy.schedule,
    )
}

/// An account that holds just what is wanted.
fn held(wanted: &Wanted) -> Held {
    let rule = &wanted.plan.rule;
    Held {
        plan: Some(PlanHeld {
            id: "p-1".into(),
            name: "data-restore".into(),
            version: "v1".into(),
            rules: vec![RuleHeld {
                name: rule.name.clone(),
                vault: rule.vault.clone(),
                schedule: "cron(0 * * * ? *)".into(),
                start_window_minutes: Some(60),
                delete_after_days: Some(35),
                copies: vec![CopyHeld {
                    vault_arn: rule.copies[0].vault_arn.clone(),
                    delete_after_days: Some(7),
                }],
                ..RuleHeld::default()
            }],
            selections: vec![SelectionHeld {
                name: "data-restore".into(),
                role_arn: wanted.plan.selection.role_arn.clone(),
                resources: vec!["arn:aws:rds:*:*:db:*".into()],
                not_resources: vec![format!("{SHOP}-2")],
                by_tags: false,
            }],
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
                    kms_key_arn: vault.kms_key.clone(),
                    recovery_points: 3,
                    locked: false,
                    min_retention_days: None,
                    max_retention_days: None,
                    lock_date: None,
                }),
                unseen: None,
            })
            .collect(),
        databases: vec![SHOP.into()],
        ..Held::default()
    }
}

fn plan(held: &mut Held) -> &mut PlanHeld {
    held.plan.as_mut().unwrap()
}

fn rule(held: &mut Held) -> &mut RuleHeld {
    &mut plan(held).rules[0]
}

fn vault(held: &mut Held, index: usize) -> &mut VaultHeld {
    held.vaults[index].vault.as_mut().unwrap()
}

fn lock(held: &mut Held, index: usize, least: i64, most: i64) {
    let vault = vault(held, index);
    vault.locked = true;
    (vault.min_retention_days, vault.max_retention_days) = (Some(least), Some(most));
}

/// What `change` makes wrong, and what would be done about it.
fn check_case(name: &str, change: fn(&mut Held), findings: &[(&str, Severity)], done: &[&str]) {
    let (wanted, schedule) = wanted();
    let mut held = held(&wanted);
    change(&mut held);
    let found = check(&wanted, &schedule, &held);
    let told: Vec<_> = found
        .iter()
        .map(|finding| (finding.code.as_str(), finding.severity))
        .collect();
    assert_eq!(told, findings, "{name}: {found:#?}");
    let changes: Vec<String> = changes(&wanted, &schedule, &held)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(changes.len(), done.len(), "{name}: {changes:#?}");
    for (change, part) in changes.iter().zip(done) {
        assert!(change.contains(part), "{name}: {change}");
    }
}

#[test]
fn whatever_differs_is_found_and_only_what_can_be_brought_in_is_changed() {
    use Severity::{Contradiction, Remark, Unknown};
    check_case("as it should be", |_| {}, &[], &[]);
    check_case(
        "nothing there",
        |held| {
            held.plan = None;
            held.vaults.iter_mut().for_each(|vault| vault.vault = None);
        },
        &[
            ("plan_missing", Contradiction),
            ("vault_missing", Contradiction),
            ("vault_missing", Contradiction),
        ],
        &[
            "+ vault hourly in us-east-1 (111122223333), encrypted by arn:aws:kms:us-east-1:111122223333:key/1",
            "+ vault hourly in us-west-2 (444455556666)",
            "+     copy to arn:aws:backup:us-west-2:444455556666:backup-vault:hourly, deleted after 7 days",
            "+   without arn:aws:rds:us-east-1:111122223333:db:shop-2",
        ],
    );
    check_case(
        "daily and shifted",
        |held| {
            rule(held).schedule = "cron(0 5 ? * * *)".into();
        },
        &[("schedule_rarer", Contradiction)],
        &["-   schedule cron(0 5 ? * * *)\n+   schedule cron(0 * ? * * *)"],
    );
    check_case(
        "at half past",
        |held| {
            rule(held).schedule = "cron(30 * ? * * *)".into();
        },
        &[("schedule_shifted", Contradiction)],
        &["+   schedule cron(0 * ? * * *)"],
    );
    check_case(
        "on the first of the month",
        |held| {
            rule(held).schedule = "cron(0 5 1 * ? *)".into();
        },
        &[("schedule_unclear", Unknown)],
        &["-   schedule cron(0 5 1 * ? *)"],
    );
    check_case(
        "more often",
        |held| {
            rule(held).schedule = "cron(0/30 * ? * * *)".into();
        },
        &[],
        &[],
    );
    check_case(
        "kept too short, and copies too long",
        |held| {
            rule(held).delete_after_days = Some(7);
            rule(held).copies[0].delete_after_days = None;
        },
        &[
            ("retention_shorter", Contradiction),
            ("retention_longer", Contradiction),
        ],
        &["deleted after never"],
    );
    check_case(
        "no copy, and another one",
        |held| {
            rule(held).copies[0].vault_arn =
                "arn:aws:backup:eu-west-1:111122223333:backup-vault:other".into();
        },
        &[("copy_missing", Contradiction), ("copy_unexpected", Remark)],
        &["+   copy to arn:aws:backup:us-west-2:444455556666:backup-vault:hourly"],
    );
    check_case(
        "a rule of another name into the vault is adopted",
        |held| {
            rule(held).name = "theirs".into();
            rule(held).delete_after_days = None;
        },
        &[("retention_longer", Contradiction)],
        &["~ rule theirs of plan data-restore"],
    );
    check_case(
        "a rule into another vault is not",
        |held| {
            rule(held).name = "theirs".into();
            rule(held).vault = "other".into();
        },
        &[("rule_missing", Contradiction)],
        &["+ rule data-restore of plan data-restore"],
    );
    check_case(
        "nothing selected",
        |held| plan(held).selections.clear(),
        &[("selection_missing", Contradiction)],
        &["+ selection data-restore of plan data-restore"],
    );
    check_case(
        "one left out",
        |held| {
            plan(held).selections[0].not_resources = vec![SHOP.into()];
        },
        &[("not_selected", Contradiction), ("selected_twice", Remark)],
        &["+   arn:aws:rds:us-east-1:111122223333:db:shop"],
    );
    check_case(
        "selected by tags",
        |held| {
            plan(held).selections[0].resources.clear();
            plan(held).selections[0].by_tags = true;
        },
        &[("selection_by_tags", Unknown)],
        &[],
    );
    check_case(
        "as another role, with a long window",
        |held| {
            plan(held).selections[0].role_arn = "arn:aws:iam::111122223333:role/other".into();
            rule(held).start_window_minutes = None;
        },
        &[("start_window", Remark), ("selection_role", Remark)],
        &[],
    );
    check_case(
        "another key",
        |held| {
            vault(held, 0).kms_key_arn = Some(format!("{KEY}2"));
        },
        &[("vault_key", Contradiction)],
        &[],
    );
    check_case(
        "locks that refuse",
        |held| {
            lock(held, 0, 60, 90);
            lock(held, 1, 1, 5);
        },
        &[("vault_lock", Contradiction), ("vault_lock", Contradiction)],
        &[],
    );
    check_case("a lock that agrees", |held| lock(held, 0, 7, 35), &[], &[]);
    check_case(
        "a vault to restore from",
        |held| {
            vault(held, 1).kind = VaultKind::RestoreAccess;
        },
        &[("vault_kind", Contradiction)],
        &[],
    );
    check_case(
        "not seen: nothing is made blindly",
        |held| {
            held.plan = None;
            held.plan_unseen = Some("access denied".into());
            held.vaults[1].vault = None;
            held.vaults[1].unseen = Some("the credentials are of another account".into());
        },
        &[("plan_unseen", Unknown), ("vault_unseen", Unknown)],
        &[],
    );
}

#[test]
fn a_change_of_one_thing_leaves_the_wording_of_the_schedule() {
    let (wanted, schedule) = wanted();
    let mut held = held(&wanted);
    rule(&mut held).delete_after_days = None;
    let [Change::SetRule { to, version, .. }] = &changes(&wanted, &schedule, &held)[..] else {
        panic!("one rule is set");
    };
    assert_eq!(to.schedule.as_deref(), Some("cron(0 * * * ? *)"));
    assert_eq!(version, "v1");
}

#[test]
fn protection_is_told_in_words() {
    let (wanted, _) = wanted();
    let mut held = held(&wanted);
    let now: jiff::Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
    assert_eq!(vault(&mut held, 0).protection(now), "not locked");
    lock(&mut held, 0, 7, 365);
    assert_eq!(
        vault(&mut held, 0).protection(now),
        "locked (governance), 7 to 365 days"
    );
    vault(&mut held, 0).lock_date = Some(now);
    vault(&mut held, 0).kind = VaultKind::AirGapped;
    assert_eq!(
        vault(&mut held, 0).protection(now),
        "logically air-gapped, locked for good since 2026-11-20T08:00:00Z, 7 to 365 days"
    );
}
