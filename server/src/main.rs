//! `data-restore`: the server and command line of AWS Data Restore.
//!
//! This is the only composition root: what the other crates offer is put together here, and nowhere else.

// The pages' views are deeply nested types, and some of their code is generated here.
#![recursion_limit = "512"]

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
