//! The npm packages of the browser tests, as `e2e/package-lock.json` fixes them.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::Missing;
use crate::command::{self, say};
use crate::workspace::{Workspace, program};

/// Installs the packages when the lock file changed since they were installed.
pub fn ensure(workspace: &Workspace, missing: &mut Missing) -> Result<()> {
    let folder = workspace.root.join("e2e");
    let lock = fs::read(folder.join("package-lock.json")).context("cannot read e2e/package-lock.json")?;
    let installed = folder.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    if program("node").is_none() || program("npm").is_none() {
        missing.note("browser tests", "install Node.js 20 or newer, with npm");
        return Ok(());
    }
    say("npm ci in e2e/");
    match command::output(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder),
    ) {
        Ok(_) => fs::write(&installed, lock).context("cannot note which packages are installed"),
        Err(error) => {
            missing.note("browser tests", format!("{error:#}"));
            Ok(())
        }
    }
}
