//! placeholder
use std::process::ExitCode;
use clap::Args;
use super::output::Output;
use crate::config::Config;
use crate::failure::Result;
#[derive(Args, Clone, Debug)]
#[command(after_help = "data-restore x")]
pub struct Arguments {}
pub async fn run(_: Arguments, _: &Config, _: &Output) -> Result<ExitCode> { Ok(ExitCode::SUCCESS) }
