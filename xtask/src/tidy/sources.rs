//! The files people write, as opposed to those that tools make.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// Endings of text that people write and read.
const EXTENSIONS: [&str; 14] = [
    "rs", "toml", "css", "js", "mjs", "py", "sh", "md", "html", "svg", "json", "yml", "yaml", "tf",
];

/// Files that tools write, and folders that hold nothing else.
const MADE_BY_TOOLS: [&str; 10] = [
    "Cargo.lock", "package-lock.json", "target", "node_modules", ".git", "data", "__pycache__",
    "screenshots", "artifacts", "corpus",
];

/// A text file, by its path from the checkout's root.
#[derive(Debug)]
pub struct Source {
    pub path: PathBuf,
    pub text: String,
}

impl Source {
    /// Whether the file lies in this folder of the checkout.
    pub fn is_in(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }

    /// Whether the file is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.extension().is_some_and(|extension| extension == "rs")
    }

    /// Lines with their numbers, counted from one as editors do.
    pub fn numbered_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }
}

/// Every source of the checkout, in order of path.
pub fn of(workspace: &Workspace) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    walk(&workspace.root, workspace, &mut sources)?;
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

fn walk(folder: &Path, workspace: &Workspace, sources: &mut Vec<Source>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if MADE_BY_TOOLS.contains(&name.as_ref()) || path == workspace.target {
            continue;
        }
        if path.is_dir() {
            walk(&path, workspace, sources)?;
        } else if is_written_by_people(&path) {
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            sources.push(Source {
                path: path.strip_prefix(&workspace.root)?.to_owned(),
                text,
            });
        }
    }
    Ok(())
}

fn is_written_by_people(path: &Path) -> bool {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some(extension) => EXTENSIONS.contains(&extension),
        None => path
            .parent()
            .and_then(Path::file_name)
            .is_some_and(|folder| folder == ".ci"),
    }
}
