//! What is promised of AWS Backup: vaults, plans, selections. Recovery points come from jobs, and so their tests are the
//! pipeline's.

use aws::ErrorKind;
use aws::backup::Made;
use futures::StreamExt as _;
use recovery::ids::RecoveryPointArn;
use recovery::policy::{CopyWanted, RuleWanted, SelectionWanted, VaultKind, VaultWanted};

use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        a_vault_is_made_once_and_described,
        an_absent_vault_is_none,
        an_absent_vault_has_no_recovery_points,
        a_vault_that_is_empty_is_listed_as_such,
        an_absent_recovery_point_is_none,
        a_plan_is_told_as_it_was_made,
        a_rule_is_changed_and_the_others_stay,
        a_plan_that_somebody_changed_is_left_alone,
        an_absent_plan_is_none,
        a_selection_is_made_once_and_told,
        an_account_without_backups_protects_nothing,
    ]
}

fn vault(at: &Place, what: &str) -> VaultWanted {
    VaultWanted {
        region: at.home.clone(),
        account: at.account.clone(),
        name: at.name(what),
        kms_key: None,
        retention_days: None,
    }
}

fn rule(name: &str, vault: &VaultWanted) -> RuleWanted {
    RuleWanted {
        name: name.into(),
        vault: vault.name.clone(),
        schedule: Some("cron(0 * ? * * *)".into()),
        schedule_fault: None,
        start_window_minutes: 60,
        completion_window_minutes: 120,
        delete_after_days: Some(35),
        copies: Vec::new(),
    }
}

/// A plan with one rule; its id.
async fn plan(at: &Place, what: &str, rule: &RuleWanted) -> String {
    let name = at.name(what);
    at.cloud
        .create_backup_plan(&at.home, &at.account, &name, rule)
        .await
        .unwrap();
    let plans = at.cloud.list_backup_plans(&at.home, &at.account).await.unwrap();
    plans.into_iter().find(|plan| plan.name == name).unwrap().id
}

async fn a_vault_is_made_once_and_described(at: &Place) {
    let wanted = vault(at, "made");
    at.cloud.create_vault(&wanted).await.unwrap();
    let again = at.cloud.create_vault(&wanted).await.unwrap_err();
    assert_eq!(again.kind, ErrorKind::AlreadyExists, "{again}");
    let arn = format!(
        "arn:aws:backup:{}:{}:backup-vault:{}",
        at.home, at.account, wanted.name
    );
    let found = at
        .cloud
        .describe_vault(&at.home, &at.account, &wanted.name)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (&found.arn, found.kind, found.recovery_points),
        (&arn, VaultKind::Standard, 0)
    );
    assert!(!found.locked);
    let all = at.cloud.list_vaults(&at.home, &at.account).await.unwrap();
    let listed = all.into_iter().find(|vault| vault.name == wanted.name).unwrap();
    assert_eq!((listed.arn, listed.recovery_points), (arn, 0));
    let away = at
        .cloud
        .describe_vault(&at.away, &at.account, &wanted.name)
        .await
        .unwrap();
    assert_eq!(away, None);
}

async fn an_absent_vault_is_none(at: &Place) {
    let found = at
        .cloud
        .describe_vault(&at.home, &at.account, &at.name("none"))
        .await
        .unwrap();
    assert_eq!(found, None);
}

async fn an_absent_vault_has_no_recovery_points(at: &Place) {
    let points = at
        .cloud
        .list_recovery_points(&at.home, &at.account, &at.name("none"), Made::default());
    let points: Vec<_> = points.collect().await;
    let [Err(error)] = points.as_slice() else {
        panic!("one error: {points:?}");
    };
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
}

async fn a_vault_that_is_empty_is_listed_as_such(at: &Place) {
    let wanted = vault(at, "empty");
    at.cloud.create_vault(&wanted).await.unwrap();
    let made = Made {
        after: Some("2026-11-01T00:00:00Z".parse().unwrap()),
        before: Some("2026-11-02T00:00:00Z".parse().unwrap()),
    };
    for made in [Made::default(), made] {
        let points = at
            .cloud
            .list_recovery_points(&at.home, &at.account, &wanted.name, made);
        assert_eq!(points.count().await, 0);
    }
}

async fn an_absent_recovery_point_is_none(at: &Place) {
    let wanted = vault(at, "point");
    at.cloud.create_vault(&wanted).await.unwrap();
    let arn = format!(
        "arn:aws:rds:{}:{}:snapshot:awsbackup:job-none",
        at.home, at.account
    );
    let arn: RecoveryPointArn = arn.parse().unwrap();
    let found = at
        .cloud
        .describe_recovery_point(&at.home, &at.account, &wanted.name, &arn)
        .await
        .unwrap();
    assert_eq!(found, None);
}

async fn a_plan_is_told_as_it_was_made(at: &Place) {
    let (vault, other) = (vault(at, "vault"), vault(at, "copies"));
    for vault in [&vault, &other] {
        at.cloud.create_vault(vault).await.unwrap();
    }
    let copy = CopyWanted {
        vault_arn: format!(
            "arn:aws:backup:{}:{}:backup-vault:{}",
            at.home, at.account, other.name
        ),
        delete_after_days: Some(7),
    };
    let wanted = RuleWanted {
        copies: vec![copy.clone()],
        ..rule("hourly", &vault)
    };
    let id = plan(at, "told", &wanted).await;
    let found = at
        .cloud
        .get_backup_plan(&at.home, &at.account, &id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.id, found.name), (id, at.name("told")));
    assert!(!found.version.is_empty());
    let [rule] = found.rules.as_slice() else {
        panic!("one rule: {:?}", found.rules);
    };
    assert_eq!((rule.name.as_str(), &rule.vault), ("hourly", &vault.name));
    assert_eq!(rule.schedule, "cron(0 * ? * * *)");
    assert_eq!(
        (rule.start_window_minutes, rule.completion_window_minutes),
        (Some(60), Some(120))
    );
    assert_eq!((rule.delete_after_days, rule.cold_after_days), (Some(35), None));
    assert_eq!(rule.copies.len(), 1);
    assert_eq!(
        (&rule.copies[0].vault_arn, rule.copies[0].delete_after_days),
        (&copy.vault_arn, Some(7))
    );
}

async fn a_rule_is_changed_and_the_others_stay(at: &Place) {
    let vault = vault(at, "vault");
    at.cloud.create_vault(&vault).await.unwrap();
    let id = plan(at, "changed", &rule("hourly", &vault)).await;
    let version = |plan: Option<recovery::policy::PlanHeld>| plan.unwrap().version;
    let first = version(
        at.cloud
            .get_backup_plan(&at.home, &at.account, &id)
            .await
            .unwrap(),
    );
    let daily = rule("daily", &vault);
    at.cloud
        .set_backup_rule(&at.home, &at.account, &id, &first, &daily)
        .await
        .unwrap();
    let second = version(
        at.cloud
            .get_backup_plan(&at.home, &at.account, &id)
            .await
            .unwrap(),
    );
    assert_ne!(first, second);
    let longer = RuleWanted {
        delete_after_days: Some(70),
        ..daily
    };
    at.cloud
        .set_backup_rule(&at.home, &at.account, &id, &second, &longer)
        .await
        .unwrap();
    let found = at
        .cloud
        .get_backup_plan(&at.home, &at.account, &id)
        .await
        .unwrap()
        .unwrap();
    let mut rules: Vec<_> = found
        .rules
        .iter()
        .map(|rule| (rule.name.as_str(), rule.delete_after_days))
        .collect();
    rules.sort_unstable();
    assert_eq!(rules, [("daily", Some(70)), ("hourly", Some(35))]);
}

async fn a_plan_that_somebody_changed_is_left_alone(at: &Place) {
    let vault = vault(at, "vault");
    at.cloud.create_vault(&vault).await.unwrap();
    let id = plan(at, "stale", &rule("hourly", &vault)).await;
    let stale = at
        .cloud
        .set_backup_rule(&at.home, &at.account, &id, "stale", &rule("daily", &vault))
        .await
        .unwrap_err();
    assert_eq!(stale.kind, ErrorKind::Precondition, "{stale}");
    let found = at
        .cloud
        .get_backup_plan(&at.home, &at.account, &id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.rules.len(), 1);
}

async fn an_absent_plan_is_none(at: &Place) {
    let none = "1234abcd-12ab-34cd-56ef-1234567890ab";
    assert_eq!(
        at.cloud
            .get_backup_plan(&at.home, &at.account, none)
            .await
            .unwrap(),
        None
    );
}

async fn a_selection_is_made_once_and_told(at: &Place) {
    let vault = vault(at, "vault");
    at.cloud.create_vault(&vault).await.unwrap();
    let id = plan(at, "selected", &rule("hourly", &vault)).await;
    assert_eq!(
        at.cloud
            .backup_selections(&at.home, &at.account, &id)
            .await
            .unwrap()
            .len(),
        0
    );
    let wanted = SelectionWanted {
        name: "databases".into(),
        role_arn: format!("arn:aws:iam::{}:role/backup", at.account),
        resources: vec!["arn:aws:rds:*:*:db:*".into()],
        not_resources: vec![format!("arn:aws:rds:{}:{}:db:none", at.home, at.account)],
    };
    at.cloud
        .create_backup_selection(&at.home, &at.account, &id, &wanted)
        .await
        .unwrap();
    let found = at
        .cloud
        .backup_selections(&at.home, &at.account, &id)
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0].name, &found[0].role_arn),
        (&wanted.name, &wanted.role_arn)
    );
    assert_eq!(
        (&found[0].resources, &found[0].not_resources),
        (&wanted.resources, &wanted.not_resources)
    );
    assert!(!found[0].by_tags);
    let again = at
        .cloud
        .create_backup_selection(&at.home, &at.account, &id, &wanted)
        .await
        .unwrap_err();
    assert_eq!(again.kind, ErrorKind::AlreadyExists, "{again}");
}

async fn an_account_without_backups_protects_nothing(at: &Place) {
    let found = at
        .cloud
        .list_protected_resources(&at.home, &at.account, 10)
        .await
        .unwrap();
    assert_eq!(found, []);
}
