//! `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;
use url::Url;

use super::output::Output;
use crate::config::Config;
#[cfg(not(feature = "local"))]
use crate::failure::Failure;
use crate::failure::Result;
use crate::{folders, serve};

const EXAMPLES: &str = "\
Examples:
  data-restore serve --local
      Everything on this machine: an embedded AWS with a day of backups, the pages, the API.
  data-restore serve --local --mysql mysql://backup:secret@127.0.0.1:3306/shop
      The same with the backups of a real database.
  data-restore serve --config /etc/data-restore.toml
      In production, on AWS.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Embed an AWS and fill it with a day of backups: nothing else is needed
    #[arg(long)]
    pub local: bool,
    /// Where sessions and, with --local, the embedded AWS are kept [default: in the user's data folder]
    #[arg(long, value_name = "DIR", env = "DATA_RESTORE_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Address to listen on; port 0 takes any free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "DATA_RESTORE_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// With --local: back up this MySQL or MariaDB instead of the built-in databases
    #[arg(
        long,
        value_name = "URL",
        env = "DATA_RESTORE_MYSQL",
        requires = "local",
        hide_env_values = true
    )]
    pub mysql: Option<Url>,
    /// With --local: how often a recovery point is made, such as 5m [default: 5m]
    #[arg(long, value_name = "DUR", env = "DATA_RESTORE_BACKUP_EVERY", requires = "local", value_parser = duration)]
    pub backup_every: Option<Duration>,
    /// With --local: how many hours of history the first start makes, 1 to 168 [default: 24]
    #[arg(
        long,
        value_name = "HOURS",
        env = "DATA_RESTORE_HISTORY_HOURS",
        requires = "local",
        value_parser = clap::value_parser!(u16).range(1..=168)
    )]
    pub history_hours: Option<u16>,
}

/// `5m`, `90s`, `1h30m`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let duration: SignedDuration = text
        .parse()
        .map_err(|_| "a duration is written like 30s, 5m or 1h30m".to_owned())?;
    let duration = Duration::try_from(duration).unwrap_or_default();
    if duration < Duration::from_secs(1) {
        return Err("it must be at least a second".to_owned());
    }
    Ok(duration)
}

pub async fn run(arguments: Arguments, config: Config, output: &Output) -> Result<ExitCode> {
    let data_dir = match arguments.data_dir.as_ref().or(config.server.data_dir.as_ref()) {
        Some(folder) => folder.clone(),
        None if arguments.local => folders::data()?.join("local"),
        None => folders::data()?,
    };
    let listen = arguments
        .listen
        .or(config.server.listen)
        .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080)));
    if arguments.local {
        return Box::pin(local(arguments, config, data_dir, listen, output)).await;
    }
    folders::create_private(&data_dir)?;
    serve::cloud::run(config, &data_dir, listen, output).await
}

#[cfg(feature = "local")]
async fn local(
    arguments: Arguments,
    config: Config,
    data_dir: PathBuf,
    listen: SocketAddr,
    output: &Output,
) -> Result<ExitCode> {
    const BACKUP_EVERY: Duration = Duration::from_mins(5);
    const HISTORY_HOURS: u16 = 24;
    let setup = crate::local::Setup {
        data_dir,
        listen,
        mysql: arguments.mysql,
        backup_every: arguments
            .backup_every
            .or(config.server.backup_every)
            .unwrap_or(BACKUP_EVERY),
        history_hours: arguments.history_hours.unwrap_or(HISTORY_HOURS),
    };
    Box::pin(crate::local::run(setup, config, output)).await
}

#[cfg(not(feature = "local"))]
#[expect(clippy::unused_async, reason = "the other build of it waits")]
async fn local(_: Arguments, _: Config, _: PathBuf, _: SocketAddr, _: &Output) -> Result<ExitCode> {
    Err(Failure::new(
        "not_built_in",
        "This program was built without the embedded AWS, so --local cannot be used",
    )
    .hint("Build it with the cargo feature `local`, or configure AWS in data-restore.toml."))
}
