//! What is expected of a source: how often it is backed up, where a restorable copy must be and how old it may be,
//! how long recovery points and copies are kept, what is exported. And what in an account contradicts it.
//!
//! The configuration says it for every source ([`PolicyRules`]) and differently for some; [`Policy`] is what results
//! for one of them. Nothing else in the product says how often a backup is due or how old a copy may be.

mod changes;
mod check;
#[cfg(test)]
mod check_tests;
mod expected;
mod export;
mod held;
mod needed;
mod rhythm;
mod rules;
mod schedule;
mod wanted;

pub use changes::{Change, changes};
pub use check::{Finding, PolicyCheck, Severity, check};
pub use expected::{Expected, expected, in_force};
pub use export::ExportPolicy;
pub use held::{CopyHeld, Held, HeldVault, PlanHeld, RuleHeld, SelectionHeld, VaultHeld, VaultKind};
pub use needed::{Applied, PoliciesApplied, PolicyChanges, needed};
pub use rhythm::Rhythm;
pub use rules::{Lifecycle, PolicyRules, RegionRules, Surroundings};
pub use schedule::Schedule;
pub use wanted::{CopyWanted, PlanWanted, RuleWanted, SelectionWanted, VaultWanted, Wanted, covers};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Region};
use crate::lifecycle::begins_after;

/// What is expected of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Policy {
    /// When recovery points are due.
    pub schedule: Schedule,
    /// The Regions that must hold a restorable copy, the source's own first.
    pub regions: Vec<RegionPolicy>,
    /// What is exported.
    pub export: ExportPolicy,
    /// For how many days a proven restore shows that restores work.
    pub restore_test_days: u32,
    /// The name of the AWS Backup plan.
    pub plan: String,
    /// The role that AWS Backup works as.
    pub backup_role_arn: String,
}

/// What is expected in one Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegionPolicy {
    /// The Region.
    pub region: Region,
    /// How old its newest restorable copy may be, seconds.
    pub rpo_target_seconds: i64,
    /// How many days AWS Backup keeps a recovery point here; `None`: nothing is expected.
    pub retention_days: Option<u32>,
    /// The backup vault.
    pub vault: String,
    /// ARN of the vault's KMS key, `{account}` for the vault's account; `None`: any.
    pub kms_key: Option<String>,
    /// The accounts into whose vault here AWS Backup copies each recovery point.
    pub recovery_points_in: Vec<AccountId>,
    /// What becomes of exported copies.
    pub lifecycle: Lifecycle,
}

impl Policy {
    /// What is expected in `region`.
    pub fn region(&self, region: &Region) -> Option<&RegionPolicy> {
        self.regions.iter().find(|expected| expected.region == *region)
    }

    /// The age from which a copy anywhere is moved or ended; `None`: never.
    pub fn lifecycle_begins_after(&self) -> Option<SignedDuration> {
        self.regions
            .iter()
            .filter_map(|region| begins_after(&region.lifecycle))
            .min()
    }

    /// How old the newest restorable copy in `region` may be. A Region that the policy does not name is held against
    /// the source's own.
    pub fn rpo_target(&self, region: &Region) -> SignedDuration {
        let seconds = self
            .region(region)
            .or_else(|| self.regions.first())
            .map_or(0, |expected| expected.rpo_target_seconds);
        SignedDuration::from_secs(seconds)
    }
}
