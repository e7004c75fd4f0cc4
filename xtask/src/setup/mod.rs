//! Gets what building and testing need, and is silent when all is there.

use std::env;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::workspace::{Workspace, program};

mod node_packages;
mod python_packages;
mod system_packages;
mod wasm_target;

pub use python_packages::{CONFORMANCE, LOCALSTACK, PEERS};

/// What building and the demo need: the wasm32 target.
pub fn for_building(workspace: &Workspace) -> Result<()> {
    wasm_target::ensure(workspace)
}

/// What is still missing after everything that could be got was got.
#[derive(Debug, Default)]
pub struct Missing(Vec<String>);

impl Missing {
    fn note(&mut self, what: &str, how: impl std::fmt::Display) {
        self.0.push(format!("{what}: {how}"));
    }

    /// An error that names each missing thing and how to get it.
    pub fn into_result(self) -> Result<()> {
        match self.to_string().as_str() {
            "" => Ok(()),
            missing => bail!("some tests cannot run here yet:{missing}"),
        }
    }
}

impl std::fmt::Display for Missing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut lines = String::new();
        for line in &self.0 {
            write!(lines, "\n  {line}")?;
        }
        formatter.write_str(&lines)
    }
}

/// What the tests need besides: a browser, a MariaDB, and the packages of both test harnesses.
pub fn for_testing(workspace: &Workspace) -> Result<Missing> {
    let mut missing = Missing::default();
    system_packages::ensure(&mut missing)?;
    node_packages::ensure(workspace, &mut missing)?;
    CONFORMANCE.ensure(workspace, &mut missing)?;
    LOCALSTACK.ensure(workspace, &mut missing)?;
    Ok(missing)
}

/// What the benchmark compares with; without it, the peers are left out.
pub fn for_benchmarking(workspace: &Workspace) -> Result<Missing> {
    let mut missing = Missing::default();
    PEERS.ensure(workspace, &mut missing)?;
    Ok(missing)
}

/// The browser the tests drive: `CHROMIUM`, or the first that is installed.
pub fn chromium() -> Option<PathBuf> {
    env::var_os("CHROMIUM").map(PathBuf::from).or_else(|| {
        ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find_map(program)
    })
}
