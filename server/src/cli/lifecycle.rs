//! `lifecycle`.

use std::process::ExitCode;

use clap::Args;
use recovery::ids::SourceId;
use recovery::lifecycle::{Plan, Report, Step};

use super::arguments::ServerArguments;
use super::output::{Output, bytes, count, table};
use super::remote::Remote;
use crate::config::Config;
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  data-restore lifecycle tvshows --server https://restore.example.com
  data-restore lifecycle tvshows --json

What the policy's lifecycle asks for of a source's copies now: which move to Glacier, which end, and what is spared and
why. The server does it by itself, twice a day; this changes nothing.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The source
    #[arg(value_name = "SOURCE")]
    source: SourceId,
    #[command(flatten)]
    server: ServerArguments,
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let url = arguments.server.url(config).ok_or_else(|| {
        Failure::usage("The server is missing").hint("Name it with --server URL or DATA_RESTORE_SERVER.")
    })?;
    let report = Remote::new(&url)?.lifecycle(&arguments.source).await?;
    output.answer(&report, text);
    Ok(ExitCode::SUCCESS)
}

fn text(report: &Report) -> String {
    let mut parts = plan(&report.now);
    if let Some(last) = &report.last {
        parts.push(format!(
            "Done last at {}:",
            last.at.strftime("%Y-%m-%d %H:%M UTC")
        ));
        parts.extend(plan(&last.plan));
    }
    parts.join("\n\n")
}

fn plan(plan: &Plan) -> Vec<String> {
    let mut parts = Vec::new();
    for (title, steps, all) in [
        ("due", &plan.due, plan.due_count),
        ("spared", &plan.spared, plan.spared_count),
    ] {
        if all == 0 {
            parts.push(format!("Nothing is {title}."));
            continue;
        }
        let rows: Vec<[String; 5]> = steps.iter().map(row).collect();
        let header = ["recovery point", "region", title, "size", "why"];
        parts.push(table(header, &rows).trim_end().to_owned());
        let left_out = all.saturating_sub(steps.len() as u64);
        if left_out > 0 {
            parts.push(format!("… and {} more", count(left_out)));
        }
    }
    parts
}

fn row(step: &Step) -> [String; 5] {
    [
        step.recovery_point.to_string(),
        step.region.to_string(),
        step.action.words().to_owned(),
        bytes(step.bytes),
        step.why.clone(),
    ]
}
