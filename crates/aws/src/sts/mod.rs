//! STS: who we are.

mod caller_identity;
mod clock_ahead;

pub use caller_identity::CallerIdentity;
