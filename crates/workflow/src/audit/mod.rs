//! The audit log: a hash chain of entries, one after the other without gaps.

mod canonical;
mod verify;

pub use canonical::{GENESIS, hash};
pub use verify::{ChainSummary, verify_chain};
