//! From recovery points to verified copies: a reconciler that derives every next step from what it observes.
//!
//! A pass lists every vault, writes down what is new, and takes each recovery point as far as it goes: export started,
//! followed, complete, copies compared. What a pass does is idempotent, so it does no harm that a process is killed
//! between any two calls, or that two of them reconcile at once: a recovery point's key follows from its ARN, an
//! export's identifier from recovery point and attempt, and a record is only replaced in the version that was read.
//!
//! An event only makes the next pass come sooner. Losing every event loses nothing but time.

mod adopt;
mod checks;
mod discover;
mod event;
mod events;
mod evidence;
mod evidence_beside;
mod export_requests;
mod exports;
mod interned;
mod known;
mod lifecycle;
mod looks;
mod looks_alone;
mod lost;
mod manifests;
mod next;
mod pass;
mod rechecks;
mod repair;
mod report;
mod stage;
mod survey;
mod thaw;
mod verify;
mod windows;

pub(crate) use known::PipelineState;
pub(crate) use looks::location;
pub(crate) use rechecks::Checked;
pub use report::{EventCounts, Reconciled};
pub(crate) use stage::Stage;
