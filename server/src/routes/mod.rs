//! The API: one file per resource. A handler reads its request, runs one use case, answers its result.

pub mod about;
pub mod audit;
pub mod call;
pub mod compliance;
mod csv;
pub mod health;
pub mod plans;
pub mod policies;
pub mod portal;
pub mod recovery_points;
pub mod recovery_points_csv;
pub mod resources;
pub mod restore_events;
pub mod restore_request;
pub mod restores;
pub mod sources;
pub mod sources_csv;
