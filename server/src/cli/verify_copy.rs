//! `verify-copy`.

use std::process::ExitCode;

use aws::{Cloud, CloudConfig};
use clap::Args;
use recovery::ids::Region;
use serde::Serialize;
use workflow::replication::{self, Check};

use super::arguments::{self, ServerArguments};
use super::location::Location;
use super::output::{Output, bytes, count};
use super::remote::Remote;
use crate::config::Config;
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  data-restore verify-copy \\
      --from s3://backups-use1/exports/tvshows-20261120t080000z-3f9a2c --from-region us-east-1 \\
      --to s3://backups-usw2/exports/tvshows-20261120t080000z-3f9a2c --to-region us-west-2
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
    let check = replication::check(
        &cloud,
        &place(&from, &from_region),
        &place(&arguments.to, &arguments.to_region),
    )
    .await?;
    let verified = check.verdict.is_restorable();
    let answer = Answer {
        from: from.to_string(),
        to: arguments.to.to_string(),
        check,
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
            bytes(evidence.bytes),
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
    lines.join("\n")
}
