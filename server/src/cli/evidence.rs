//! `evidence verify`.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;
use workflow::replication::manifest;

use super::output::{Output, count};
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  aws s3 cp s3://backups-usw2/exports/tvshows-20261120t080000z-3f9a2c.evidence/us-west-2/20261120T081500Z-5d41402abc4b2a76.json \\
      manifest.json
  data-restore evidence verify manifest.json
  data-restore evidence verify manifest.json --sha256 5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592

The digest is the SHA-256 of the document's JSON without its member sha256: members sorted by name, no white space.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Hold an evidence manifest against the digest that it carries, and against a recorded one
    Verify(Arguments),
}

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The manifest; `-` reads stdin
    file: PathBuf,
    /// The digest that it must have, as the API and the recovery point's page tell it
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
}

/// What a manifest that holds says.
#[derive(Serialize)]
struct Answer {
    sha256: String,
    recovery_point: Option<String>,
    copy: String,
    region: String,
    verdict: &'static str,
    basis: String,
    checked_at: Timestamp,
    objects: usize,
}

pub fn run(command: &Command, output: &Output) -> Result<ExitCode> {
    let Command::Verify(Arguments { file, sha256 }) = command;
    let json = read(file)?;
    let manifest = manifest::read(&json).map_err(|error| {
        Failure::new("invalid", format!("Checking {} failed: {error}", file.display()))
            .hint("Fetch it again from S3, from another Region too; every Region has it under the same key.")
    })?;
    if let Some(expected) = sha256
        && !expected.eq_ignore_ascii_case(&manifest.sha256)
    {
        return Err(Failure::new(
            "other_manifest",
            format!(
                "{} is whole, but another one: its digest is {}, and {expected} was expected",
                file.display(),
                manifest.sha256
            ),
        )
        .hint("The API's recovery point names the key and the digest of each copy's manifest."));
    }
    let answer = Answer {
        recovery_point: manifest.recovery_point.as_ref().map(ToString::to_string),
        copy: format!("s3://{}/{}", manifest.copy.bucket, manifest.copy.prefix),
        region: manifest.copy.region.to_string(),
        verdict: manifest.verdict.name(),
        basis: manifest.evidence.basis.clone(),
        checked_at: manifest.checked_at,
        objects: manifest.objects.len(),
        sha256: manifest.sha256,
    };
    output.answer(&answer, |answer| {
        format!(
            "The manifest holds: {}\n{} in {} was {} at {}: {} objects. {}",
            answer.sha256,
            answer.copy,
            answer.region,
            answer.verdict,
            answer.checked_at,
            count(answer.objects as u64),
            answer.basis
        )
    });
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let failed = |error: &std::io::Error| Failure::file("Reading", file, error);
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).map_err(|error| failed(&error))?)
    };
    let mut json = Vec::new();
    source
        .take(manifest::BYTES_MAX as u64)
        .read_to_end(&mut json)
        .map_err(|error| failed(&error))?;
    Ok(json)
}
