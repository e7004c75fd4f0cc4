//! AWS Backup: recovery points and vaults.
//!
//! A vault lies in one Region of one account, so every call names both.

mod describe_recovery_point;
mod list_recovery_points;
mod list_vaults;
mod recovery_point;

pub use list_vaults::VaultEntry;
pub use recovery_point::{BackedUp, PointStatus};
