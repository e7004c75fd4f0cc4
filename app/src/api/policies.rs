//! What is expected of sources, and what AWS Backup holds.

use jiff::Timestamp;
use leptos::prelude::*;
use recovery::policy::{PolicyChanges, PolicyCheck};
use recovery::resource::Inventory;
use serde::{Deserialize, Serialize};

use super::Failure;

/// Every policy, with what contradicts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    /// The general one first, then those of sources.
    pub policies: Vec<PolicyCheck>,
    /// What they need of AWS Backup.
    pub needed: PolicyChanges,
    /// What AWS Backup holds per account and Region.
    pub inventories: Vec<Inventory>,
    /// When this was true.
    pub now: Timestamp,
}

/// Every policy and what AWS Backup protects, at most some minutes old.
pub async fn read_policies() -> Result<Policies, Failure> {
    let workflow = super::gate::reader()?;
    let policies = workflow.policies().await?.to_vec();
    let seen_at = policies
        .first()
        .map_or_else(|| workflow.now(), |check| check.checked_at);
    Ok(Policies {
        needed: PolicyChanges::of(&policies, seen_at),
        policies,
        inventories: workflow.resources().await?.to_vec(),
        now: workflow.now(),
    })
}

/// Makes the changes that were shown, or none where anything else is needed by now. Needs `ApplyPolicies`.
#[server(prefix = "/ui", endpoint = "apply-policies")]
pub async fn apply_policies(
    /// The digest of what was shown.
    digest: String,
) -> Result<usize, Failure> {
    let (workflow, ctx) = super::gate::actor()?;
    let done = workflow.apply_policies(&ctx, None, &digest).await?;
    Ok(done.applied.len())
}
