//! What a policy needs of AWS Backup: one plan with one rule and one selection, and vaults.

use serde::{Deserialize, Serialize};

use super::{Policy, SelectionHeld};
use crate::ids::{AccountId, Region};

/// The rule of a plan that is a policy's, and its selection.
const NAME: &str = "data-restore";

/// AWS Backup begins a backup within this of its time: the least it takes.
const START_WINDOW_MINUTES: i64 = 60;
/// And gives it up when it takes longer than this.
const COMPLETION_WINDOW_MINUTES: i64 = 180;

/// What a policy needs of AWS Backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Wanted {
    /// The plan.
    pub plan: PlanWanted,
    /// The vaults, the plan's own first.
    pub vaults: Vec<VaultWanted>,
}

/// The plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanWanted {
    /// The Region of the sources.
    pub region: Region,
    /// Their account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its rule.
    pub rule: RuleWanted,
    /// What it selects.
    pub selection: SelectionWanted,
}

/// The rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleWanted {
    /// Its name.
    pub name: String,
    /// The vault.
    pub vault: String,
    /// The schedule expression; `None`: AWS Backup cannot say it.
    pub schedule: Option<String>,
    /// Why there is no schedule expression.
    pub schedule_fault: Option<String>,
    /// For a new rule.
    pub start_window_minutes: i64,
    /// For a new rule.
    pub completion_window_minutes: i64,
    /// Days until recovery points are deleted; `None`: nothing is expected.
    pub delete_after_days: Option<u32>,
    /// Where they are copied to.
    pub copies: Vec<CopyWanted>,
}

/// A copy action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CopyWanted {
    /// The vault's ARN.
    pub vault_arn: String,
    /// Days until the copy is deleted; `None`: nothing is expected.
    pub delete_after_days: Option<u32>,
}

/// A selection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SelectionWanted {
    /// Its name.
    pub name: String,
    /// The role that AWS Backup works as.
    pub role_arn: String,
    /// ARNs, `*` for anything.
    pub resources: Vec<String>,
    /// ARNs that are left out.
    pub not_resources: Vec<String>,
}

/// A vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VaultWanted {
    /// Its Region.
    pub region: Region,
    /// Its account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// ARN of its KMS key; `None`: any.
    pub kms_key: Option<String>,
    /// How many days recovery points are kept in it; `None`: nothing is expected.
    pub retention_days: Option<u32>,
}

impl Wanted {
    /// What `policy` needs for sources of `account`, selected by `resources` without `not_resources`.
    pub fn of(
        policy: &Policy,
        account: &AccountId,
        resources: Vec<String>,
        not_resources: Vec<String>,
    ) -> Option<Self> {
        let home = policy.regions.first()?;
        let mut vaults = vec![VaultWanted {
            region: home.region.clone(),
            account: account.clone(),
            name: home.vault.clone(),
            kms_key: key(home.kms_key.as_deref(), account),
            retention_days: home.retention_days,
        }];
        let mut copies = Vec::new();
        for region in &policy.regions {
            for to in &region.recovery_points_in {
                let vault = VaultWanted {
                    region: region.region.clone(),
                    account: to.clone(),
                    name: region.vault.clone(),
                    kms_key: key(region.kms_key.as_deref(), to),
                    retention_days: region.retention_days,
                };
                if vaults.contains(&vault) {
                    continue;
                }
                copies.push(CopyWanted {
                    vault_arn: vault.arn(),
                    delete_after_days: vault.retention_days,
                });
                vaults.push(vault);
            }
        }
        let expression = policy.schedule.expression();
        Some(Self {
            plan: PlanWanted {
                region: home.region.clone(),
                account: account.clone(),
                name: policy.plan.clone(),
                rule: RuleWanted {
                    name: NAME.to_owned(),
                    vault: home.vault.clone(),
                    schedule_fault: expression.as_ref().err().cloned(),
                    schedule: expression.ok(),
                    start_window_minutes: START_WINDOW_MINUTES,
                    completion_window_minutes: COMPLETION_WINDOW_MINUTES,
                    delete_after_days: home.retention_days,
                    copies,
                },
                selection: SelectionWanted {
                    name: NAME.to_owned(),
                    role_arn: policy.backup_role_arn.clone(),
                    resources,
                    not_resources,
                },
            },
            vaults,
        })
    }
}

impl VaultWanted {
    /// `arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME`, in the partition of its Region.
    pub fn arn(&self) -> String {
        format!(
            "arn:{}:backup:{}:{}:backup-vault:{}",
            self.region.partition(),
            self.region,
            self.account,
            self.name
        )
    }
}

fn key(template: Option<&str>, account: &AccountId) -> Option<String> {
    template.map(|template| template.replace("{account}", account.as_str()))
}

/// Whether a selection takes the resource `arn`. Tags, which may narrow it, are not looked at.
pub fn covers(selection: &SelectionHeld, arn: &str) -> bool {
    selection.resources.iter().any(|pattern| matches(pattern, arn))
        && !selection
            .not_resources
            .iter()
            .any(|pattern| matches(pattern, arn))
}

/// Whether `text` is what `pattern` says, where `*` stands for anything. Takes time linear in both for each star.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        let arn = "arn:aws:rds:us-east-1:111122223333:db:tvshows";
        for (pattern, expected) in [
            ("*", true),
            (arn, true),
            ("arn:aws:rds:*:*:db:*", true),
            ("arn:aws:rds:*tv*", true),
            ("arn:aws:rds:*:*:cluster:*", false),
            ("", false),
            ("arn:aws:rds:us-east-1:111122223333:db:tv", false),
            ("*tvshows*tvshows", false),
        ] {
            assert_eq!(matches(pattern, arn), expected, "{pattern}");
        }
    }
}
