//! `cargo xtask tidy`: the rules of the code that no compiler checks, each a file here.
//!
//! They also run as a test of this crate, so that nobody has to remember the command.

use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::workspace::Workspace;

mod dependencies;
mod names;
mod purity;
mod sources;
mod wording;

use sources::Source;

/// Longer than this is not read in one sitting.
const LINES_MAX: usize = 700;

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    path: PathBuf,
    line: Option<usize>,
    rule: String,
}

impl Finding {
    fn of_path(path: &Path, rule: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line: None,
            rule: rule.into(),
        }
    }

    fn of_file(source: &Source, rule: impl Into<String>) -> Self {
        Self::of_path(&source.path, rule)
    }

    fn of_line(source: &Source, line: usize, rule: impl Into<String>) -> Self {
        Self {
            path: source.path.clone(),
            line: Some(line),
            rule: rule.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        write!(formatter, ": {}", self.rule)
    }
}

/// Fails with every finding when there is one.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut findings = dependencies::check(&workspace.packages);
    for source in sources::of(workspace)? {
        findings.extend(names::check(&source));
        findings.extend(purity::check(&source));
        findings.extend(wording::check(&source));
        let lines = source.text.lines().count();
        if lines > LINES_MAX {
            findings.push(Finding::of_file(
                &source,
                format!("{lines} lines; above {LINES_MAX} a file has more than one subject"),
            ));
        }
    }
    if findings.is_empty() {
        return Ok(());
    }
    let mut list = String::new();
    for finding in &findings {
        write!(list, "\n  {finding}")?;
    }
    bail!(
        "{} places break a rule of docs/STYLE.md or docs/ARCHITECTURE.md:{list}",
        findings.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_is_tidy() {
        let workspace = Workspace::find().expect("cargo metadata");
        if let Err(error) = run(&workspace) {
            panic!("{error:#}");
        }
    }
}
