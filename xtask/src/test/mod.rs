//! `cargo xtask test`: every suite to its end, and one closing line that sums them up.

use std::env;
use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::ValueEnum;

use crate::build::{self, Profile};
use crate::command::{self, say};
use crate::setup;
use crate::workspace::{Workspace, program};

mod contract;
mod summary;

use summary::Counts;

/// The packages whose tests run together. `frontend` compiles for the browser alone. xtask runs by itself: its dependencies
/// would add features to shared ones, and a good part of the AWS SDK would be compiled twice, for the tests and for the server.
const TESTED: [&str; 5] = ["--workspace", "--exclude", "frontend", "--exclude", "xtask"];

/// A suite with a runner of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Suite {
    /// Rust unit, integration and documentation tests
    Unit,
    /// The product against boto3, emulators of others and a real MariaDB
    Conformance,
    /// The pages in a real browser
    Browser,
}

/// Runs the suites, all when none is named. The last line printed is `N passed, N failed, N skipped`.
pub fn run(workspace: &Workspace, suites: &[Suite]) -> Result<ExitCode> {
    let wanted = |suite| suites.is_empty() || suites.contains(&suite);
    setup::for_building(workspace)?;
    let needs_product = wanted(Suite::Conformance) || wanted(Suite::Browser);
    if needs_product && let Err(missing) = setup::for_testing(workspace)?.into_result() {
        say(format!("{missing:#}"));
    }
    let mut total = Counts::default();
    if wanted(Suite::Unit) {
        total += unit(workspace)?;
    }
    if needs_product {
        match build::everything(workspace, Profile::Dev, build::Cloud::Embedded) {
            Ok(()) => {
                if wanted(Suite::Conformance) {
                    total += conformance(workspace)?;
                }
                if wanted(Suite::Browser) {
                    total += browser(workspace)?;
                }
            }
            Err(error) => {
                say(format!(
                    "the product cannot be built, and so not be tested: {error:#}"
                ));
                total.failed += 1;
            }
        }
    }
    println!("{total}");
    Ok(if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn unit(workspace: &Workspace) -> Result<Counts> {
    let nextest = program("cargo-nextest").is_some();
    let mut counts = Counts::default();
    for packages in [&TESTED[..], &["--package", "xtask"]] {
        let (arguments, read): (&[&str], summary::Reader) = if nextest {
            (&["nextest", "run", "--no-fail-fast"], summary::of_nextest)
        } else {
            (&["test", "--no-fail-fast"], summary::of_cargo_test)
        };
        let title = format!("unit and integration tests ({})", packages.join(" "));
        counts += observe(&title, workspace.cargo().args(arguments).args(packages), read)?;
    }
    if nextest {
        // nextest runs no documentation tests; plain `cargo test` has run them already.
        let arguments = ["test", "--doc", "--no-fail-fast", "--quiet"];
        let mut runner = workspace.cargo();
        counts += observe(
            "documentation tests",
            runner.args(arguments).args(TESTED),
            summary::of_cargo_test,
        )?;
    }
    Ok(counts)
}

fn conformance(workspace: &Workspace) -> Result<Counts> {
    let mut runner = Command::new(setup::CONFORMANCE.interpreter()?);
    runner.args(["-m", "pytest", "-rs", "--color=no", "--tb=short"]);
    // Files know nothing of each other, and wait more than they work.
    runner.args(["--numprocesses=2", "--dist=loadfile", "."]);
    runner.current_dir(workspace.root.join("e2e/conformance"));
    with_product(&mut runner, workspace).env("DATA_RESTORE_LOCALSTACK", setup::LOCALSTACK.interpreter()?);
    let mut counts = Counts::default();
    match contract::build(workspace) {
        Ok(binary) => {
            runner.env("DATA_RESTORE_CONTRACT", binary);
        }
        Err(error) => {
            say(format!("the contract suite cannot be built: {error:#}"));
            counts.failed += 1;
        }
    }
    counts += observe("conformance tests", &mut runner, summary::of_pytest)?;
    Ok(counts)
}

fn browser(workspace: &Workspace) -> Result<Counts> {
    let mut runner = Command::new("node");
    runner.args([
        "--test", "--test-reporter=spec", "--test-timeout=900000", "browser/pages.test.js",
    ]);
    runner.current_dir(workspace.root.join("e2e"));
    if let Some(chromium) = setup::chromium() {
        runner.env("CHROMIUM", chromium);
    }
    observe(
        "browser tests",
        with_product(&mut runner, workspace),
        summary::of_node,
    )
}

/// Tells a harness which product to test.
fn with_product<'a>(runner: &'a mut Command, workspace: &Workspace) -> &'a mut Command {
    // A developer's own AWS must never be what the tests talk to.
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        runner.env_remove(name);
    }
    runner
        .env("DATA_RESTORE", workspace.server_binary(Profile::Dev.folder()))
        .envs(workspace.site_environment())
}

/// Runs a suite and reads its own summary; a runner that dies without one is a failure.
fn observe(suite: &str, runner: &mut Command, read: summary::Reader) -> Result<Counts> {
    say(suite);
    let (status, printed) = command::observed(runner)?;
    let counts = read(&summary::without_colours(&printed));
    Ok(match counts {
        Some(counts) if status.success() || counts.failed > 0 => counts,
        Some(counts) => {
            say(format!("{suite}: the runner ended with {status}"));
            Counts { failed: 1, ..counts }
        }
        None => {
            say(format!("{suite}: the runner ended with {status} and no summary"));
            Counts {
                failed: 1,
                ..Counts::default()
            }
        }
    })
}
