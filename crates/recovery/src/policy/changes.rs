//! What brings accounts to what a policy needs. Pure: `data-restore policy apply` shows it and then does it.
//!
//! Nothing here removes anything: no recovery point, vault, plan, rule, copy action or selection.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::check::differences;
use super::wanted::{covers, matches};
use super::{
    Held, HeldVault, RuleHeld, RuleWanted, Schedule, SelectionHeld, SelectionWanted, VaultWanted, Wanted,
};
use crate::ids::{AccountId, Region};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PolicyChange))]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Make a vault.
    CreateVault(VaultWanted),
    /// Make a plan with one rule.
    CreatePlan {
        /// Where.
        region: Region,
        /// In whose account.
        account: AccountId,
        /// Its name.
        name: String,
        /// Its rule.
        rule: RuleWanted,
    },
    /// Change a rule of a plan that is there, or add one. Other rules stay as they are, and so does whatever else this
    /// rule says.
    SetRule {
        /// Where.
        region: Region,
        /// In whose account.
        account: AccountId,
        /// The plan.
        plan: String,
        /// Its id.
        plan_id: String,
        /// The version that was looked at; a plan that was changed since is not changed.
        version: String,
        /// The rule as it is; `None`: it is added.
        from: Option<Box<RuleHeld>>,
        /// What it is to be, under the name that it has.
        to: RuleWanted,
        /// What changes, a line each.
        lines: Vec<String>,
    },
    /// Select resources for a plan.
    CreateSelection {
        /// Where.
        region: Region,
        /// In whose account.
        account: AccountId,
        /// The plan, by name: it may have to be made first.
        plan: String,
        /// What is selected.
        selection: SelectionWanted,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateVault(vault) => {
                write!(
                    f,
                    "+ vault {} in {} ({})",
                    vault.name, vault.region, vault.account
                )?;
                match &vault.kms_key {
                    Some(key) => write!(f, ", encrypted by {key}"),
                    None => f.write_str(", encrypted by AWS Backup's own key"),
                }
            }
            Self::CreatePlan {
                region,
                account,
                name,
                rule,
            } => {
                write!(f, "+ plan {name} in {region} ({account})")?;
                write!(f, "\n+   rule {} into vault {}", rule.name, rule.vault)?;
                write!(
                    f,
                    "\n+     schedule {}",
                    rule.schedule.as_deref().unwrap_or_default()
                )?;
                if let Some(days) = rule.delete_after_days {
                    write!(f, "\n+     recovery points are deleted after {days} days")?;
                }
                rule.copies.iter().try_for_each(|copy| {
                    write!(f, "\n+     copy to {}", copy.vault_arn)?;
                    match copy.delete_after_days {
                        Some(days) => write!(f, ", deleted after {days} days"),
                        None => Ok(()),
                    }
                })
            }
            Self::SetRule {
                region,
                account,
                plan,
                to,
                lines,
                from,
                ..
            } => {
                let sign = if from.is_some() { '~' } else { '+' };
                write!(
                    f,
                    "{sign} rule {} of plan {plan} in {region} ({account})",
                    to.name
                )?;
                lines.iter().try_for_each(|line| write!(f, "\n{line}"))
            }
            Self::CreateSelection {
                region,
                account,
                plan,
                selection,
            } => {
                write!(
                    f,
                    "+ selection {} of plan {plan} in {region} ({account})",
                    selection.name
                )?;
                selection
                    .resources
                    .iter()
                    .try_for_each(|arn| write!(f, "\n+   {arn}"))?;
                selection
                    .not_resources
                    .iter()
                    .try_for_each(|arn| write!(f, "\n+   without {arn}"))
            }
        }
    }
}

/// What to do, in that order, so that `held` becomes what is wanted. Places that could not be looked at are left alone.
/// Doing it and asking again gives nothing.
pub fn changes(wanted: &Wanted, schedule: &Schedule, held: &Held) -> Vec<Change> {
    let mut changes: Vec<Change> = wanted
        .vaults
        .iter()
        .filter(|vault| {
            matches!(
                held.vault(vault),
                Some(HeldVault {
                    vault: None,
                    unseen: None,
                    ..
                })
            )
        })
        .cloned()
        .map(Change::CreateVault)
        .collect();
    let plan = &wanted.plan;
    // A plan whose schedule cannot be said is no plan of this policy.
    if held.plan_unseen.is_some() || plan.rule.schedule.is_none() {
        return changes;
    }
    let (region, account) = (plan.region.clone(), plan.account.clone());
    match &held.plan {
        None => changes.push(Change::CreatePlan {
            region: region.clone(),
            account: account.clone(),
            name: plan.name.clone(),
            rule: plan.rule.clone(),
        }),
        Some(there) => {
            let rule = there.rule(&plan.rule);
            let lines = rule.map_or_else(
                || {
                    vec![
                        format!("+   into vault {}", plan.rule.vault),
                        format!(
                            "+   schedule {}",
                            plan.rule.schedule.as_deref().unwrap_or_default()
                        ),
                    ]
                },
                |rule| rule_lines(&plan.rule, schedule, rule),
            );
            if !lines.is_empty() {
                let mut to = plan.rule.clone();
                if let Some(rule) = rule {
                    to.name.clone_from(&rule.name);
                    // A schedule that says the same in other words stays as it is written.
                    if !differences(&plan.rule, schedule, rule)
                        .iter()
                        .any(|d| d.what == "schedule")
                    {
                        to.schedule = Some(rule.schedule.clone());
                    }
                }
                changes.push(Change::SetRule {
                    region: region.clone(),
                    account: account.clone(),
                    plan: there.name.clone(),
                    plan_id: there.id.clone(),
                    version: there.version.clone(),
                    from: rule.cloned().map(Box::new),
                    to,
                    lines,
                });
            }
        }
    }
    let selections = held.plan.as_ref().map_or(&[][..], |plan| &plan.selections);
    if let Some(selection) = missing_selection(&plan.selection, selections, &held.databases) {
        changes.push(Change::CreateSelection {
            region,
            account,
            plan: plan.name.clone(),
            selection,
        });
    }
    changes
}

fn rule_lines(wanted: &RuleWanted, schedule: &Schedule, held: &RuleHeld) -> Vec<String> {
    differences(wanted, schedule, held)
        .into_iter()
        .flat_map(|difference| {
            [
                format!("-   {} {}", difference.what, difference.found),
                format!("+   {} {}", difference.what, difference.expected),
            ]
        })
        .collect()
}

/// The selection that a plan lacks. A selection cannot be changed, and none is removed: what is not selected yet is
/// selected by one more, whose name follows from what it selects.
fn missing_selection(
    wanted: &SelectionWanted,
    held: &[SelectionHeld],
    databases: &[String],
) -> Option<SelectionWanted> {
    if held.is_empty() {
        return Some(wanted.clone());
    }
    let is_wanted = |arn: &str| {
        wanted.resources.iter().any(|pattern| matches(pattern, arn))
            && !wanted.not_resources.iter().any(|pattern| matches(pattern, arn))
    };
    let missing: Vec<String> = databases
        .iter()
        .filter(|arn| {
            is_wanted(arn)
                && !held
                    .iter()
                    .any(|selection| selection.by_tags || covers(selection, arn))
        })
        .cloned()
        .collect();
    if missing.is_empty() {
        return None;
    }
    let digest = hex::encode(Sha256::digest(missing.join("\n")));
    Some(SelectionWanted {
        name: format!("{}-{}", wanted.name, &digest[..8]),
        resources: missing,
        not_resources: Vec::new(),
        role_arn: wanted.role_arn.clone(),
    })
}
