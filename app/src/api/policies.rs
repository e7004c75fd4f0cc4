//! What is expected of sources, and what AWS Backup holds.

use jiff::Timestamp;
use leptos::prelude::*;
use recovery::policy::PolicyCheck;
use recovery::resource::Inventory;
use serde::{Deserialize, Serialize};

use super::Failure;

/// Every policy, with what contradicts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    /// The general one first, then those of sources.
    pub policies: Vec<PolicyCheck>,
    /// What AWS Backup holds per account and Region.
    pub inventories: Vec<Inventory>,
    /// When this was true.
    pub now: Timestamp,
}

/// Every policy and what AWS Backup protects, at most some minutes old.
#[server(prefix = "/ui", endpoint = "policies")]
pub async fn read_policies() -> Result<Policies, Failure> {
    let workflow = super::gate::reader()?;
    Ok(Policies {
        policies: workflow.policies().await?.to_vec(),
        inventories: workflow.resources().await?.to_vec(),
        now: workflow.now(),
    })
}
