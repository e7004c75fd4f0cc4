//! `verify-copy`.

use std::path::PathBuf;
use std::process::ExitCode;

use aws::{Cloud, CloudConfig};
use bytes::Bytes;
use clap::Args;
use jiff::Timestamp;
use recovery::ids::Region;
use recovery::point::ManifestRef;
use serde::Serialize;
use workflow::replication::{self, Check, manifest};

use super::arguments::{self, ServerArguments};
use super::location::Location;
use super::output::{self, Output, count};
use super::remote::Remote;
use crate::config::Config;
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  data-restore verify-copy \\
      --from s3://backups-use1/exports/tvshows-20261120t080000z-3f9a2c --from-region us-east-1 \\
      --to s3://backups-usw2/exports/tvshows-20261120t080000z-3f9a2c --to-region us-west-2 --manifest evidence.json
  data-restore verify-copy --server https://restore.example.com \\
      --to s3://backups-usw2/exports/tvshows-20261120t080000z-3f9a2c --to-region us-west-2

Existence, size and full-object checksums decide; ETags never do. Exit status 1 unless the copy is Verified.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The original, as s3://BUCKET/PREFIX/EXPORT; a server knows it by itself
    #[arg(long, value_name = "S3_URI")]
    from: Option<Location>,
    /// Region of the original's bucket [default: the SDK's, from AWS_REGION]
    #[arg(long, value_name = "REGION")]
    from_region: Option<Region>,
    /// The copy
    #[arg(long, value_name = "S3_URI")]
    to: Location,
    /// Region of the copy's bucket
    #[arg(long, value_name = "REGION")]
    to_region: Region,
    /// Write the evidence, object by object, into this file: a JSON manifest that carries its own digest
    #[arg(long, value_name = "FILE", conflicts_with = "server")]
    manifest: Option<PathBuf>,
    /// Put the evidence beside both copies too, below PREFIX/EXPORT.evidence/; a server does so by itself
    #[arg(long, conflicts_with = "server")]
    store_manifest: bool,
    #[command(flatten)]
    server: ServerArguments,
}

/// What was compared and what was found.
#[derive(Serialize)]
struct Answer {
    from: String,
    to: String,
    #[serde(flatten)]
    check: Check,
    /// Key and digest of the evidence, where it was written.
    manifest: Option<ManifestRef>,
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    if let Some(url) = arguments.server.url(config) {
        return through_server(&url, &arguments, output).await;
    }
    let from = arguments.from.ok_or_else(|| {
        Failure::usage("The original is missing").hint("Name it with --from s3://BUCKET/PREFIX/EXPORT.")
    })?;
    let place = |location: &Location, region: &Region| replication::Location {
        region: region.clone(),
        account: None,
        bucket: location.bucket.clone(),
        prefix: location.prefix.clone(),
    };
    let from_region = arguments::region(arguments.from_region.as_ref(), config)?;
    let cloud = Cloud::connect(CloudConfig::default()).await;
    let original = place(&from, &from_region);
    let copy = place(&arguments.to, &arguments.to_region);
    let (check, manifest) =
        replication::check_with_manifest(&cloud, &original, &copy, Timestamp::now()).await?;
    let mut written = None;
    if let Some(file) = &arguments.manifest {
        std::fs::write(file, manifest::bytes(&manifest)?)
            .map_err(|error| Failure::file("Writing", file, &error))?;
        written = Some(manifest::reference(&manifest, &copy));
    }
    if arguments.store_manifest {
        let reference = manifest::reference(&manifest, &copy);
        let json = Bytes::from(manifest::bytes(&manifest)?);
        for side in [&original, &copy] {
            manifest::store(&cloud, side, &reference.key, json.clone())
                .await
                .map_err(workflow::Error::from)?;
        }
        written = Some(reference);
    }
    let verified = check.verdict.is_restorable();
    let answer = Answer {
        from: from.to_string(),
        to: arguments.to.to_string(),
        check,
        manifest: written,
    };
    output.answer(&answer, text);
    Ok(ExitCode::from(u8::from(!verified)))
}

/// The server knows the original and the account; it checks every copy and records what it finds.
async fn through_server(url: &str, arguments: &Arguments, output: &Output) -> Result<ExitCode> {
    let remote = Remote::new(url)?;
    let point = remote.recovery_point(&arguments.to, &arguments.to_region).await?;
    let point = remote.verify(&point.id).await?;
    let copy = point
        .copies
        .into_iter()
        .find(|copy| copy.bucket == arguments.to.bucket && copy.region == arguments.to_region)
        .ok_or_else(|| {
            Failure::new(
                "not_found",
                format!("The server knows the copy {} no longer", arguments.to),
            )
        })?;
    output.answer(&copy, |copy| {
        format!(
            "{}: {}. {}",
            copy.uri(),
            copy.verdict.name(),
            copy.verdict.explanation()
        )
    });
    Ok(ExitCode::from(u8::from(!copy.verdict.is_restorable())))
}

fn text(answer: &Answer) -> String {
    const SHOWN_MAX: usize = 20;
    let Check {
        comparison,
        arriving,
        verdict,
        evidence,
    } = &answer.check;
    let mut lines = vec![
        format!("{}: {}. {}", answer.to, verdict.name(), verdict.explanation()),
        format!(
            "{} of {} objects, {}; {}.",
            count(evidence.objects_found),
            count(evidence.objects_expected),
            output::bytes(evidence.bytes),
            evidence.basis
        ),
    ];
    for (what, paths) in [
        ("missing", &comparison.missing),
        ("different", &comparison.different),
        ("still arriving", arriving),
        ("only in the copy", &comparison.extra),
    ] {
        lines.extend(
            paths
                .iter()
                .take(SHOWN_MAX)
                .map(|path| format!("  {what}: {path}")),
        );
        if paths.len() > SHOWN_MAX {
            lines.push(format!(
                "  {what}: and {} more (--json lists all)",
                paths.len() - SHOWN_MAX
            ));
        }
    }
    if let Some(manifest) = &answer.manifest {
        lines.push(format!("Evidence: {}, SHA-256 {}", manifest.key, manifest.sha256));
    }
    lines.join("\n")
}
