//! `repair-copy`.

use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use recovery::ids::Region;
use recovery::plan::CopyRef;
use recovery::point::RecoveryPoint;
use recovery::repair::{RepairPlan, RepairedCopy};
use serde::Serialize;
use workflow::replication::{self, Check, repair};

use super::arguments::{self, ServerArguments};
use super::copy::cloud;
use super::location::Location;
use super::output::{Output, bytes, count};
use super::remote::Remote;
use crate::config::Config;
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  data-restore repair-copy --server https://restore.example.com \\
      --to s3://backups-usw2/exports/tvshows-20261120t080000z-3f9a2c --to-region us-west-2
  data-restore repair-copy --plan \\
      --from s3://backups-use1/exports/tvshows-20261120t080000z-3f9a2c --from-region us-east-1 \\
      --to s3://backups-usw2/exports/tvshows-20261120t080000z-3f9a2c --to-region us-west-2

Objects are copied within S3, from Region to Region. One that is missing goes only where none is; one that differs is laid
over, where the bucket keeps its old version and no legal hold is on it. Exit status 1 unless the copy is Verified in the
end.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The copy that is right, as s3://BUCKET/PREFIX/EXPORT; a server takes a verified one by itself
    #[arg(long, value_name = "S3_URI")]
    from: Option<Location>,
    /// Region of its bucket [default: the SDK's, from AWS_REGION]
    #[arg(long, value_name = "REGION")]
    from_region: Option<Region>,
    /// The copy to repair
    #[arg(long, value_name = "S3_URI")]
    to: Location,
    /// Region of its bucket
    #[arg(long, value_name = "REGION")]
    to_region: Region,
    /// Only show what would be copied
    #[arg(long, conflicts_with = "server")]
    plan: bool,
    /// Copy larger objects in parts of this size (S3 takes 5 MiB to 5 GiB)
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t = repair::WHOLE_BYTES,
        value_parser = clap::value_parser!(u64).range(5 << 20..=repair::WHOLE_BYTES_MAX),
        conflicts_with = "server"
    )]
    whole_bytes_max: u64,
    #[command(flatten)]
    server: ServerArguments,
}

/// What was found, done and found again.
#[derive(Serialize)]
struct Answer {
    from: String,
    to: String,
    before: Check,
    plan: RepairPlan,
    /// `None` where only the plan was asked for.
    done: Option<RepairedCopy>,
    after: Option<Check>,
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    if let Some(url) = arguments.server.url(config) {
        return through_server(&url, &arguments, output).await;
    }
    let named = arguments.from.as_ref().ok_or_else(|| {
        Failure::usage("The copy that is right is missing")
            .hint("Name it with --from s3://BUCKET/PREFIX/EXPORT, or go through a server, which knows.")
    })?;
    let place = |location: &Location, region: &Region| replication::Location {
        region: region.clone(),
        account: None,
        bucket: location.bucket.clone(),
        prefix: location.prefix.clone(),
    };
    let from_region = arguments::region(arguments.from_region.as_ref(), config)?;
    let from = place(named, &from_region);
    let to = place(&arguments.to, &arguments.to_region);
    let cloud = cloud().await;
    require_whole(&cloud, named, &from.copy_ref()).await?;
    let repair::Repair { before, plan } = repair::plan_repair(&cloud, &from, &to).await?;
    let (done, after) = if arguments.plan {
        (None, None)
    } else {
        let done = repair::execute(&cloud, &from, &to, plan.clone(), arguments.whole_bytes_max).await;
        (Some(done), Some(replication::check(&cloud, &from, &to).await?))
    };
    let is_whole = after.as_ref().unwrap_or(&before).verdict.is_restorable();
    let answer = Answer {
        from: named.to_string(),
        to: arguments.to.to_string(),
        before,
        plan,
        done,
        after,
    };
    output.answer(&answer, text);
    Ok(ExitCode::from(u8::from(!is_whole && !arguments.plan)))
}

/// Without a catalogue nobody knows a verdict; what is copied from must at least be a whole export.
async fn require_whole(cloud: &aws::Cloud, named: &Location, copy: &CopyRef) -> Result<()> {
    let inspection = restore::inspect(cloud, copy).await?;
    let tables = inspection.tables.iter();
    let problem = inspection.problems.first().or_else(|| {
        tables
            .filter(|table| table.summary.skipped.is_none())
            .find_map(|table| table.problems.first())
    });
    match problem {
        None => Ok(()),
        Some(problem) => Err(Failure::new(
            "not_whole",
            format!("{named} is no copy to repair from: {problem}"),
        )
        .hint("Name a copy that is whole with --from.")),
    }
}

/// The server knows the verified copies; it repairs, checks again and records both.
async fn through_server(url: &str, arguments: &Arguments, output: &Output) -> Result<ExitCode> {
    #[derive(Serialize)]
    struct Answer {
        point: RecoveryPoint,
        copies: Vec<RepairedCopy>,
        at: Timestamp,
    }
    let remote = Remote::new(url)?;
    let point = remote.recovery_point(&arguments.to, &arguments.to_region).await?;
    let repaired = remote.repair(&point.id, &arguments.to_region).await?;
    let answer = Answer {
        point: repaired.point,
        copies: repaired.copies,
        at: Timestamp::now(),
    };
    let copy = answer.point.copy_in(&arguments.to_region);
    let is_whole = copy.is_some_and(|copy| copy.verdict.is_restorable());
    output.answer(&answer, |answer| {
        let mut lines: Vec<String> = answer.copies.iter().flat_map(done_lines).collect();
        if lines.is_empty() {
            lines.push("Nothing had to be copied.".to_owned());
        }
        if let Some(copy) = answer.point.copy_in(&arguments.to_region) {
            lines.push(format!(
                "{}: {}. {}",
                copy.uri(),
                copy.verdict.name(),
                copy.verdict.explanation()
            ));
        }
        lines.join("\n")
    });
    Ok(ExitCode::from(u8::from(!is_whole)))
}

fn text(answer: &Answer) -> String {
    let mut lines = vec![format!(
        "{}: {}. {}",
        answer.to,
        answer.before.verdict.name(),
        answer.before.verdict.explanation()
    )];
    if let (Some(done), Some(after)) = (&answer.done, &answer.after) {
        lines.extend(done_lines(done));
        lines.push(format!(
            "{}: {}. {}",
            answer.to,
            after.verdict.name(),
            after.verdict.explanation()
        ));
    } else {
        lines.extend(plan_lines(&answer.plan));
    }
    lines.join("\n")
}

fn plan_lines(plan: &RepairPlan) -> Vec<String> {
    const SHOWN_MAX: usize = 20;
    let mut lines = vec![format!(
        "{} objects would be copied, {}:",
        count(plan.steps.len() as u64),
        bytes(plan.steps.iter().map(|step| step.size).sum())
    )];
    lines.extend(plan.steps.iter().take(SHOWN_MAX).map(|step| {
        let how = if step.over.is_some() {
            "laid over"
        } else {
            "missing"
        };
        format!("  {how}: {} ({})", step.path, bytes(step.size))
    }));
    if plan.steps.len() > SHOWN_MAX {
        lines.push(format!(
            "  and {} more (--json lists all)",
            plan.steps.len() - SHOWN_MAX
        ));
    }
    lines.extend(
        plan.refused
            .iter()
            .map(|refused| format!("  left as it is: {}: {}", refused.path, refused.why)),
    );
    lines
}

fn done_lines(done: &RepairedCopy) -> Vec<String> {
    let mut lines = vec![format!(
        "{} objects copied from {}, {}.",
        count(done.copied),
        done.from,
        bytes(done.bytes)
    )];
    lines.extend(
        done.refused
            .iter()
            .map(|refused| format!("  left as it is: {}: {}", refused.path, refused.why)),
    );
    lines.extend(
        done.failed
            .iter()
            .map(|failed| format!("  broken off: {failed}; the same command goes on with the rest")),
    );
    lines
}
