//! Developer commands: `cargo xtask setup | build | demo | test | check | bench | fuzz | tidy`.
//!
//! Nothing has to be installed by hand to try the product or to test it: each command first gets what it misses.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod bench;
mod build;
mod check;
mod command;
mod demo;
mod fuzz;
mod setup;
mod test;
mod tidy;
mod workspace;

use workspace::Workspace;

/// Developer commands of AWS Data Restore.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Get what building and testing need; does nothing when all is there
    Setup,
    /// Build the page, its assets and the server
    Build {
        /// Build the server with the release profile
        #[arg(long)]
        release: bool,
        /// Build the server without the embedded AWS, as container images carry it
        #[arg(long)]
        without_local: bool,
    },
    /// Build, start on the embedded AWS and print the address and the sign-ins
    Demo {
        /// Where the embedded AWS keeps its data [default: the target directory]
        #[arg(long, value_name = "DIR")]
        data_dir: Option<PathBuf>,
        /// Build the server with the release profile
        #[arg(long)]
        release: bool,
        /// Further arguments for `data-restore serve`, after `--`
        #[arg(last = true)]
        serve: Vec<String>,
    },
    /// Run the tests; without a suite, all of them
    Test {
        /// Only these suites
        #[arg(value_enum)]
        suites: Vec<test::Suite>,
    },
    /// Format, lint, document and tidy, each without a warning
    Check,
    /// Measure a restore
    Bench,
    /// Feed the parsers of what others wrote with bytes that nobody wrote; needs cargo-fuzz
    Fuzz {
        /// For so long each
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Check the rules of the code that no compiler checks
    Tidy,
}

fn main() -> ExitCode {
    let outcome = Workspace::find().and_then(|workspace| run(Arguments::parse().task, &workspace));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task, workspace: &Workspace) -> Result<ExitCode> {
    match task {
        Task::Setup => {
            setup::for_building(workspace)?;
            setup::for_testing(workspace)?.into_result()?;
        }
        Task::Build {
            release,
            without_local,
        } => {
            setup::for_building(workspace)?;
            let cloud = if without_local {
                build::Cloud::None
            } else {
                build::Cloud::Embedded
            };
            build::everything(workspace, build::Profile::from_release_flag(release), cloud)?;
        }
        Task::Demo {
            data_dir,
            release,
            serve,
        } => {
            return demo::run(
                workspace,
                data_dir,
                build::Profile::from_release_flag(release),
                &serve,
            );
        }
        Task::Test { suites } => return test::run(workspace, &suites),
        Task::Check => check::run(workspace)?,
        Task::Bench => bench::run(workspace)?,
        Task::Fuzz { seconds } => fuzz::run(workspace, seconds)?,
        Task::Tidy => tidy::run(workspace)?,
    }
    Ok(ExitCode::SUCCESS)
}
