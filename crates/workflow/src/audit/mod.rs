//! The audit log: a hash chain of entries, one after the other without gaps.

mod append;
mod canonical;
mod verify;

pub(crate) use append::{AuditLog, Happened};
pub(crate) use canonical::hash_without;
pub use canonical::{GENESIS, hash};
pub use verify::{ChainSummary, verify_chain};
