//! Durable jobs: the pipeline from recovery points to verified copies, runs, the catalogue, the audit log.
//!
//! [`Workflow`] is the only handle. It is cheap to clone; every clone shares caches, watchers and counters. What
//! must survive a process is in the control table (`docs/CONTROL-TABLE.md`); several processes may work on one table.
//!
//! Permissions are enforced here: every call that changes something takes a [`Ctx`], refuses an actor whose role
//! does not hold the permission, and leaves audit entries when it starts and when it ends.

mod about;
pub mod audit;
mod catalogue;
mod compliance;
mod control;
mod copy_settings;
mod ctx;
mod databases;
pub mod doctor;
mod error;
mod finder;
mod metrics;
mod pipeline;
pub mod policies;
mod portal;
mod query;
pub mod replication;
pub mod resources;
mod runs;
mod settings;
mod workflow;

pub use audit::verify_chain;
pub use catalogue::SourceTable;
pub use copy_settings::CopySettings;
pub use ctx::Ctx;
pub use error::{Error, Result};
pub use finder::Found;
pub use metrics::{Metrics, RpoGauge};
pub use pipeline::{EventCounts, Reconciled};
pub use query::{
    AuditQuery, PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, PointQuery, RunQuery, RunState, SourceQuery,
};
pub use settings::{Bucket, Queue, Role, Settings, Vault};
pub use workflow::{Clock, Workflow};
