//! `man`.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use super::output::Output;
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  data-restore man | man -l -
  data-restore man restore > data-restore-restore.1";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The command whose page to print [default: the whole program's]
    command: Option<String>,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode> {
    let mut tree = super::command();
    tree.build();
    let command = match &arguments.command {
        None => tree,
        Some(name) => {
            let found = tree.find_subcommand(name).cloned().ok_or_else(|| {
                Failure::usage(format!("There is no command {name:?}"))
                    .hint("Run data-restore --help for the commands.")
            })?;
            found.display_name(format!("data-restore-{name}"))
        }
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .map_err(|error| Failure::new("failed", format!("Writing the manual page failed: {error}")))?;
    print(output, "page", &page);
    Ok(ExitCode::SUCCESS)
}

/// Prints a text as it is, or as the one field of a JSON document.
pub fn print(output: &Output, field: &str, text: &[u8]) {
    if output.is_json() {
        let text = String::from_utf8_lossy(text);
        output.answer(&serde_json::json!({ field: text }), |_| String::new());
    } else {
        std::io::stdout().write_all(text).ok();
    }
}
