//! The pages of AWS Data Restore, compiled twice: for the server (feature `ssr`) and for the browser (`hydrate`).
//!
//! - [`pages`]: one file per route;
//! - [`components`]: know the product (a recovery timeline, a verdict);
//! - [`ui`]: know nothing of it (a table, a status, a dialog);
//! - [`api`]: server functions. Each one authorizes, runs one use case and answers a view model of `recovery`.
//!
//! A page renders a verdict and never computes one. Every page is complete in the server's HTML: links and forms
//! work before the wasm has loaded, and without it.
//!
//! The server gives these by Leptos context, for pages and for server functions:
//! `workflow::Workflow` and `Option<`[`api::Session`]`>` (`None` when nobody is signed in).

#![expect(
    clippy::needless_pass_by_value,
    reason = "a component owns its properties, and an event handler its event"
)]
// Views are deeply nested types.
#![recursion_limit = "512"]

pub mod api;
pub mod components;
pub mod pages;
mod root;
mod shell;
pub mod ui;

pub use root::App;
pub use shell::shell;
