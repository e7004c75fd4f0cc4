//! What accounts hold of AWS Backup: plans, selections and vaults, as AWS tells of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Region};

/// What was seen that a policy is held against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Held {
    /// The plan of the policy's name; `None`: there is none, or it could not be looked for.
    pub plan: Option<PlanHeld>,
    /// Why plans could not be looked at.
    pub plan_unseen: Option<String>,
    /// Every vault that the policy names.
    pub vaults: Vec<HeldVault>,
    /// ARNs of the DB instances and clusters that the policy is of, as far as RDS tells.
    pub databases: Vec<String>,
    /// Why databases could not be looked at.
    pub databases_unseen: Option<String>,
}

/// A vault that a policy names, and what there is of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldVault {
    /// Its Region.
    pub region: Region,
    /// Its account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// The vault; `None`: there is none, or it could not be looked at.
    pub vault: Option<VaultHeld>,
    /// Why it could not be looked at.
    pub unseen: Option<String>,
}

/// A backup vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VaultHeld {
    /// `arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME`.
    pub arn: String,
    /// What kind of vault it is.
    pub kind: VaultKind,
    /// ARN of its KMS key.
    pub kms_key_arn: Option<String>,
    /// How many recovery points it holds.
    pub recovery_points: u64,
    /// Whether AWS Backup Vault Lock protects it.
    pub locked: bool,
    /// The shortest retention that its lock allows, days.
    pub min_retention_days: Option<i64>,
    /// The longest retention that its lock allows, days.
    pub max_retention_days: Option<i64>,
    /// When its lock can no longer be changed by anybody; a locked vault without it is in governance mode.
    pub lock_date: Option<Timestamp>,
}

/// What kind of vault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum VaultKind {
    /// `BACKUP_VAULT`.
    Standard,
    /// `LOGICALLY_AIR_GAPPED_BACKUP_VAULT`: always locked, shared for restores, a target of copies.
    AirGapped,
    /// `RESTORE_ACCESS_BACKUP_VAULT`: another account's air-gapped vault, to restore from.
    RestoreAccess,
    /// A kind that this build does not know.
    Other,
}

impl VaultHeld {
    /// Its kind and lock in words: `locked for good since …, 7 to 365 days`.
    pub fn protection(&self, now: Timestamp) -> String {
        let kind = match self.kind {
            VaultKind::Standard => "",
            VaultKind::AirGapped => "logically air-gapped, ",
            VaultKind::RestoreAccess => "restore access, ",
            VaultKind::Other => "of a kind that is not known here, ",
        };
        let lock = match (self.locked, self.lock_date) {
            (false, _) => "not locked".to_owned(),
            (true, None) => "locked (governance)".to_owned(),
            (true, Some(at)) if at > now => format!("locked, for good from {at}"),
            (true, Some(at)) => format!("locked for good since {at}"),
        };
        let days = match (self.min_retention_days, self.max_retention_days) {
            (None, None) => String::new(),
            (Some(least), None) => format!(", at least {least} days"),
            (None, Some(most)) => format!(", at most {most} days"),
            (Some(least), Some(most)) => format!(", {least} to {most} days"),
        };
        format!("{kind}{lock}{days}")
    }
}

/// A backup plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanHeld {
    /// AWS Backup's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version: another one for every change.
    pub version: String,
    /// Its rules.
    pub rules: Vec<RuleHeld>,
    /// What it selects.
    pub selections: Vec<SelectionHeld>,
}

/// A rule of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleHeld {
    /// Its name.
    pub name: String,
    /// The vault that it backs up into.
    pub vault: String,
    /// `cron(…)`; AWS Backup's default is `cron(0 5 ? * * *)`.
    pub schedule: String,
    /// The time zone of its schedule; UTC where it has none.
    pub time_zone: Option<String>,
    /// How long after its time a backup may begin, minutes.
    pub start_window_minutes: Option<i64>,
    /// How long it may then take, minutes.
    pub completion_window_minutes: Option<i64>,
    /// Days until its recovery points are deleted; `None`: never.
    pub delete_after_days: Option<i64>,
    /// Days until its recovery points go to cold storage, where their type allows.
    pub cold_after_days: Option<i64>,
    /// Where its recovery points are copied to.
    pub copies: Vec<CopyHeld>,
}

/// A copy action of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CopyHeld {
    /// The vault's ARN.
    pub vault_arn: String,
    /// Days until the copy is deleted; `None`: never.
    pub delete_after_days: Option<i64>,
}

/// What a plan selects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SelectionHeld {
    /// Its name.
    pub name: String,
    /// The role that AWS Backup works as.
    pub role_arn: String,
    /// ARNs, `*` for anything.
    pub resources: Vec<String>,
    /// ARNs that are left out.
    pub not_resources: Vec<String>,
    /// Whether tags or conditions decide too.
    pub by_tags: bool,
}
