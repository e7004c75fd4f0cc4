//! `hash-password`: what a user's entry in the configuration file needs.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use clap::Args;

use super::output::Output;
use crate::auth::password;
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  data-restore hash-password < password.txt
  printf %s \"$PASSWORD\" | data-restore hash-password --json";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {}

pub fn run(_: &Arguments, output: &Output) -> Result<ExitCode> {
    if std::io::stdin().is_terminal() {
        output.remark("Type the password and press Enter. It will be seen on this terminal.");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| {
        Failure::new(
            "failed",
            format!("Reading the password from stdin failed: {error}"),
        )
    })?;
    let password = line.trim_end_matches(['\r', '\n']);
    let hash = password::hash(password)?;
    output.answer(&serde_json::json!({ "password_hash": hash }), |_| hash.clone());
    Ok(ExitCode::SUCCESS)
}
