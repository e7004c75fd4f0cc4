//! What all policies together need, as it is shown to whoever may agree to it, and what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Change, PolicyCheck, changes};

/// What policies need of AWS Backup. Nothing has been done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyChanges {
    /// The changes, in the order in which they are made.
    pub changes: Vec<Change>,
    /// Each as it reads, `+` before what is made and `~` before what is altered.
    pub diff: Vec<String>,
    /// SHA-256 (hex) of the changes: whoever agrees names it, so that nothing else than what was seen is done.
    pub digest: String,
    /// When it was looked at.
    pub seen_at: Timestamp,
}

/// What was done of it, and how it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PoliciesApplied {
    /// The changes that were made.
    pub applied: Vec<Applied>,
    /// Whether every policy holds now.
    pub holds: bool,
    /// The policies as they are now.
    pub policies: Vec<PolicyCheck>,
}

/// One change that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AppliedChange))]
pub struct Applied {
    /// What was done, as it was shown before.
    pub done: String,
    /// Whether it was there already: made by somebody else meanwhile, or by a call whose answer was lost.
    pub was_there: bool,
}

impl PolicyChanges {
    /// What `policies` need, as they were looked at.
    pub fn of(policies: &[PolicyCheck], seen_at: Timestamp) -> Self {
        let changes = needed(policies);
        Self {
            diff: changes.iter().map(ToString::to_string).collect(),
            digest: digest(&changes),
            changes,
            seen_at,
        }
    }
}

/// What the policies need, each change once: two policies may name one vault.
pub fn needed(policies: &[PolicyCheck]) -> Vec<Change> {
    let mut needed: Vec<Change> = Vec::new();
    for check in policies {
        for change in changes(&check.wanted, &check.policy.schedule, &check.held) {
            let is_known = needed.iter().any(|known| match (known, &change) {
                (Change::CreateVault(a), Change::CreateVault(b)) => {
                    (&a.region, &a.account, &a.name) == (&b.region, &b.account, &b.name)
                }
                (a, b) => a == b,
            });
            if !is_known {
                needed.push(change);
            }
        }
    }
    needed
}

fn digest(changes: &[Change]) -> String {
    // Plain data of ours: it can always be written.
    let json = serde_json::to_vec(changes).unwrap_or_default();
    hex::encode(Sha256::digest(json))
}
