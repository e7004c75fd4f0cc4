//! AWS Backup: recovery points, vaults, plans and what they select.
//!
//! A vault lies in one Region of one account, so every call names both.

mod create_plan;
mod create_selection;
mod create_vault;
mod describe_recovery_point;
mod describe_vault;
mod get_plan;
mod list_plans;
mod list_protected_resources;
mod list_recovery_points;
mod list_selections;
mod list_vaults;
mod plan_rule;
mod recovery_point;
mod update_plan;

pub use list_plans::PlanEntry;
pub use list_protected_resources::ProtectedResource;
pub use list_recovery_points::Made;
pub use list_vaults::VaultEntry;
pub use recovery_point::{BackedUp, PointStatus};
