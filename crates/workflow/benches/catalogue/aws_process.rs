//! The embedded AWS in a process of its own, which ends with the bench.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use aws::{Cloud, CloudConfig, StaticCredentials};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Outcome;

/// What the process says once its history is made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ready {
    pub endpoint: String,
    pub account: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    /// The end of the history.
    pub now: Timestamp,
    /// Bytes of one recovery point's items in the control table.
    pub item_bytes: usize,
    /// Those of them that are read to show it among others.
    pub brief_bytes: usize,
}

pub struct AwsProcess {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pub ready: Ready,
}

impl AwsProcess {
    pub fn start() -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve-aws")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no input of the embedded AWS")?;
        let output = child.stdout.take().ok_or("no output of the embedded AWS")?;
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output.read_line(&mut line)?;
        Ok(Self {
            ready: serde_json::from_str(&line)?,
            child,
            input,
            output,
        })
    }

    /// One more recovery point of each source.
    pub fn next_hour(&mut self) -> Outcome<()> {
        writeln!(self.input, "hour")?;
        self.output.read_line(&mut String::new())?;
        Ok(())
    }

    pub async fn cloud(&self) -> Outcome<Cloud> {
        let account = self.ready.account.parse()?;
        let own = StaticCredentials {
            access_key_id: self.ready.access_key_id.clone(),
            secret_access_key: self.ready.secret_access_key.clone(),
        };
        Ok(Cloud::connect(CloudConfig {
            endpoint_url: Some(self.ready.endpoint.clone()),
            credentials: [(account, own)].into(),
            home_account: Some(self.ready.account.parse()?),
            ..CloudConfig::default()
        })
        .await)
    }
}

impl Drop for AwsProcess {
    fn drop(&mut self) {
        // It may be gone already, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
