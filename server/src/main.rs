//! `data-restore`: the server and command line of AWS Data Restore.
//!
//! This is the only composition root: what the other crates offer is put together here, and nowhere else.

mod auth;
mod cli;
mod config;
mod failure;
mod folders;
#[cfg(feature = "local")]
mod local;
mod logs;
mod openapi;
mod routes;
mod serve;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
