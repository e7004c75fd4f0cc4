//! `pause` and `resume`.

use std::process::ExitCode;

use clap::Args;
use recovery::ids::RunId;
use recovery::run::{Pause, Run};

use super::arguments::ServerArguments;
use super::output::Output;
use super::remote::Remote;
use crate::config::Config;
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  data-restore pause r-01kx3v8m2p --server https://restore.example.com
  data-restore resume r-01kx3v8m2p --server https://restore.example.com

A paused restore survives its server, and goes on from what is recorded. Without a server, Ctrl-C stops a restore and
the same plan goes on.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The restore
    #[arg(value_name = "RUN")]
    run: RunId,
    #[command(flatten)]
    server: ServerArguments,
}

/// Lets a restore rest.
pub async fn pause(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let run = remote(&arguments, config)?.pause(&arguments.run).await?;
    Ok(answer(&run, output))
}

/// Lets it go on.
pub async fn resume(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let run = remote(&arguments, config)?.resume(&arguments.run).await?;
    Ok(answer(&run, output))
}

fn remote(arguments: &Arguments, config: &Config) -> Result<Remote> {
    let url = arguments.server.url(config).ok_or_else(|| {
        Failure::usage("The server is missing").hint("Name it with --server URL or DATA_RESTORE_SERVER.")
    })?;
    Remote::new(&url)
}

fn answer(run: &Run, output: &Output) -> ExitCode {
    output.answer(run, |run| {
        let state = match run.pause {
            Pause::None => "goes on",
            Pause::Asked => "rests as soon as what is in flight has been acknowledged",
            Pause::Paused => "rests",
        };
        format!("Restore {} {state}.", run.run_id)
    });
    ExitCode::SUCCESS
}
