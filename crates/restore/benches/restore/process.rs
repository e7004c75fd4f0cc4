//! Processes: services that end with the bench, and workers that each do one thing and print what it took.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::report::Figures;

/// What a worker does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Work {
    /// Lays an export of so many rows in so many files.
    Lay { rows: usize, files: usize },
    /// Sends batches that are ready.
    Send { express: bool },
    /// Restores the export into a new table and proves it.
    Restore,
    /// Writes the export's units to `sink`, without creating a table or reading it back.
    Write { sink: String },
}

/// A server in a process of its own.
pub struct Service {
    child: Child,
    pub endpoint: String,
    access_key_id: String,
    secret_access_key: String,
}

impl Service {
    /// Starts this program as a service, which prints its endpoint and its credentials.
    pub fn start(arguments: &[&str]) -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("no output of the service")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let mut fields = line.trim().split(' ').map(str::to_owned);
        Ok(Self {
            endpoint: fields
                .next()
                .filter(|url| !url.is_empty())
                .ok_or("the service did not start")?,
            access_key_id: fields.next().unwrap_or_default(),
            secret_access_key: fields.next().unwrap_or_default(),
            child,
        })
    }

    /// The service, called with the credentials of another.
    pub fn with_credentials_of(mut self, other: &Self) -> Self {
        self.access_key_id.clone_from(&other.access_key_id);
        self.secret_access_key.clone_from(&other.secret_access_key);
        self
    }

    /// Does `work` against this service in a process of its own.
    pub fn work(&self, work: &Work) -> Outcome<Figures> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("work").arg(serde_json::to_string(work)?);
        // As the container image runs the product.
        command.env("MALLOC_ARENA_MAX", "2");
        if let Work::Write { sink } = work {
            command.env("AWS_ENDPOINT_URL_DYNAMODB", sink);
        }
        self.figures(command)
    }

    /// Runs a peer's script, which prints the same figures.
    pub fn peer(&self, python: &str, script: &str) -> Outcome<Figures> {
        let mut command = Command::new(python);
        command.arg(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("benches/peers")
                .join(script),
        );
        self.figures(command)
    }

    fn figures(&self, mut command: Command) -> Outcome<Figures> {
        let output = command
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", &self.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &self.secret_access_key)
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err(format!("{command:?} failed: {}", output.status).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may be gone already, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
