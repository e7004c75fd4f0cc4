//! Server functions: each authorizes, runs one use case and answers a view model.
//!
//! They are reached below `/ui/` by the pages alone; scripts use `/api/v1`, which the server describes.

pub mod audit;
pub mod compliance;
pub mod exports;
pub mod failure;
pub mod find;
#[cfg(feature = "ssr")]
mod gate;
pub mod host;
pub mod installation;
pub mod overview;
pub mod points;
pub mod policies;
pub mod portal;
pub mod preferences;
pub mod restores;
pub mod session;
pub mod sources;

pub use failure::Failure;
pub use session::Session;
