//! The Python environment of the conformance tests, kept in the cache folder.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::Missing;
use crate::command::{self, say};
use crate::workspace::{Workspace, cache, program};

/// The environment's Python.
pub fn interpreter() -> Result<PathBuf> {
    Ok(environment()?.join("bin/python"))
}

fn environment() -> Result<PathBuf> {
    Ok(cache()?.join("conformance-venv"))
}

/// Makes the environment anew when the requirements changed since it was made.
pub fn ensure(workspace: &Workspace, missing: &mut Missing) -> Result<()> {
    let requirements = workspace.root.join("e2e/conformance/requirements.txt");
    let wanted = fs::read(&requirements).context("cannot read e2e/conformance/requirements.txt")?;
    let environment = environment()?;
    let installed = environment.join("installed-requirements.txt");
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if program("python3").is_none() {
        missing.note("conformance tests", "install Python 3.11 or newer, with venv");
        return Ok(());
    }
    say("making the Python environment of the conformance tests");
    let made = command::output(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&environment),
    )
    .and_then(|_| {
        command::output(
            Command::new(environment.join("bin/python"))
                .args([
                    "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement",
                ])
                .arg(&requirements),
        )
    });
    match made {
        Ok(_) => fs::write(&installed, wanted).context("cannot note which Python packages are installed"),
        Err(error) => {
            missing.note(
                "conformance tests",
                format!("{error:#} (on Debian, `apt-get install python3-venv` may be needed)"),
            );
            Ok(())
        }
    }
}
