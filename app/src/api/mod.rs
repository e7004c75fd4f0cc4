//! Server functions: each authorizes, runs one use case and answers a view model.
//!
//! They are reached below `/ui/` by the pages alone; scripts use `/api/v1`, which the server describes.

pub mod failure;
pub mod preferences;
pub mod session;

pub use failure::Failure;
pub use session::Session;
