//! STS: who we are, and whom we become.

mod assumed_role;
mod caller_identity;
mod clock_ahead;

pub use assumed_role::AssumedRole;
pub(crate) use assumed_role::RoleCredentials;
pub use caller_identity::CallerIdentity;
