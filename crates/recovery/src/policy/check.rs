//! What in an account contradicts a policy.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::wanted::covers;
use super::{
    Held, HeldVault, PlanHeld, Policy, Rhythm, RuleHeld, RuleWanted, Schedule, VaultHeld, VaultKind,
    VaultWanted, Wanted,
};
use crate::ids::{AccountId, Region, SourceId};

/// How much a finding matters. The order is that of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PolicySeverity))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the policy holds all the same.
    Remark,
    /// It could not be looked at. What is not known never holds.
    Unknown,
    /// It contradicts the policy.
    Contradiction,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PolicyFinding))]
pub struct Finding {
    /// A stable name: `plan_missing`, `schedule_rarer`, …
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// Where.
    pub region: Region,
    /// In whose account.
    pub account: AccountId,
    /// One sentence: what is expected and what there is.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// A policy, what accounts hold, and what of it contradicts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyCheck {
    /// `default`, or the source whose own rules these are.
    pub name: String,
    /// The sources that it is of, as far as they are known.
    pub sources: Vec<SourceId>,
    /// What is expected.
    pub policy: Policy,
    /// What that needs of AWS Backup.
    pub wanted: Wanted,
    /// What there is.
    pub held: Held,
    /// What was found, the gravest first.
    pub findings: Vec<Finding>,
    /// Whether nothing contradicts, and everything could be looked at.
    pub holds: bool,
    /// When it was looked at.
    pub checked_at: Timestamp,
}

/// Everything about `held` that is worth saying of what `wanted` asks for on `schedule`, the gravest first.
pub fn check(wanted: &Wanted, schedule: &Schedule, held: &Held) -> Vec<Finding> {
    let mut findings = Findings::new(&wanted.plan.region, &wanted.plan.account);
    check_plan(wanted, schedule, held, &mut findings);
    for vault in &wanted.vaults {
        let seen = held.vault(vault);
        findings.region.clone_from(&vault.region);
        findings.account.clone_from(&vault.account);
        check_vault(vault, seen, &mut findings);
    }
    let mut found = findings.found;
    found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    found
}

/// Where findings of one place are gathered.
struct Findings {
    region: Region,
    account: AccountId,
    found: Vec<Finding>,
}

impl Findings {
    fn new(region: &Region, account: &AccountId) -> Self {
        Self {
            region: region.clone(),
            account: account.clone(),
            found: Vec::new(),
        }
    }

    fn add(&mut self, severity: Severity, code: &str, message: String, hint: &str) {
        self.found.push(Finding {
            code: code.to_owned(),
            severity,
            region: self.region.clone(),
            account: self.account.clone(),
            message,
            hint: hint.to_owned(),
        });
    }
}

impl Held {
    /// What was seen of a vault.
    pub(super) fn vault(&self, wanted: &VaultWanted) -> Option<&HeldVault> {
        self.vaults.iter().find(|held| {
            held.region == wanted.region && held.account == wanted.account && held.name == wanted.name
        })
    }
}

impl PlanHeld {
    /// The rule that is the policy's: the one of its name, else the one that backs up into its vault.
    pub(super) fn rule(&self, wanted: &RuleWanted) -> Option<&RuleHeld> {
        let named = self.rules.iter().find(|rule| rule.name == wanted.name);
        named.or_else(|| self.rules.iter().find(|rule| rule.vault == wanted.vault))
    }
}

/// One way in which a rule is not what it should be.
pub(super) struct Difference {
    pub(super) code: &'static str,
    /// As it stands in a diff.
    pub(super) what: &'static str,
    pub(super) expected: String,
    pub(super) found: String,
}

/// How `held` contradicts `wanted`.
pub(super) fn differences(wanted: &RuleWanted, schedule: &Schedule, held: &RuleHeld) -> Vec<Difference> {
    let mut found = Vec::new();
    let days = |days: Option<i64>| days.map_or_else(|| "never".to_owned(), |days| format!("{days} days"));
    if held.vault != wanted.vault {
        found.push(Difference {
            code: "rule_vault",
            what: "vault",
            expected: wanted.vault.clone(),
            found: held.vault.clone(),
        });
    }
    if let Some(expression) = &wanted.schedule {
        let is_utc = held
            .time_zone
            .as_deref()
            .is_none_or(|zone| matches!(zone, "UTC" | "Etc/UTC"));
        let code = match Rhythm::read(&held.schedule) {
            Ok(rhythm) if rhythm.longest_gap() > schedule.interval_seconds => Some("schedule_rarer"),
            // Hours of another zone say nothing about hours of UTC; how often it is stays true.
            Ok(rhythm) if is_utc && !rhythm.answers(schedule) => Some("schedule_shifted"),
            Ok(_) => None,
            Err(_) => Some("schedule_unclear"),
        };
        if let Some(code) = code {
            found.push(Difference {
                code,
                what: "schedule",
                expected: expression.clone(),
                found: match &held.time_zone {
                    Some(zone) if !is_utc => format!("{} in {zone}", held.schedule),
                    _ => held.schedule.clone(),
                },
            });
        }
    }
    if let Some(expected) = wanted.delete_after_days
        && held.delete_after_days != Some(i64::from(expected))
    {
        found.push(Difference {
            code: retention_code(held.delete_after_days, expected),
            what: "recovery points are deleted after",
            expected: days(Some(i64::from(expected))),
            found: days(held.delete_after_days),
        });
    }
    for copy in &wanted.copies {
        let there = held.copies.iter().find(|there| there.vault_arn == copy.vault_arn);
        match (there, copy.delete_after_days) {
            (None, expected) => found.push(Difference {
                code: "copy_missing",
                what: "copy to",
                expected: match expected {
                    Some(expected) => format!("{}, deleted after {expected} days", copy.vault_arn),
                    None => copy.vault_arn.clone(),
                },
                found: "none".to_owned(),
            }),
            (Some(there), Some(expected)) if there.delete_after_days != Some(i64::from(expected)) => {
                found.push(Difference {
                    code: retention_code(there.delete_after_days, expected),
                    what: "copies are deleted after",
                    expected: format!("{expected} days in {}", copy.vault_arn),
                    found: days(there.delete_after_days),
                });
            }
            (Some(_), _) => {}
        }
    }
    found
}

fn retention_code(found: Option<i64>, expected: u32) -> &'static str {
    if found.is_some_and(|found| found < i64::from(expected)) {
        "retention_shorter"
    } else {
        "retention_longer"
    }
}

fn check_plan(wanted: &Wanted, schedule: &Schedule, held: &Held, findings: &mut Findings) {
    const APPLY: &str = "Run `data-restore policy apply`, or change the policy.";
    let plan = &wanted.plan;
    if let Some(cause) = &held.plan_unseen {
        return findings.add(
            Severity::Unknown,
            "plan_unseen",
            format!("Backup plans could not be looked at: {cause}"),
            "Give these credentials backup:ListBackupPlans, GetBackupPlan, ListBackupSelections and GetBackupSelection.",
        );
    }
    if let Some(fault) = &plan.rule.schedule_fault {
        findings.add(
            Severity::Contradiction,
            "schedule_unsayable",
            format!("No backup plan can keep this policy's schedule: {fault}."),
            "Change the policy's interval, or back up by other means.",
        );
    }
    let Some(there) = &held.plan else {
        return findings.add(
            Severity::Contradiction,
            "plan_missing",
            format!("There is no backup plan {}.", plan.name),
            APPLY,
        );
    };
    match there.rule(&plan.rule) {
        None => findings.add(
            Severity::Contradiction,
            "rule_missing",
            format!(
                "Plan {} has no rule that backs up into vault {}.",
                there.name, plan.rule.vault
            ),
            APPLY,
        ),
        Some(rule) => {
            for difference in differences(&plan.rule, schedule, rule) {
                let severity = if difference.code == "schedule_unclear" {
                    Severity::Unknown
                } else {
                    Severity::Contradiction
                };
                let Difference {
                    what,
                    expected,
                    found,
                    ..
                } = &difference;
                let message = format!(
                    "Rule {} of plan {}: {what} {found}; the policy says {expected}.",
                    rule.name, there.name
                );
                findings.add(severity, difference.code, message, APPLY);
            }
            remark_on_rule(&plan.rule, schedule, rule, findings);
        }
    }
    check_selection(wanted, there, held, findings);
}

fn remark_on_rule(wanted: &RuleWanted, schedule: &Schedule, rule: &RuleHeld, findings: &mut Findings) {
    let window = rule.start_window_minutes.unwrap_or(480);
    if window > 60 && window * 60 > schedule.interval_seconds {
        findings.add(
            Severity::Remark,
            "start_window",
            format!("Rule {} lets a backup begin up to {window} minutes after its time.", rule.name),
            "A start window of 60 minutes, the least that AWS Backup takes, shows late backups as failed jobs.",
        );
    }
    for copy in rule.copies.iter().filter(|copy| {
        wanted
            .copies
            .iter()
            .all(|known| known.vault_arn != copy.vault_arn)
    }) {
        findings.add(
            Severity::Remark,
            "copy_unexpected",
            format!(
                "Rule {} copies recovery points to {}, which the policy does not ask for.",
                rule.name, copy.vault_arn
            ),
            "Name its account in recovery_points_in of that Region, or remove the copy action in AWS Backup.",
        );
    }
}

fn check_selection(wanted: &Wanted, there: &PlanHeld, held: &Held, findings: &mut Findings) {
    let selected = |arn: &str| there.selections.iter().any(|selection| covers(selection, arn));
    let by_tags = there.selections.iter().any(|selection| selection.by_tags);
    if let Some(cause) = &held.databases_unseen {
        findings.add(
            Severity::Unknown,
            "databases_unseen",
            format!("Databases could not be looked at: {cause}"),
            "Give these credentials rds:DescribeDBInstances and rds:DescribeDBClusters.",
        );
    }
    if there.selections.is_empty() {
        return findings.add(
            Severity::Contradiction,
            "selection_missing",
            format!("Plan {} selects nothing.", there.name),
            "Run `data-restore policy apply`.",
        );
    }
    for arn in held.databases.iter().filter(|arn| !selected(arn)) {
        if by_tags {
            findings.add(
                Severity::Unknown,
                "selection_by_tags",
                format!(
                    "Plan {} selects by tags, and whether {arn} has them is not looked at.",
                    there.name
                ),
                "Select it by ARN, or look at its recovery points: `data-restore resources`.",
            );
        } else {
            findings.add(
                Severity::Contradiction,
                "not_selected",
                format!("Plan {} does not select {arn}.", there.name),
                "Run `data-restore policy apply`, or give the source a policy of its own.",
            );
        }
    }
    for arn in &wanted.plan.selection.not_resources {
        if selected(arn) {
            findings.add(
                Severity::Remark,
                "selected_twice",
                format!(
                    "Plan {} selects {arn} too, which has a policy of its own: it is backed up by two plans.",
                    there.name
                ),
                "Replace the selection in AWS Backup by one that leaves it out.",
            );
        }
    }
    for selection in there
        .selections
        .iter()
        .filter(|selection| selection.role_arn != wanted.plan.selection.role_arn)
    {
        findings.add(
            Severity::Remark,
            "selection_role",
            format!(
                "Selection {} of plan {} works as {}; the policy says {}.",
                selection.name, there.name, selection.role_arn, wanted.plan.selection.role_arn
            ),
            "Set backup_role_arn, or replace the selection in AWS Backup.",
        );
    }
}

fn check_vault(wanted: &VaultWanted, seen: Option<&HeldVault>, findings: &mut Findings) {
    let name = &wanted.name;
    let there = match seen {
        Some(HeldVault {
            unseen: Some(cause), ..
        }) => {
            return findings.add(
                Severity::Unknown,
                "vault_unseen",
                format!("Vault {name} could not be looked at: {cause}"),
                "Use credentials of its account, with backup:DescribeBackupVault.",
            );
        }
        Some(HeldVault {
            vault: Some(vault), ..
        }) => vault,
        Some(HeldVault { vault: None, .. }) | None => {
            return findings.add(
                Severity::Contradiction,
                "vault_missing",
                format!("There is no backup vault {name}."),
                "Run `data-restore policy apply`.",
            );
        }
    };
    check_key(wanted, there, findings);
    if there.kind == VaultKind::RestoreAccess {
        findings.add(
            Severity::Contradiction,
            "vault_kind",
            format!("Vault {name} is a restore access vault: nothing can be backed up or copied into it."),
            "Name another vault.",
        );
    }
    let Some(days) = wanted.retention_days.map(i64::from) else {
        return;
    };
    if let Some(least) = there
        .min_retention_days
        .filter(|least| there.locked && days < *least)
    {
        findings.add(
            Severity::Contradiction,
            "vault_lock",
            format!("The lock of vault {name} refuses what is kept less than {least} days; the policy says {days}."),
            "Backup and copy jobs into this vault fail. Raise retention_days, or name another vault.",
        );
    }
    if let Some(most) = there
        .max_retention_days
        .filter(|most| there.locked && days > *most)
    {
        findings.add(
            Severity::Contradiction,
            "vault_lock",
            format!(
                "The lock of vault {name} refuses what is kept more than {most} days; the policy says {days}."
            ),
            "Backup and copy jobs into this vault fail. Lower retention_days, or name another vault.",
        );
    }
}

fn check_key(wanted: &VaultWanted, there: &VaultHeld, findings: &mut Findings) {
    let Some(expected) = &wanted.kms_key else {
        return;
    };
    let found = there.kms_key_arn.as_deref().unwrap_or("no key");
    if found != expected {
        findings.add(
            Severity::Contradiction,
            "vault_key",
            format!("Vault {} is encrypted by {found}; the policy says {expected}.", wanted.name),
            "A vault's key cannot be changed. Name another vault for new recovery points, and keep this one for the old.",
        );
    }
}
