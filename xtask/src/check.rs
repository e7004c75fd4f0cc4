//! `cargo xtask check`: format, lints, documentation, licences and tidiness, without a warning.

use anyhow::Result;

use crate::command::{self, say};
use crate::setup;
use crate::tidy;
use crate::workspace::{Workspace, program};

/// Every check, cheapest first; the first that fails ends it.
pub fn run(workspace: &Workspace) -> Result<()> {
    say("format");
    command::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    say("tidy");
    tidy::run(workspace)?;
    say("lints of the server's side");
    command::run(
        workspace
            .cargo()
            .args(["clippy", "--workspace", "--exclude", "frontend", "--all-targets"])
            .args(["--", "--deny", "warnings"]),
    )?;
    say("lints of the browser's side");
    setup::for_building(workspace)?;
    command::run(
        workspace
            .cargo()
            .args([
                "clippy", "--package", "frontend", "--package", "app", "--features", "app/hydrate",
            ])
            .args(["--target", "wasm32-unknown-unknown", "--", "--deny", "warnings"]),
    )?;
    say("documentation");
    command::run(workspace.cargo().env("RUSTDOCFLAGS", "--deny warnings").args([
        "doc", "--workspace", "--exclude", "frontend", "--no-deps", "--quiet",
    ]))?;
    if program("cargo-deny").is_some() {
        say("licences, bans and sources");
        // Advisories are left out: they change from day to day, and a check of the same code must not.
        command::run(
            workspace
                .cargo()
                .args(["deny", "check", "licenses", "bans", "sources"]),
        )?;
    } else {
        say("cargo-deny is not installed; licences, bans and sources are not checked");
    }
    Ok(())
}
