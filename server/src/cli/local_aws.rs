//! `local-aws`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::output::Output;
use crate::config::Config;
use crate::failure::Result;
use crate::local::EmbeddedCloud;
use crate::{folders, serve};

const EXAMPLES: &str = "\
Examples:
  data-restore local-aws --listen 127.0.0.1:4566
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws s3 mb s3://my-bucket --region us-west-2

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
    let embedded = EmbeddedCloud::start_alone(&data_dir, arguments.listen).await?;
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
