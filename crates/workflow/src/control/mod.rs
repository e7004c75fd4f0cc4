//! The control table: everything that must survive a process, in one DynamoDB table.
//!
//! Partition key `pk`, sort key `sk`, both strings. A record is JSON in `body`, with a `version` that goes up by one
//! at every change; a change names the version that it saw, so that nobody overwrites what he has not read.
//!
//! | pk | sk | what |
//! |---|---|---|
//! | `SOURCES` | source | a source |
//! | `SOURCE#source` | `time#id` | a recovery point with its pipeline state, by the time it was made |
//! | `POINT#id` | `POINT` | where the recovery point of that id is: its source and sort key |
//! | `POINT#id` | `TABLES#generation#n` | its tables, in parts, where they are too many for one item |
//! | `RUNS` | run | that there is such a run; run ids sort by time |
//! | `ACTIVE` | run | that the run has not ended, or its end is not in the audit log yet |
//! | `RUN#run` | `RUN` | the run |
//! | `RUN#run` | `PLAN#n` | its plan, in parts |
//! | `RUN#run` | `UNIT#n` | what a finished unit wrote |
//! | `RUN#run` | `TARGET#n` | a DynamoDB table that the run has taken |
//! | `LEASE#name` | `LEASE` | who holds a lease: owner, token, seconds |
//! | `AUDIT` | sequence, 20 digits | an audit entry |
//!
//! Times in keys are `2026-11-20T08:00:00Z`, which sorts as text. `docs/CONTROL-TABLE.md` says the same for operators.

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
