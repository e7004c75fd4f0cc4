//! `export again` and `export cancel`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use recovery::ids::RecoveryPointId;
use recovery::point::{RecoveryPoint, StepName};

use super::arguments::ServerArguments;
use super::output::Output;
use super::remote::Remote;
use crate::config::Config;
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  data-restore export again tvshows-20261120t080000z-3f9a2c --server https://restore.example.com
      After a role, a key or a bucket was put right: with a new identifier, as soon as RDS takes it.
  data-restore export cancel tvshows-20261120t080000z-3f9a2c --server https://restore.example.com
      Give one of RDS's five exports in an account and Region free.";

/// What to do with an export.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Export a recovery point again whose export failed, was cancelled, or waits for its next attempt
    #[command(after_help = EXAMPLES)]
    Again(Arguments),
    /// Cancel a recovery point's export
    #[command(after_help = EXAMPLES)]
    Cancel(Arguments),
}

#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The recovery point
    #[arg(value_name = "RECOVERY_POINT")]
    point: RecoveryPointId,
    #[command(flatten)]
    server: ServerArguments,
}

/// Asks the server.
pub async fn run(command: Command, config: &Config, output: &Output) -> Result<ExitCode> {
    let (Command::Again(arguments) | Command::Cancel(arguments)) = &command;
    let url = arguments.server.url(config).ok_or_else(|| {
        Failure::usage("The server is missing").hint("Name it with --server URL or DATA_RESTORE_SERVER.")
    })?;
    let remote = Remote::new(&url)?;
    let point = match &command {
        Command::Again(_) => remote.export_again(&arguments.point).await?,
        Command::Cancel(_) => remote.cancel_export(&arguments.point).await?,
    };
    output.answer(&point, text);
    Ok(ExitCode::SUCCESS)
}

fn text(point: &RecoveryPoint) -> String {
    let export = point.steps.iter().find(|step| step.step == StepName::Exported);
    let detail = export.map_or("", |step| step.detail.as_str());
    format!("{}: {}. {detail}", point.id, point.state.name().replace('_', " "))
}
