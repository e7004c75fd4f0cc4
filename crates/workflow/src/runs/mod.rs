//! Runs: drafts and plans, starting, executing, watching, cancelling.
//!
//! A run is a record in the control table, listed as active until its end is in the audit log. Whichever process takes
//! its lease executes it, from its checkpoints; a process that dies loses its leases by silence, and the next one goes
//! on. Cancelling sets a flag in the record, which the executing process reads at least every second.

mod cancel;
mod checkpoints;
mod draft;
mod end;
mod executor;
mod id;
mod live;
mod pause;
mod planning;
mod queries;
mod start;
mod store;
mod thaw;
mod watch;
mod workers;

pub(crate) use live::RunState;
