//! Where things lie: the checkout, the target directory, and the cache that outlives both.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::command;

/// The checkout this task runs in, as Cargo sees it.
#[derive(Debug, Deserialize)]
pub struct Workspace {
    /// The checkout's root folder.
    #[serde(rename = "workspace_root")]
    pub root: PathBuf,
    /// Where Cargo builds; follows `CARGO_TARGET_DIR`.
    #[serde(rename = "target_directory")]
    pub target: PathBuf,
    /// Every package of the workspace with what it declares.
    pub packages: Vec<Package>,
}

/// A package of this workspace.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Its name in `Cargo.toml`.
    pub name: String,
    /// Its `Cargo.toml`.
    pub manifest_path: PathBuf,
    /// What it depends on, of every kind.
    pub dependencies: Vec<Dependency>,
    /// Its features and what each switches on.
    pub features: std::collections::BTreeMap<String, Vec<String>>,
}

/// One line under `[dependencies]`, `[dev-dependencies]` or `[build-dependencies]`.
#[derive(Debug, Deserialize)]
pub struct Dependency {
    /// The package depended on.
    pub name: String,
    /// `None` for an ordinary dependency, else `dev` or `build`.
    pub kind: Option<String>,
    /// Whether a feature has to ask for it.
    pub optional: bool,
}

impl Workspace {
    /// Asks Cargo.
    pub fn find() -> Result<Self> {
        let metadata =
            command::output(command::cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
        serde_json::from_str(&metadata).context("cannot read what `cargo metadata` printed")
    }

    /// What the server serves: the page, its styles, the public files.
    pub fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// The server binary of a profile's folder (`debug`, `release`).
    pub fn server_binary(&self, profile_folder: &str) -> PathBuf {
        self.target
            .join(profile_folder)
            .join(format!("data-restore{}", env::consts::EXE_SUFFIX))
    }

    /// What the running server needs to find the site.
    pub fn site_environment(&self) -> [(&'static str, PathBuf); 3] {
        [
            ("LEPTOS_SITE_ROOT", self.site()),
            ("LEPTOS_SITE_PKG_DIR", PathBuf::from("pkg")),
            ("LEPTOS_OUTPUT_NAME", PathBuf::from("data-restore")),
        ]
    }

    /// A cargo command that runs in the checkout.
    pub fn cargo(&self) -> Command {
        let mut cargo = command::cargo();
        cargo.current_dir(&self.root);
        cargo
    }
}

/// The folder for what is got once and kept for every checkout.
pub fn cache() -> Result<PathBuf> {
    let base = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .context("cannot tell the user's cache folder: neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(base.join("data-restore"))
}

/// Finds a program on `PATH`.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    // Debian keeps mariadbd in a folder that is not on an ordinary user's PATH.
    env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join(name))
        .find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
