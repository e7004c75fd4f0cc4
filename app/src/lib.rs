//! The pages of AWS Data Restore. The server renders them whole (feature `ssr`); the browser gets what makes them live
//! (feature `hydrate`).
//!
//! - [`pages`]: one file per route;
//! - [`components`]: know the product (a recovery timeline, a verdict);
//! - [`ui`]: know nothing of it (a table, a status, a dialog);
//! - [`islands`]: the few parts that the browser renders itself as somebody types;
//! - `live`: brings pages up to date and follows links and forms in place;
//! - [`api`]: server functions. Each one authorizes, runs one use case and answers a view model of `recovery`.
//!
//! A page renders a verdict and never computes one. Every page is complete in the server's HTML: links and forms
//! work before the wasm has loaded, and without it. What a page shows is in that HTML alone, so the browser needs
//! neither the pages' code nor their data: that keeps the wasm small.
//!
//! The server gives these by Leptos context, for pages and for server functions:
//! `workflow::Workflow` and `Option<`[`api::Session`]`>` (`None` when nobody is signed in).

#![cfg_attr(
    feature = "ssr",
    expect(clippy::needless_pass_by_value, reason = "a component owns its properties")
)]
// Views are deeply nested types.
#![recursion_limit = "512"]

pub mod api;
#[cfg(feature = "ssr")]
pub mod components;
pub mod islands;
#[cfg(feature = "hydrate")]
pub mod live;
#[cfg(feature = "ssr")]
pub mod pages;
mod preferences;
#[cfg(feature = "ssr")]
mod root;
#[cfg(feature = "ssr")]
mod shell;
pub mod ui;

#[cfg(feature = "ssr")]
pub use root::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
