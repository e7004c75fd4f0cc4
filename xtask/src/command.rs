//! Running other programs, with errors that name the command.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

/// The cargo that started this task, so that nested builds use the same toolchain.
pub fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command to its end and fails when it does.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a command quietly; its output is shown only in the error.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} ended with {}: {}",
            shown(command),
            output.status,
            stderr.trim()
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} printed what is not UTF-8", shown(command)))
}

/// Whether a command can be run and succeeds; says nothing.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a command, shows what it prints as it prints it, and keeps a copy to be read.
pub fn observed(command: &mut Command) -> Result<(ExitStatus, String)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    let stderr = child.stderr.take().context("the child has no standard error")?;
    let stdout = child.stdout.take().context("the child has no standard output")?;
    let errors = thread::spawn(move || copy_lines(stderr, std::io::stderr()));
    let mut printed = copy_lines(stdout, std::io::stdout());
    printed.push_str(&errors.join().unwrap_or_default());
    let status = child
        .wait()
        .with_context(|| format!("cannot wait for {}", shown(command)))?;
    Ok((status, printed))
}

fn copy_lines(from: impl Read, mut to: impl Write) -> String {
    let mut copy = String::new();
    let mut lines = BufReader::new(from);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        // A closed terminal must not end the tests whose output it showed.
        drop(to.write_all(&line).and_then(|()| to.flush()));
        copy.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    copy
}

/// A command as a person would type it.
pub fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    std::iter::once(program)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Says what is being done, on standard error, so that standard output stays what was asked for.
pub fn say(line: impl std::fmt::Display) {
    eprintln!("==> {line}");
}
