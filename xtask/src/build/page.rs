//! The page: `frontend` compiled for wasm32, and the JavaScript that loads it.
//!
//! wasm-bindgen runs as a library, so its version is the one in `Cargo.lock` and nobody has to install its CLI.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::write_served;
use crate::command::{self, say};
use crate::workspace::Workspace;

const NAME: &str = "data-restore";
const PROFILE: &str = "wasm-release";

/// Builds the page into `package`, and does nothing after cargo when the module it compiled is the one from last time.
pub fn build(workspace: &Workspace, package: &Path) -> Result<()> {
    say("building the page");
    command::run(
        workspace
            .cargo()
            .args([
                "build", "--package", "frontend", "--lib", "--target", "wasm32-unknown-unknown",
            ])
            .args(["--profile", PROFILE]),
    )?;
    let module = workspace
        .target
        .join("wasm32-unknown-unknown")
        .join(PROFILE)
        .join("frontend.wasm");
    let stamp_file = workspace.target.join("page.stamp");
    let stamp = stamp(&module)?;
    let outputs = ["js", "wasm"].map(|extension| package.join(NAME).with_extension(extension));
    if outputs.iter().all(|file| file.exists())
        && fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp)
    {
        return Ok(());
    }
    say("binding and compressing the page");
    bind(&module, &workspace.target.join("page"), package)?;
    fs::write(&stamp_file, stamp).with_context(|| format!("cannot write {}", stamp_file.display()))
}

/// What tells one compiled module from another without reading it: Cargo writes it only when it compiles it.
fn stamp(module: &Path) -> Result<String> {
    let metadata = module
        .metadata()
        .with_context(|| format!("cargo left no {}", module.display()))?;
    let modified = metadata
        .modified()?
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Ok(format!(
        "{} bytes, {} ns, page 1\n",
        metadata.len(),
        modified.as_nanos()
    ))
}

fn bind(module: &Path, staging: &Path, package: &Path) -> Result<()> {
    if staging.exists() {
        fs::remove_dir_all(staging).with_context(|| format!("cannot remove {}", staging.display()))?;
    }
    Bindgen::new()
        .input_path(module)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // Leptos names the module when it loads it; the default would ask for a name that is not served.
        .omit_default_module_path(true)
        .generate(staging)
        .context("wasm-bindgen failed")?;
    let read = |name: &str| {
        let file = staging.join(name);
        fs::read(&file).with_context(|| format!("wasm-bindgen wrote no {}", file.display()))
    };
    write_served(
        &package.join(NAME).with_extension("js"),
        &read(&format!("{NAME}.js"))?,
    )?;
    write_served(
        &package.join(NAME).with_extension("wasm"),
        &read(&format!("{NAME}_bg.wasm"))?,
    )?;
    let snippets = staging.join("snippets");
    if snippets.is_dir() {
        super::public_files::copy(&snippets, &package.join("snippets"), "")?;
    }
    Ok(())
}
