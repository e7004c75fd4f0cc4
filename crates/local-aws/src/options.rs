//! What one embedded cloud is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::{Account, Clock};

/// What [`crate::LocalAws::start`] is given. Start from [`Options::default`] and change what matters.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where everything is kept. `None`: DynamoDB in memory and the rest in a temporary folder that goes with
    /// the handle.
    pub data_dir: Option<PathBuf>,
    /// Where to listen; a loopback address, port 0 for any free one.
    pub listen: SocketAddr,
    /// The Regions that exist, home first.
    pub regions: Vec<String>,
    /// The accounts that exist, home first. Empty: 111122223333 and 444455556666, whose keys are generated at
    /// the first start and kept in the data folder.
    pub accounts: Vec<Account>,
    /// The time that services stamp on what they make. Signatures are checked against the machine's time.
    pub clock: Clock,
    /// How long after a PUT an object reaches its replica Regions, on [`Options::clock`].
    pub replication_delay: Duration,
    /// How long S3 takes to thaw an archived object, of whatever class and tier, on [`Options::clock`].
    pub thaw_duration: Duration,
    /// How long an RDS export task takes, on [`Options::clock`].
    pub export_duration: Duration,
    /// How long DynamoDB's import from S3 takes at least, on the machine's clock.
    pub import_duration: Duration,
    /// Where every call is recorded: a line of JSON for each thing that a call touches.
    pub calls: Option<PathBuf>,
    /// Whether DynamoDB enforces provisioned capacity and the start limits of on-demand tables.
    pub throttle: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            data_dir: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            regions: ["us-east-1", "us-west-2", "eu-west-1"].map(String::from).to_vec(),
            accounts: Vec::new(),
            clock: Clock::running(),
            replication_delay: Duration::from_secs(2),
            thaw_duration: Duration::from_secs(5),
            export_duration: Duration::from_secs(20),
            import_duration: Duration::from_secs(1),
            calls: None,
            throttle: false,
        }
    }
}
