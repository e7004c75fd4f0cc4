//! `cargo xtask bench`: how fast a restore is, compiled as it is shipped.

use anyhow::Result;

use crate::command;
use crate::workspace::Workspace;

/// Runs the restore benchmark, which prints its own figures.
pub fn run(workspace: &Workspace) -> Result<()> {
    command::run(
        workspace
            .cargo()
            .args(["bench", "--package", "restore", "--bench", "restore"]),
    )
}
