//! What pages read, and the server functions that their forms call: each authorizes, runs one use case and answers a view model.
//!
//! Server functions are reached below `/ui/`, by forms and the palette alone; scripts use `/api/v1`, which the server describes.

#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod compliance;
#[cfg(feature = "ssr")]
pub mod exports;
pub mod failure;
pub mod find;
#[cfg(feature = "ssr")]
mod gate;
#[cfg(feature = "ssr")]
pub mod host;
#[cfg(feature = "ssr")]
pub mod installation;
#[cfg(feature = "ssr")]
pub mod overview;
#[cfg(feature = "ssr")]
pub mod points;
#[cfg(feature = "ssr")]
pub mod policies;
#[cfg(feature = "ssr")]
pub mod portal;
#[cfg(feature = "ssr")]
pub mod preferences;
#[cfg(feature = "ssr")]
pub mod restores;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod sources;
#[cfg(feature = "ssr")]
pub mod window;

pub use failure::Failure;
#[cfg(feature = "ssr")]
pub use session::Session;
