//! `cargo xtask fuzz`: the parsers of what others wrote, on bytes that nobody wrote.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::command::{self, say};
use crate::workspace::{Workspace, program};

/// What is fuzzed: each a target and a folder of seeds below `fuzz/`.
const TARGETS: [&str; 3] = ["metadata", "footer", "plan"];

/// A few kilobytes of input must not take more.
const MEMORY_MB_MAX: u32 = 2048;

/// One input must not take longer.
const INPUT_SECONDS_MAX: u32 = 10;

/// Runs each target so long, from its seeds and what earlier runs found. An input that fails is left in `fuzz/artifacts`.
pub fn run(workspace: &Workspace, seconds: u32) -> Result<()> {
    if program("cargo-fuzz").is_none() {
        bail!("cargo-fuzz is not installed; `cargo install cargo-fuzz --locked` gets it");
    }
    for target in TARGETS {
        say(format!("{target}, {seconds} s"));
        let corpus = format!("fuzz/corpus/{target}");
        fs::create_dir_all(workspace.root.join(&corpus))
            .with_context(|| format!("cannot create {corpus}"))?;
        let mut fuzz = workspace.cargo();
        // Sanitizers are for nightly compilers; this one has them, too.
        fuzz.env("RUSTC_BOOTSTRAP", "1");
        fuzz.env("CARGO_TARGET_DIR", workspace.target.join("fuzz"));
        fuzz.args([
            "fuzz",
            "run",
            target,
            &corpus,
            &format!("fuzz/seeds/{target}"),
            "--",
        ]);
        fuzz.arg(format!("-max_total_time={seconds}"));
        fuzz.arg(format!("-rss_limit_mb={MEMORY_MB_MAX}"));
        fuzz.arg(format!("-timeout={INPUT_SECONDS_MAX}"));
        command::run(&mut fuzz)?;
    }
    Ok(())
}
