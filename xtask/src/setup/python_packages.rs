//! Python environments, kept in the cache folder.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::Missing;
use crate::command::{self, say};
use crate::workspace::{Workspace, cache};

/// A set of Python packages.
#[derive(Clone, Copy, Debug)]
pub struct PythonPackages {
    /// Who needs them.
    purpose: &'static str,
    /// The environment's folder within the cache folder.
    folder: &'static str,
    /// The file that names them, from the workspace's root.
    requirements: &'static str,
    /// The Python that they are written for.
    python: &'static str,
    /// What to do where there is none.
    without_python: &'static str,
}

/// What nearly all of them take.
const PYTHON: &str = "python3";
const WITHOUT_PYTHON: &str = "install Python 3.11 or newer, with venv";

/// What the conformance tests need.
pub const CONFORMANCE: PythonPackages = PythonPackages {
    purpose: "conformance tests",
    folder: "conformance-venv",
    requirements: "e2e/conformance/requirements.txt",
    python: PYTHON,
    without_python: WITHOUT_PYTHON,
};

/// LocalStack, which names another version of nearly everything that the conformance tests have, and another Python.
pub const LOCALSTACK: PythonPackages = PythonPackages {
    purpose: "LocalStack",
    folder: "localstack-venv",
    requirements: "e2e/conformance/localstack-requirements.txt",
    python: "python3.13",
    without_python: "install Python 3.13, with venv",
};

/// What the benchmark compares with.
pub const PEERS: PythonPackages = PythonPackages {
    purpose: "the benchmark's peers",
    folder: "peers-venv",
    requirements: "crates/restore/benches/peers/requirements.txt",
    python: PYTHON,
    without_python: WITHOUT_PYTHON,
};

impl PythonPackages {
    /// The environment's Python.
    pub fn interpreter(self) -> Result<PathBuf> {
        Ok(self.environment()?.join("bin/python"))
    }

    /// The Python that makes the environment.
    fn python(self) -> Command {
        let mut python = Command::new(self.python);
        // pyenv has a program of every version's name, which runs once it is told that the version is meant.
        if let Some(version) = self
            .python
            .strip_prefix("python")
            .filter(|version| version.contains('.'))
        {
            python.env("PYENV_VERSION", version);
        }
        python
    }

    fn environment(self) -> Result<PathBuf> {
        Ok(cache()?.join(self.folder))
    }

    /// Makes the environment anew when the requirements changed since it was made.
    pub fn ensure(self, workspace: &Workspace, missing: &mut Missing) -> Result<()> {
        let requirements = workspace.root.join(self.requirements);
        let wanted = fs::read(&requirements).with_context(|| format!("cannot read {}", self.requirements))?;
        let environment = self.environment()?;
        let installed = environment.join("installed-requirements.txt");
        if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        if !command::succeeds(self.python().arg("--version")) {
            missing.note(self.purpose, self.without_python);
            return Ok(());
        }
        say(format_args!("making the Python environment of {}", self.purpose));
        let made =
            command::output(self.python().args(["-m", "venv", "--clear"]).arg(&environment)).and_then(|_| {
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
                    self.purpose,
                    format!("{error:#} (on Debian, `apt-get install python3-venv` may be needed)"),
                );
                Ok(())
            }
        }
    }
}
