//! Builds the product: the page for wasm32, its styles and public files, then the server.
//!
//! The page and the server are two cargo builds on purpose: one build of the whole workspace would unify `ssr` and
//! `hydrate`, and neither would compile.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{self, say};
use crate::workspace::Workspace;

mod compress;
mod page;
mod public_files;
mod style;

/// How the server is compiled. The page is always compiled for size: people test what people get.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Quick to rebuild; dependencies are optimised all the same.
    Dev,
    /// What is shipped and measured.
    Release,
}

impl Profile {
    /// From a `--release` flag.
    pub fn from_release_flag(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }

    /// The profile's name for Cargo.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }

    /// The profile's folder in the target directory.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// What the server carries besides itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// The embedded AWS, to try and to test the product.
    Embedded,
    /// Nothing: it runs on AWS alone, as in a container image.
    None,
}

/// Everything the server needs to run.
pub fn everything(workspace: &Workspace, profile: Profile, cloud: Cloud) -> Result<()> {
    site(workspace)?;
    say("building the server");
    let server = [
        "build",
        "--package",
        "server",
        "--bin",
        "data-restore",
        "--profile",
        profile.name(),
    ];
    let features: &[&str] = match cloud {
        Cloud::Embedded => &[],
        Cloud::None => &["--no-default-features"],
    };
    let mut build = workspace.cargo();
    build.args(server).args(features);
    if let (Profile::Release, Some(commit)) = (profile, commit(workspace)) {
        build.env("DATA_RESTORE_COMMIT", commit);
    }
    command::run(&mut build)
}

/// The commit that is built, for the page that tells it; `None` where there is no repository.
fn commit(workspace: &Workspace) -> Option<String> {
    let mut git = Command::new("git");
    git.args(["rev-parse", "--short=12", "HEAD"])
        .current_dir(&workspace.root);
    let commit = command::output(&mut git).ok()?;
    Some(commit.trim().to_owned()).filter(|commit| !commit.is_empty())
}

/// The site root: the page in `pkg/`, and the public files.
fn site(workspace: &Workspace) -> Result<()> {
    let package = workspace.site().join("pkg");
    fs::create_dir_all(&package).with_context(|| format!("cannot create {}", package.display()))?;
    page::build(workspace, &package)?;
    style::build(
        &workspace.root.join("style/main.css"),
        &package.join("data-restore.css"),
    )?;
    public_files::copy(&workspace.root.join("public"), &workspace.site(), "pkg")
}

/// Writes a file when its content changes, with a brotli copy beside it; says whether it did.
fn write_served(file: &Path, content: &[u8]) -> Result<bool> {
    let compressed = compress::beside(file);
    if compressed.exists() && fs::read(file).is_ok_and(|old| old == content) {
        return Ok(false);
    }
    fs::write(file, content).with_context(|| format!("cannot write {}", file.display()))?;
    fs::write(&compressed, compress::brotli(content)?)
        .with_context(|| format!("cannot write {}", compressed.display()))?;
    Ok(true)
}
