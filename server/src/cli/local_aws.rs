//! `local-aws`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::output::Output;
use crate::config::Config;
use crate::failure::Result;
use crate::local::{EmbeddedCloud, Sources};
use crate::{folders, serve};

const EXAMPLES: &str = "\
Examples:
  data-restore local-aws --listen 127.0.0.1:4566
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws s3 mb s3://my-bucket --region us-west-2

  data-restore local-aws --listen 127.0.0.1:4566 --databases --record-calls calls.jsonl
      With two databases to back up, and a record of what its callers do.

The keys are in local-aws.json of the data folder.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Where everything is kept [default: in the user's data folder]
    #[arg(long, value_name = "DIR", env = "DATA_RESTORE_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// Loopback address to listen on; port 0 takes any free one
    #[arg(
        long,
        value_name = "ADDR",
        env = "DATA_RESTORE_AWS_LISTEN",
        default_value = "127.0.0.1:4566"
    )]
    listen: SocketAddr,
    /// Put two built-in databases into RDS of the first account and Region
    #[arg(long)]
    databases: bool,
    /// Write each call down, a line of JSON for each thing that it touches: account, role, Region, service, operation,
    /// resource
    #[arg(long, value_name = "FILE")]
    record_calls: Option<PathBuf>,
}

/// Where it listens and where its keys are.
#[derive(Serialize)]
struct Running {
    endpoint: String,
    credentials: PathBuf,
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let data_dir = match arguments.data_dir.as_ref().or(config.server.data_dir.as_ref()) {
        Some(folder) => folder.clone(),
        None => folders::data()?.join("local-aws"),
    };
    folders::create_private(&data_dir)?;
    let stop = serve::stop_signal();
    let embedded = EmbeddedCloud::start_alone(&data_dir, arguments.listen, arguments.record_calls).await?;
    if arguments.databases {
        Sources::new(None)?.add_to(&embedded).await?;
    }
    let running = Running {
        endpoint: embedded.endpoint().to_owned(),
        credentials: data_dir.join("local-aws.json"),
    };
    output.answer(&running, |running| {
        format!(
            "AWS_ENDPOINT_URL={}\nKeys: {}",
            running.endpoint,
            running.credentials.display()
        )
    });
    stop.cancelled().await;
    embedded.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
