//! `cargo xtask bench`: how fast a restore is, compiled as it is shipped, beside what people would use instead.

use anyhow::Result;

use crate::command::{self, say};
use crate::setup;
use crate::workspace::Workspace;

/// Runs the restore benchmark, which prints its own figures.
pub fn run(workspace: &Workspace) -> Result<()> {
    let missing = setup::for_benchmarking(workspace)?;
    let mut bench = workspace.cargo();
    bench.args(["bench", "--package", "restore", "--bench", "restore"]);
    match missing.into_result() {
        Ok(()) => {
            bench.env("PEERS_PYTHON", setup::PEERS.interpreter()?);
        }
        Err(error) => say(format_args!("without peers: {error}")),
    }
    command::run(&mut bench)
}
