//! `new-token`: a bearer token, and what its entry in the configuration file needs.

use std::process::ExitCode;

use clap::Args;

use super::output::Output;
use crate::auth::token;

const EXAMPLES: &str = "\
Examples:
  data-restore new-token
  data-restore new-token --json";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {}

pub fn run(_: &Arguments, output: &Output) -> ExitCode {
    let token = token::generate();
    let sha256 = token::hash(&token);
    output.answer(&serde_json::json!({ "token": token, "sha256": sha256 }), |_| {
        format!(
            "token:  {token}\nsha256: {sha256}\n\nThe token is shown this once. Put the hash into the configuration \
             file:\n\n[[tokens]]\nname = \"…\"\nrole = \"viewer\"\nsha256 = \"{sha256}\""
        )
    });
    ExitCode::SUCCESS
}
