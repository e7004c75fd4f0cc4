//! Policies as the configuration writes them: one for every source, and what some sources do differently.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{ExportPolicy, Policy, RegionPolicy, Schedule};
use crate::ids::{AccountId, Region, SourceId};

/// What is expected, as it is written. What is left out comes from the general rules, and what they leave out from
/// the defaults: hourly, restorable within two hours in every configured Region, kept as long as AWS keeps it.
///
/// Durations are written as `1h`, `90m` or ISO 8601 (`PT1H`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyRules {
    /// How often a recovery point is expected, at whole multiples since 1970 in UTC.
    pub interval: Option<SignedDuration>,
    /// How long after the whole multiple.
    pub offset: Option<SignedDuration>,
    /// How long after it was due a recovery point is late; a quarter of the interval.
    pub late_after: Option<SignedDuration>,
    /// How old the newest restorable copy may be; two intervals.
    pub rpo_target: Option<SignedDuration>,
    /// How many days AWS Backup keeps recovery points.
    pub retention_days: Option<u32>,
    /// The backup vault, of one name in every Region.
    pub vault: Option<String>,
    /// ARN of the vaults' KMS key; `{region}` and `{account}` stand for the vault's.
    pub kms_key: Option<String>,
    /// The name of the AWS Backup plan; `data-restore`, with the source's name behind it for a source's own rules.
    pub plan: Option<String>,
    /// The role that AWS Backup works as; `{account}` stands for the source's.
    pub backup_role_arn: Option<String>,
    /// ARNs that the plan selects, `*` for anything; every DB instance and cluster, or the source.
    pub resources: Option<Vec<String>>,
    /// The Regions that must hold a restorable copy, besides the source's own; every configured one.
    pub regions: Option<BTreeMap<Region, RegionRules>>,
    /// What becomes of exported copies.
    pub lifecycle: Option<Lifecycle>,
    /// What is exported.
    pub export: Option<ExportPolicy>,
    /// For how many days a proven restore shows that restores work; 90.
    pub restore_test_days: Option<u32>,
}

/// What is expected in one Region, where it differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegionRules {
    /// As in [`PolicyRules`].
    pub rpo_target: Option<SignedDuration>,
    /// As in [`PolicyRules`].
    pub retention_days: Option<u32>,
    /// As in [`PolicyRules`].
    pub vault: Option<String>,
    /// As in [`PolicyRules`].
    pub kms_key: Option<String>,
    /// The accounts into whose vault in this Region AWS Backup copies each recovery point; none.
    pub recovery_points_in: Option<Vec<AccountId>>,
    /// As in [`PolicyRules`].
    pub lifecycle: Option<Lifecycle>,
}

/// What becomes of an exported copy as it ages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Lifecycle {
    /// Days until it moves to a Glacier class; `None`: never.
    pub glacier_after_days: Option<u32>,
    /// Days until it is deleted; `None`: never.
    pub delete_after_days: Option<u32>,
}

/// What rules are resolved against.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The source that the rules are of; `None` for the general ones.
    pub source: Option<&'a SourceId>,
    /// The source's Region.
    pub home: &'a Region,
    /// The source's account.
    pub account: &'a AccountId,
    /// Every configured Region.
    pub regions: &'a [Region],
    /// The vault that is watched in the source's Region.
    pub vault: Option<&'a str>,
}

/// The plan, and the vault where none is configured.
const NAME: &str = "data-restore";
/// The role that AWS Backup makes by default.
const BACKUP_ROLE: &str = "arn:aws:iam::{account}:role/service-role/AWSBackupDefaultServiceRole";
/// An hour, the interval where none is given.
const INTERVAL: SignedDuration = SignedDuration::from_hours(1);
/// A quarter of a year.
const RESTORE_TEST_DAYS: u32 = 90;
/// AWS Backup's limit of a plan's name.
const PLAN_LENGTH_MAX: usize = 50;

impl PolicyRules {
    /// The policy that these rules, a source's own or empty ones, make with the general ones.
    pub fn resolve(&self, general: &Self, around: Surroundings<'_>) -> Policy {
        let schedule = self.schedule(general);
        let rpo_target = self.rpo_target.or(general.rpo_target);
        let rpo_target = rpo_target.unwrap_or_else(|| {
            schedule
                .interval()
                .checked_mul(2)
                .unwrap_or_else(|| schedule.interval())
        });
        let named = self.regions.as_ref().or(general.regions.as_ref());
        let mut regions: Vec<Region> = match named {
            Some(named) => around
                .regions
                .iter()
                .filter(|region| named.contains_key(region) || *region == around.home)
                .cloned()
                .collect(),
            None => around.regions.to_vec(),
        };
        if !regions.contains(around.home) {
            regions.push(around.home.clone());
        }
        regions.sort_by_key(|region| region != around.home);
        let regions = regions
            .into_iter()
            .map(|region| {
                let of = |rules: &Self| {
                    rules
                        .regions
                        .as_ref()
                        .and_then(|regions| regions.get(&region))
                        .cloned()
                };
                let (own, shared) = (of(self).unwrap_or_default(), of(general).unwrap_or_default());
                RegionPolicy {
                    rpo_target_seconds: own
                        .rpo_target
                        .or(self.rpo_target)
                        .or(shared.rpo_target)
                        .unwrap_or(rpo_target)
                        .as_secs(),
                    retention_days: own
                        .retention_days
                        .or(self.retention_days)
                        .or(shared.retention_days)
                        .or(general.retention_days),
                    vault: own
                        .vault
                        .or_else(|| self.vault.clone())
                        .or(shared.vault)
                        .or_else(|| general.vault.clone())
                        .or_else(|| around.vault.map(str::to_owned))
                        .unwrap_or_else(|| NAME.to_owned()),
                    kms_key: own
                        .kms_key
                        .or_else(|| self.kms_key.clone())
                        .or(shared.kms_key)
                        .or_else(|| general.kms_key.clone())
                        .map(|key| key.replace("{region}", region.as_str())),
                    recovery_points_in: own
                        .recovery_points_in
                        .or(shared.recovery_points_in)
                        .unwrap_or_default(),
                    lifecycle: own
                        .lifecycle
                        .or_else(|| self.lifecycle.clone())
                        .or(shared.lifecycle)
                        .or_else(|| general.lifecycle.clone())
                        .unwrap_or_default(),
                    region,
                }
            })
            .collect();
        let role = self
            .backup_role_arn
            .as_deref()
            .or(general.backup_role_arn.as_deref());
        Policy {
            schedule,
            regions,
            export: self
                .export
                .clone()
                .or_else(|| general.export.clone())
                .unwrap_or_default(),
            restore_test_days: self
                .restore_test_days
                .or(general.restore_test_days)
                .unwrap_or(RESTORE_TEST_DAYS),
            plan: match (&self.plan, around.source) {
                (Some(plan), _) => plan.clone(),
                (None, Some(source)) => format!("{NAME}-{}", source.as_str().replace('.', "-")),
                (None, None) => general.plan.clone().unwrap_or_else(|| NAME.to_owned()),
            },
            backup_role_arn: role
                .unwrap_or(BACKUP_ROLE)
                .replace("{account}", around.account.as_str()),
        }
    }

    fn schedule(&self, general: &Self) -> Schedule {
        let interval = self.interval.or(general.interval).unwrap_or(INTERVAL);
        let mut schedule = Schedule::every(interval);
        // An offset or a grace belongs to the interval that it is written beside.
        let beside = if self.interval.is_some() { self } else { general };
        if let Some(offset) = self.offset.or(beside.offset) {
            schedule.offset_seconds = offset.as_secs();
        }
        if let Some(late_after) = self.late_after.or(beside.late_after) {
            schedule.late_after_seconds = late_after.as_secs();
        }
        schedule
    }

    /// What cannot work, as the name of a field and what is wrong with it. `regions` and `accounts` are the configured
    /// ones.
    pub fn fault(&self, general: &Self, around: Surroundings<'_>, accounts: &[AccountId]) -> Option<String> {
        let second = SignedDuration::from_secs(1);
        if self.interval.is_some_and(|interval| interval < second) {
            return Some("interval must be at least a second".to_owned());
        }
        let policy = self.resolve(general, around);
        let schedule = policy.schedule;
        if schedule.offset_seconds < 0 || schedule.offset_seconds >= schedule.interval_seconds {
            return Some("offset must be shorter than the interval".to_owned());
        }
        if schedule.late_after_seconds < 0 || schedule.late_after_seconds > schedule.interval_seconds / 4 * 3
        {
            return Some("late_after must be at most three quarters of the interval".to_owned());
        }
        if !is_name(&policy.plan, PLAN_LENGTH_MAX) {
            return Some(format!(
                "plan: {:?} is no name of a backup plan: 1 to {PLAN_LENGTH_MAX} letters, digits, hyphens and underscores",
                policy.plan
            ));
        }
        for region in self.regions.iter().flat_map(BTreeMap::keys) {
            if !around.regions.contains(region) {
                return Some(format!("regions names {region}, which workflow.regions does not"));
            }
        }
        for resource in self.resources.iter().flatten() {
            if !resource.starts_with("arn:") && resource != "*" {
                return Some(format!("resources: {resource:?} is no ARN"));
            }
        }
        if self.resources.as_ref().is_some_and(Vec::is_empty) {
            return Some("resources is empty: leave it out for every DB instance and cluster".to_owned());
        }
        if let Some(fault) = policy.export.fault() {
            return Some(fault);
        }
        policy
            .regions
            .iter()
            .find_map(|region| region_fault(region, accounts))
    }
}

fn region_fault(expected: &RegionPolicy, accounts: &[AccountId]) -> Option<String> {
    let region = &expected.region;
    if expected.rpo_target_seconds < 1 {
        return Some(format!("rpo_target of {region} must be at least a second"));
    }
    if expected.retention_days == Some(0) {
        return Some(format!("retention_days of {region} must be at least 1"));
    }
    if expected.vault.len() < 2 || !is_name(&expected.vault, 50) {
        return Some(format!(
            "vault: {:?} is no name of a backup vault: 2 to 50 letters, digits, hyphens and underscores",
            expected.vault
        ));
    }
    if let Some(key) = expected
        .kms_key
        .as_ref()
        .filter(|key| !key.starts_with("arn:") || !key.contains(":key/"))
    {
        return Some(format!(
            "kms_key: {key:?} is no ARN of a KMS key, such as arn:aws:kms:{{region}}:{{account}}:key/mrk-1234abcd"
        ));
    }
    if let Some(account) = expected
        .recovery_points_in
        .iter()
        .find(|account| !accounts.contains(account))
    {
        return Some(format!(
            "recovery_points_in of {region} names account {account}, which workflow.accounts does not"
        ));
    }
    match (
        expected.lifecycle.glacier_after_days, expected.lifecycle.delete_after_days,
    ) {
        (_, Some(0)) => Some(format!(
            "lifecycle.delete_after_days of {region} must be at least 1"
        )),
        (Some(glacier), Some(delete)) if delete <= glacier => Some(format!(
            "lifecycle of {region} deletes copies before they move to a Glacier class"
        )),
        _ => None,
    }
}

fn is_name(text: &str, length_max: usize) -> bool {
    (1..=length_max).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions() -> Vec<Region> {
        ["us-east-1", "us-west-2", "eu-west-1"]
            .map(|region| region.parse().unwrap())
            .to_vec()
    }

    fn account() -> AccountId {
        "111122223333".parse().unwrap()
    }

    fn rules(json: serde_json::Value) -> PolicyRules {
        serde_json::from_value(json).unwrap()
    }

    fn around<'a>(home: &'a Region, regions: &'a [Region], account: &'a AccountId) -> Surroundings<'a> {
        Surroundings {
            source: None,
            home,
            account,
            regions,
            vault: Some("hourly"),
        }
    }

    #[test]
    fn what_a_source_says_wins_then_its_region_then_the_general_rules() {
        let (regions, account) = (regions(), account());
        let source: SourceId = "shop".parse().unwrap();
        let general = rules(serde_json::json!({
            "rpo_target": "3h", "retention_days": 35, "kms_key": "arn:aws:kms:{region}:{account}:key/all", "late_after": "10m",
            "regions": {"us-west-2": {"retention_days": 7, "kms_key": "arn:aws:kms:us-west-2:{account}:key/west", "recovery_points_in": ["111122223333"]}}
        }));
        let own = rules(serde_json::json!({"interval": "6h", "retention_days": 90}));
        let home = &regions[0];
        let policy = PolicyRules::default().resolve(&general, around(home, &regions, &account));
        assert_eq!(policy.plan, "data-restore");
        assert_eq!(
            policy.schedule,
            Schedule {
                late_after_seconds: 600,
                ..Schedule::every(INTERVAL)
            }
        );
        let told: Vec<_> = policy
            .regions
            .iter()
            .map(|r| (r.region.as_str(), r.retention_days, r.kms_key.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                (
                    "us-east-1",
                    Some(35),
                    Some("arn:aws:kms:us-east-1:{account}:key/all")
                ),
                (
                    "us-west-2",
                    Some(7),
                    Some("arn:aws:kms:us-west-2:{account}:key/west")
                )
            ]
        );
        assert_eq!(
            policy.regions[1].recovery_points_in,
            std::slice::from_ref(&account)
        );
        assert!(policy.backup_role_arn.contains("111122223333"));

        let surroundings = Surroundings {
            source: Some(&source),
            ..around(&regions[1], &regions, &account)
        };
        let policy = own.resolve(&general, surroundings);
        assert_eq!(
            (policy.plan.as_str(), policy.schedule.interval_seconds),
            ("data-restore-shop", 6 * 3600)
        );
        assert_eq!(
            policy.schedule.late_after_seconds, 5400,
            "the grace of another interval is not taken over"
        );
        assert_eq!(
            policy.regions[0].region, regions[1],
            "the source's own Region is first"
        );
        assert_eq!(policy.regions[0].retention_days, Some(90));
        assert_eq!(policy.rpo_target(&regions[2]).as_secs(), 3 * 3600);

        let plain = PolicyRules::default().resolve(&PolicyRules::default(), around(home, &regions, &account));
        assert_eq!(plain.regions.len(), 3);
        assert_eq!(
            (
                plain.regions[2].vault.as_str(),
                plain.regions[2].rpo_target_seconds
            ),
            ("hourly", 7200)
        );
    }

    #[test]
    fn what_cannot_work_is_named() {
        let (regions, account) = (regions(), account());
        for (json, expected) in [
            (serde_json::json!({}), None),
            (serde_json::json!({"interval": "0s"}), Some("interval")),
            (serde_json::json!({"offset": "1h"}), Some("offset")),
            (serde_json::json!({"late_after": "50m"}), Some("late_after")),
            (
                serde_json::json!({"rpo_target": "0s"}),
                Some("rpo_target of us-east-1"),
            ),
            (serde_json::json!({"retention_days": 0}), Some("retention_days")),
            (
                serde_json::json!({"kms_key": "alias/all"}),
                Some("no ARN of a KMS key"),
            ),
            (
                serde_json::json!({"vault": "a b"}),
                Some("no name of a backup vault"),
            ),
            (
                serde_json::json!({"plan": "all plans"}),
                Some("no name of a backup plan"),
            ),
            (
                serde_json::json!({"resources": ["shop"]}),
                Some("\"shop\" is no ARN"),
            ),
            (serde_json::json!({"resources": []}), Some("resources is empty")),
            (
                serde_json::json!({"regions": {"sa-east-1": {}}}),
                Some("regions names sa-east-1"),
            ),
            (
                serde_json::json!({"regions": {"us-west-2": {"recovery_points_in": ["444455556666"]}}}),
                Some("account 444455556666"),
            ),
            (
                serde_json::json!({"export": {"tables": ["a b"]}}),
                Some("no table"),
            ),
            (
                serde_json::json!({"lifecycle": {"glacier_after_days": 30, "delete_after_days": 30}}),
                Some("before they move"),
            ),
        ] {
            let accounts = std::slice::from_ref(&account);
            let fault = rules(json.clone()).fault(
                &PolicyRules::default(),
                around(&regions[0], &regions, &account),
                accounts,
            );
            assert_eq!(fault.is_some(), expected.is_some(), "{json}: {fault:?}");
            assert!(
                fault
                    .clone()
                    .unwrap_or_default()
                    .contains(expected.unwrap_or_default()),
                "{fault:?}"
            );
        }
        assert!(serde_json::from_value::<PolicyRules>(serde_json::json!({"retention": 3})).is_err());
    }
}
