//! `policy check` and `policy apply`.

mod apply;
mod check;

use std::process::ExitCode;

use aws::{Cloud, CloudConfig};
use clap::Subcommand;
use jiff::Timestamp;
use recovery::ids::SourceId;
use recovery::policy::PolicyCheck;
use workflow::Settings;
use workflow::policies::check_policies;

use super::output::Output;
use crate::config::Config;
use crate::failure::{Failure, Result};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say what in the accounts contradicts the policies of the configuration
    Check(check::Arguments),
    /// Make or adopt the plan, vaults and selection that a policy needs; nothing is ever removed
    Apply(apply::Arguments),
}

pub async fn run(command: Command, config: &Config, output: &Output) -> Result<ExitCode> {
    match command {
        Command::Check(arguments) => check::run(arguments, config, output).await,
        Command::Apply(arguments) => apply::run(arguments, config, output).await,
    }
}

/// The settings, for commands that look at AWS themselves.
pub(super) fn settings(config: &Config) -> Result<&Settings> {
    config.workflow.as_ref().ok_or_else(|| {
        let message = match &config.path {
            Some(path) => format!("The configuration file {} has no [workflow] section", path.display()),
            None => "There is no configuration file, so no policy is known".to_owned(),
        };
        Failure::new("not_configured", message).hint(
            "Write data-restore.toml (docs/OPERATIONS.md shows a whole one) and name it with --config, or ask a server \
             with --server URL.",
        )
    })
}

/// AWS as the environment's credentials reach it.
pub(super) async fn cloud() -> Cloud {
    Cloud::connect(CloudConfig::default()).await
}

/// Every policy, or the one of a source, against what accounts hold now.
async fn look(cloud: &Cloud, settings: &Settings, of: Option<&SourceId>) -> Result<Vec<PolicyCheck>> {
    Ok(check_policies(cloud, settings, &[], of, Timestamp::now()).await?)
}
