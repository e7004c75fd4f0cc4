//! The command line: one file per command. Flags win over environment variables (`DATA_RESTORE_…`), those over the
//! configuration file, that over defaults.

mod arguments;
mod audit;
mod completions;
mod copy;
mod doctor;
mod evidence;
mod export;
mod export_rows;
mod hash_password;
mod inspect;
mod lifecycle;
mod listing;
#[cfg(feature = "local")]
mod local_aws;
mod location;
mod man;
mod new_token;
mod output;
mod pause;
mod plan;
mod plan_report;
mod policy;
pub mod progress;
mod prove;
mod recovery_points;
mod remote;
mod repair_copy;
mod resources;
mod restore;
mod run_report;
mod serve;
mod source_table;
mod sources;
mod thaw_copy;
mod verify_copy;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::logs::{self, LogFormat};
pub use output::Output;

/// Turns RDS backups into proven DynamoDB tables, from any Region.
///
/// Each recovery point that AWS Backup makes of an RDS MySQL or MariaDB instance is exported to S3 as Parquet, its
/// copy in every Region is compared object by object, and any copy can be restored into DynamoDB. A restore ends
/// proven or failed: every row is read back and compared.
#[derive(Debug, Parser)]
#[command(name = "data-restore", version, propagate_version = true, after_help = EXAMPLES, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  data-restore serve --local
      Try everything on this machine: an embedded AWS with a day of backups, and the pages.
  data-restore inspect s3://backups/exports/tvshows-20261120t080000z-3f9a2c --region us-west-2
      What one copy holds.
  data-restore restore s3://backups/exports/tvshows-20261120t080000z-3f9a2c --region us-west-2 \\
      --target-region us-west-2 --table tvshows.shows=shows:id
      Restore a table from a replica Region and prove it.

Exit status: 0 done, 1 failed or refused, 2 the command is written wrongly.";

/// Flags of every command.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// Print one JSON document on stdout (errors too); logs stay on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// Form of the logs on stderr [default: text on a terminal, json otherwise for `serve`]
    #[arg(
        long,
        global = true,
        value_enum,
        env = "DATA_RESTORE_LOG_FORMAT",
        hide_possible_values = false
    )]
    pub log_format: Option<LogFormat>,
    /// Configuration file [default: ./data-restore.toml, then data-restore.toml in the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE", env = "DATA_RESTORE_CONFIG")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server: pages, API, pipeline and restores
    Serve(serve::Arguments),
    /// Run the embedded AWS alone
    #[cfg(feature = "local")]
    LocalAws(local_aws::Arguments),
    /// List the sources of a server, filtered by their properties
    Sources(sources::Arguments),
    /// List the recovery points of a server, filtered by their properties
    RecoveryPoints(recovery_points::Arguments),
    /// Show what one copy holds: tables, rows, types, sizes, key candidates
    Inspect(inspect::Arguments),
    /// Compare a copy with its original, object by object
    VerifyCopy(verify_copy::Arguments),
    /// Export a recovery point of a server again, or cancel its export
    #[command(subcommand)]
    Export(export::Command),
    /// Copy what a copy lacks from one that is right, and check it again
    RepairCopy(repair_copy::Arguments),
    /// Make a copy readable that lies in Glacier, or tell what that takes and costs
    ThawCopy(thaw_copy::Arguments),
    /// Tell which copies of a source move to Glacier or end by its policy, and what is spared
    Lifecycle(lifecycle::Arguments),
    /// Look at evidence manifests
    #[command(subcommand)]
    Evidence(evidence::Command),
    /// Plan a restore and check everything before anything is written
    Plan(plan::Arguments),
    /// Restore tables of a copy into DynamoDB and prove them
    Restore(restore::Arguments),
    /// Let a restore of a server rest
    Pause(pause::Arguments),
    /// Let a paused restore of a server go on
    Resume(pause::Arguments),
    /// Read restored tables back and compare them with the copy
    Prove(prove::Arguments),
    /// Turn restored tables back into Parquet files of their original schema
    ExportRows(export_rows::Arguments),
    /// Hold accounts against the backup policies of the configuration
    #[command(subcommand)]
    Policy(policy::Command),
    /// List what AWS Backup protects, of any type, and the databases that it does not
    Resources(resources::Arguments),
    /// Look for what is wrong with buckets, keys, queues, permissions and whatever else the server needs
    Doctor(doctor::Arguments),
    /// Look at audit logs
    #[command(subcommand)]
    Audit(audit::Command),
    /// Hash a password from stdin for a user of the configuration file
    HashPassword(hash_password::Arguments),
    /// Make a bearer token and its hash for the configuration file
    NewToken(new_token::Arguments),
    /// Print a shell's completion script
    Completions(completions::Arguments),
    /// Print the manual page
    Man(man::Arguments),
}

/// Reads the command line, runs the command, and answers the exit status.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let output = Output::new(arguments.iter().any(|argument| argument == "--json"));
    let cli = match command()
        .try_get_matches_from(&arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches))
    {
        Ok(cli) => cli,
        Err(error) => return usage(&output, &error),
    };
    match execute(cli, &output) {
        Ok(exit) => exit,
        Err(failure) => output.failure(&failure),
    }
}

/// The whole command tree; also what completions and the manual page are made from.
fn command() -> clap::Command {
    Cli::command()
}

fn execute(cli: Cli, output: &Output) -> Result<ExitCode> {
    let Cli { global, command } = cli;
    let (default_format, level) = match &command {
        Command::Serve(_) => (None, "info"),
        #[cfg(feature = "local")]
        Command::LocalAws(_) => (None, "info"),
        _ => (Some(LogFormat::Text), "warn"),
    };
    let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let default_format = default_format.unwrap_or(if terminal {
        LogFormat::Text
    } else {
        LogFormat::Json
    });
    logs::begin(global.log_format.unwrap_or(default_format), level);

    // These need neither a configuration nor a runtime.
    match &command {
        Command::Completions(arguments) => return Ok(completions::run(arguments, output)),
        Command::Man(arguments) => return man::run(arguments, output),
        Command::HashPassword(arguments) => return hash_password::run(arguments, output),
        Command::NewToken(arguments) => return Ok(new_token::run(arguments, output)),
        Command::Audit(command) => return audit::run(command, output),
        Command::Evidence(command) => return evidence::run(command, output),
        _ => {}
    }
    let config = Config::find(global.config.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("runtime", format!("Starting the runtime failed: {error}")))?;
    runtime.block_on(async {
        match command {
            Command::Serve(arguments) => Box::pin(serve::run(arguments, config, output)).await,
            #[cfg(feature = "local")]
            Command::LocalAws(arguments) => local_aws::run(arguments, &config, output).await,
            Command::Sources(arguments) => sources::run(arguments, &config, output).await,
            Command::RecoveryPoints(arguments) => recovery_points::run(arguments, &config, output).await,
            Command::Inspect(arguments) => inspect::run(arguments, &config, output).await,
            Command::VerifyCopy(arguments) => verify_copy::run(arguments, &config, output).await,
            Command::Export(command) => export::run(command, &config, output).await,
            Command::RepairCopy(arguments) => Box::pin(repair_copy::run(arguments, &config, output)).await,
            Command::ThawCopy(arguments) => thaw_copy::run(arguments, &config, output).await,
            Command::Lifecycle(arguments) => lifecycle::run(arguments, &config, output).await,
            Command::Plan(arguments) => plan::run(arguments, &config, output).await,
            Command::Restore(arguments) => restore::run(arguments, &config, output).await,
            Command::Pause(arguments) => pause::pause(arguments, &config, output).await,
            Command::Resume(arguments) => pause::resume(arguments, &config, output).await,
            Command::Prove(arguments) => prove::run(arguments, &config, output).await,
            Command::ExportRows(arguments) => export_rows::run(arguments, &config, output).await,
            Command::Policy(command) => policy::run(command, &config, output).await,
            Command::Resources(arguments) => resources::run(arguments, &config, output).await,
            Command::Doctor(arguments) => doctor::run(arguments, &config, output).await,
            Command::Audit(_)
            | Command::Evidence(_)
            | Command::HashPassword(_)
            | Command::NewToken(_)
            | Command::Completions(_)
            | Command::Man(_) => Ok(ExitCode::SUCCESS),
        }
    })
}

/// Help and version are answers; everything else that clap refuses is a usage error.
fn usage(output: &Output, error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    let is_answer = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if is_answer || !output.is_json() {
        // Nothing is left to do when the terminal is gone.
        error.print().ok();
        return ExitCode::from(if is_answer { 0 } else { 2 });
    }
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let message = lines
        .next()
        .unwrap_or("The command is written wrongly")
        .trim_start_matches("error: ")
        .to_owned();
    let rest: Vec<&str> = lines.take_while(|line| !line.starts_with("Usage:")).collect();
    let message = if rest.is_empty() {
        message
    } else {
        format!("{message} {}", rest.join(" "))
    };
    output.failure(&Failure::usage(message).hint("Run the command with --help to see how it is written."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_tree_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        fn check(command: &clap::Command, path: &str) {
            for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
                let path = format!("{path} {}", sub.get_name());
                if sub.has_subcommands() {
                    check(sub, &path);
                    continue;
                }
                let after = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(
                    after.contains("data-restore "),
                    "{path} has no example in its --help"
                );
            }
        }
        check(&command(), "data-restore");
    }
}
