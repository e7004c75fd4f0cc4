//! What plans and vaults show of a policy's controls at one moment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Cell, Control, Standing};
use crate::policy::{Finding, HeldVault, PolicyCheck, Severity, VaultHeld, VaultKind};

/// What was seen of plans and vaults on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// [`Control::Retention`].
    pub retention: Cell,
    /// [`Control::CrossAccountCopy`].
    pub cross_account_copy: Cell,
    /// [`Control::Encryption`].
    pub encryption: Cell,
    /// [`Control::Immutability`].
    pub immutability: Cell,
}

/// What a check of a policy shows of its controls.
pub fn settings(check: &PolicyCheck) -> Settings {
    let at = |mut cell: Cell| {
        cell.looked_at = Some(check.checked_at);
        cell
    };
    Settings {
        retention: at(retention(check)),
        cross_account_copy: at(cross_account_copy(check)),
        encryption: at(encryption(check)),
        immutability: at(immutability(check)),
    }
}

impl Settings {
    /// What is seen of a control; `None` for those that recovery points and restores show.
    pub(super) fn of(&self, control: Control) -> Option<&Cell> {
        match control {
            Control::Retention => Some(&self.retention),
            Control::CrossAccountCopy => Some(&self.cross_account_copy),
            Control::Encryption => Some(&self.encryption),
            Control::Immutability => Some(&self.immutability),
            Control::Frequency | Control::CrossRegionCopy | Control::Verified | Control::RestoreTested => {
                None
            }
        }
    }

    /// The worse of what was seen before on the same day and now, control by control. What was wrong for an hour was wrong
    /// on that day; what could be looked at once is known.
    #[must_use]
    pub fn with(self, later: Self) -> Self {
        let worse = |before: Cell, later: Cell| match (before.standing, later.standing) {
            (Standing::Unknown, _) => later,
            (_, Standing::Unknown) => before,
            (held, now) if held.gravity() > now.gravity() => before,
            _ => later,
        };
        Self {
            retention: worse(self.retention, later.retention),
            cross_account_copy: worse(self.cross_account_copy, later.cross_account_copy),
            encryption: worse(self.encryption, later.encryption),
            immutability: worse(self.immutability, later.immutability),
        }
    }
}

/// Without the plan, nothing is kept by it and nothing copied.
const PLAN: [&str; 3] = ["plan_missing", "rule_missing", "plan_unseen"];

fn retention(check: &PolicyCheck) -> Cell {
    let rule = &check.wanted.plan.rule;
    let copies = rule.copies.iter().filter_map(|copy| copy.delete_after_days);
    let mut days: Vec<u32> = rule.delete_after_days.into_iter().chain(copies).collect();
    if days.is_empty() {
        return Cell::new(
            Standing::NotRequired,
            "The policy says nothing of how long they are kept.",
        );
    }
    let codes = ["retention_shorter", "retention_longer", "vault_lock"];
    if let Some(cell) = contradicted(check, |finding| {
        is_one_of(finding, &codes) || is_one_of(finding, &PLAN)
    }) {
        return cell;
    }
    days.sort_unstable();
    days.dedup();
    let days: Vec<String> = days.iter().map(u32::to_string).collect();
    Cell::new(
        Standing::Met,
        format!(
            "Rule {} of plan {} keeps them {} days.",
            rule.name,
            check.wanted.plan.name,
            days.join(" and ")
        ),
    )
}

fn cross_account_copy(check: &PolicyCheck) -> Cell {
    let own = &check.wanted.plan.account;
    let others: Vec<_> = check
        .wanted
        .vaults
        .iter()
        .filter(|vault| vault.account != *own)
        .collect();
    if others.is_empty() {
        return Cell::new(
            Standing::NotRequired,
            "The policy asks for no recovery points in other accounts.",
        );
    }
    let is_about = |finding: &Finding| {
        is_one_of(finding, &["copy_missing"]) || is_one_of(finding, &PLAN) || finding.account != *own
    };
    if let Some(cell) = contradicted(check, is_about) {
        return cell;
    }
    let names: Vec<String> = others
        .iter()
        .map(|vault| format!("vault {} of {} ({})", vault.name, vault.account, vault.region))
        .collect();
    Cell::new(Standing::Met, format!("Copied to {}.", names.join(", ")))
}

fn encryption(check: &PolicyCheck) -> Cell {
    let codes = ["vault_key", "vault_missing", "vault_unseen"];
    if let Some(cell) = contradicted(check, |finding| is_one_of(finding, &codes)) {
        return cell;
    }
    let vaults = seen(check);
    if let Some((vault, _)) = vaults.iter().find(|(_, there)| there.kms_key_arn.is_none()) {
        return Cell::new(
            Standing::Unknown,
            format!(
                "AWS Backup names no KMS key of vault {} ({}).",
                vault.name, vault.region
            ),
        );
    }
    if vaults.is_empty() {
        return Cell::new(Standing::Unknown, "No vault was looked at.");
    }
    let keys: Vec<String> = vaults
        .iter()
        .map(|(vault, there)| {
            let key = there.kms_key_arn.as_deref().unwrap_or_default();
            format!("vault {} ({}) by {key}", vault.name, vault.region)
        })
        .collect();
    Cell::new(Standing::Met, format!("Encrypted: {}.", keys.join(", ")))
}

fn immutability(check: &PolicyCheck) -> Cell {
    if let Some(cell) = contradicted(check, |finding| {
        is_one_of(finding, &["vault_missing", "vault_unseen"])
    }) {
        return cell;
    }
    let vaults = seen(check);
    if vaults.is_empty() {
        return Cell::new(Standing::Unknown, "No vault was looked at.");
    }
    let said: Vec<String> = vaults
        .iter()
        .map(|(vault, there)| {
            let protection = there.protection(check.checked_at);
            format!("vault {} ({}): {protection}", vault.name, vault.region)
        })
        .collect();
    let standing = if vaults.iter().all(|(_, there)| is_locked(there, check.checked_at)) {
        Standing::Met
    } else {
        Standing::NotMet
    };
    Cell::new(standing, format!("{}.", said.join("; ")))
}

/// Whether nobody, the account's owner included, can delete what is in the vault before its time.
fn is_locked(vault: &VaultHeld, now: Timestamp) -> bool {
    let for_good = vault.lock_date.is_some_and(|at| at <= now);
    vault.kind == VaultKind::AirGapped || (vault.locked && for_good)
}

fn seen(check: &PolicyCheck) -> Vec<(&HeldVault, &VaultHeld)> {
    let vaults = check.held.vaults.iter();
    vaults
        .filter_map(|vault| Some((vault, vault.vault.as_ref()?)))
        .collect()
}

fn is_one_of(finding: &Finding, codes: &[&str]) -> bool {
    codes.contains(&finding.code.as_str())
}

/// What is found wrong or could not be looked at, the first in words.
fn contradicted(check: &PolicyCheck, is_about: impl Fn(&Finding) -> bool) -> Option<Cell> {
    let found: Vec<&Finding> = check
        .findings
        .iter()
        .filter(|finding| finding.severity != Severity::Remark && is_about(finding))
        .collect();
    let first = found.first()?;
    let more = match found.len() - 1 {
        0 => String::new(),
        more => format!(" And {more} more."),
    };
    let standing = if first.severity == Severity::Contradiction {
        Standing::NotMet
    } else {
        Standing::Unknown
    };
    Some(Cell::new(standing, format!("{}{more}", first.message)))
}
