//! `audit verify`.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use recovery::audit::AuditEntry;
use recovery::page::Page;

use super::output::{Output, count};
use crate::failure::{Failure, Result};

/// Larger files are not an export of one chain: an entry has about a kilobyte.
const BYTES_MAX: u64 = 1 << 30;

const EXAMPLES: &str = "\
Examples:
  curl -H \"Authorization: Bearer $DATA_RESTORE_TOKEN\" https://restore.example.com/api/v1/audit?limit=200 > audit.json
  data-restore audit verify audit.json
  data-restore audit verify - < audit.jsonl";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check an exported audit chain: every entry's hash, and that none is missing between the first and the last
    Verify(Arguments),
}

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A page of the API, a JSON array of entries, or one entry per line; `-` reads stdin
    file: PathBuf,
}

pub fn run(command: &Command, output: &Output) -> Result<ExitCode> {
    let Command::Verify(Arguments { file }) = command;
    let text = read(file)?;
    let entries = parse(&text).map_err(|error| {
        Failure::new(
            "invalid",
            format!("Reading the audit entries of {} failed: {error}", file.display()),
        )
        .hint("Export them with GET /api/v1/audit: a page, an array, or one entry per line.")
    })?;
    if entries.is_empty() {
        return Err(
            Failure::new("empty", format!("{} holds no audit entry", file.display()))
                .hint("An empty file proves nothing. Export the log again."),
        );
    }
    let summary = workflow::verify_chain(&entries).map_err(|error| {
        let broken = Failure::new(
            "broken_chain",
            format!("Checking {} failed: {error}", file.display()),
        );
        match error.hint() {
            Some(hint) => broken.hint(hint),
            None => broken,
        }
    })?;
    output.answer(&summary, |summary| {
        format!(
            "The chain holds: {} entries, {} to {}.\nHead: {}\nKeep the head elsewhere: with it, entries cut off at the \
             end are noticed too.",
            count(summary.entries),
            summary.first,
            summary.last,
            summary.head
        )
    });
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<String> {
    let failed = |error: &std::io::Error| Failure::file("Reading", file, error);
    let mut text = String::new();
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).map_err(|error| failed(&error))?)
    };
    source
        .take(BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| failed(&error))?;
    Ok(text)
}

/// Entries in any of the forms in which they are exported.
fn parse(text: &str) -> serde_json::Result<Vec<AuditEntry>> {
    let text = text.trim();
    if text.starts_with('[') {
        return serde_json::from_str(text);
    }
    if let Ok(page) = serde_json::from_str::<Page<AuditEntry>>(text) {
        return Ok(page.items);
    }
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(serde_json::from_str)
        .collect()
}
