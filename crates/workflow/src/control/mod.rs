//! The control table: everything that must survive a process, in one DynamoDB table.
//!
//! Partition key `pk`, sort key `sk`, both strings. A record is JSON in `body`, with a `version` that goes up by one
//! at every change; a change names the version that it saw, so that nobody overwrites what he has not read.
//!
//! `docs/CONTROL-TABLE.md` has every key. Times in keys are `2026-11-20T08:00:00Z`, which sorts as text.

mod chunks;
mod keys;
mod lease;
mod record;
mod table;

pub(crate) use chunks::{join, split};
pub(crate) use keys::Key;
pub(crate) use lease::{Lease, Leases};
pub(crate) use record::Record;
pub(crate) use table::{Change, Control, Listing, Row};
