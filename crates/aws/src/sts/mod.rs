//! STS: who we are.

mod caller_identity;

pub use caller_identity::CallerIdentity;
