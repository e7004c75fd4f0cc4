//! `plan`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use aws::Cloud;
use clap::Args;
use jiff::Timestamp;
use recovery::plan::Plan;
use recovery::preflight::{Preflight, Severity};
use recovery::request::{PlanRequest, Planned, TableRequest};

use super::arguments::{self, PlanArguments, ServerArguments};
use super::copy;
use super::output::{self, Output, bytes, count};
use super::remote::Remote;
use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::folders;

const EXAMPLES: &str = "\
Examples:
  data-restore plan s3://backups-usw2/exports/tvshows-20261120t080000z-3f9a2c --region us-west-2 \\
      --target-region us-west-2 --table tvshows.shows=shows:id --out plan.json
  data-restore plan s3://backups-use1/exports/shop-20261120t080000z-91ab02 --region us-east-1 \\
      --table shop.orders=orders:id --table shop.order_items=order-items:order_id,line --provisioned 100:2000
  data-restore plan s3://backups-use1/exports/shop-20261120t080000z-91ab02 --region us-east-1 \\
      --table shop.orders=orders:id --way import --work s3://work-use1/restores

Reads every row and writes nothing. Exit status 1 when a restore would be refused.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    /// Write the plan into this file, for `restore --plan`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    server: ServerArguments,
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let planned = match arguments.server.url(config) {
        Some(url) => through_server(&Remote::new(&url)?, &arguments.plan, config).await?,
        None => make(&copy::cloud().await, &arguments.plan, config).await?,
    };
    if let Some(path) = &arguments.out {
        write(path, &planned.plan)?;
    }
    output.answer(&planned, text);
    Ok(ExitCode::from(u8::from(planned.preflight.is_blocked())))
}

/// Plans and checks without any server.
pub async fn make(cloud: &Cloud, arguments: &PlanArguments, config: &Config) -> Result<Planned> {
    let location = arguments.copy()?;
    let tables = arguments.tables()?;
    let region = arguments::region(arguments.region.as_ref(), config)?;
    let target_region = arguments::target_region(arguments.target_region.as_ref(), config, &region);
    let inspection = restore::inspect(cloud, &copy::reference(location, &region)).await?;
    copy::require_keys(cloud, &inspection, tables).await?;
    let requests = requests(arguments)?;
    let plan =
        restore::plan_inspected(cloud, &inspection, &target_region, &requests, Timestamp::now()).await?;
    let preflight = restore::preflight(cloud, &plan).await?;
    Ok(Planned { plan, preflight })
}

/// Has a server plan and check, which knows the verdict of the copy.
pub async fn through_server(remote: &Remote, arguments: &PlanArguments, config: &Config) -> Result<Planned> {
    let location = arguments.copy()?;
    let tables = arguments.tables()?;
    let region = arguments::region(arguments.region.as_ref(), config)?;
    let target_region = arguments::target_region(arguments.target_region.as_ref(), config, &region);
    let point = remote.recovery_point(location, &region).await?;
    if let Some(table) = tables.iter().find(|table| table.key.is_none()) {
        let draft = remote.draft(&point.id, &region).await?;
        let found = draft
            .tables
            .iter()
            .find(|found| found.summary.name == table.source);
        let candidates = found.map(|found| found.candidates.as_slice()).unwrap_or_default();
        let columns: Vec<&str> = found
            .iter()
            .flat_map(|found| &found.summary.columns)
            .map(|column| column.name.as_str())
            .collect();
        return Err(copy::missing_key(table, candidates, &columns));
    }
    let request = PlanRequest {
        recovery_point: point.id,
        region,
        target_region,
        tables: requests(arguments)?,
    };
    remote.plan(&request).await
}

fn requests(arguments: &PlanArguments) -> Result<Vec<TableRequest>> {
    let capacity = arguments.capacity();
    let way = arguments.way()?;
    Ok(arguments
        .tables()?
        .iter()
        .filter_map(|table| table.request(capacity, &way))
        .collect())
}

/// Reads a plan that `plan --out` wrote.
pub fn read(path: &Path) -> Result<Plan> {
    let json = std::fs::read(path).map_err(|error| Failure::file("Reading the plan", path, &error))?;
    // What `plan --json` printed is a plan with its preflight; both are accepted.
    serde_json::from_slice::<Plan>(&json)
        .or_else(|error| {
            serde_json::from_slice::<Planned>(&json)
                .map(|planned| planned.plan)
                .map_err(|_| error)
        })
        .map_err(|error| {
            Failure::new(
                "invalid",
                format!("Reading the plan {} failed: {error}", path.display()),
            )
            .hint("Make it with `data-restore plan … --out FILE`; a plan is never edited.")
        })
}

fn write(path: &Path, plan: &Plan) -> Result<()> {
    let json = serde_json::to_vec_pretty(plan)
        .map_err(|error| Failure::new("failed", format!("Writing the plan failed: {error}")))?;
    folders::write_private(path, &json)
}

/// A blocked plan as a refused command.
pub fn refuse_blocked(preflight: &Preflight) -> Result<()> {
    let blocking: Vec<_> = preflight.blocking().collect();
    let Some(first) = blocking.first() else {
        return Ok(());
    };
    let more = match blocking.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more; `data-restore plan` lists all)"),
    };
    let failure = Failure::new(
        "blocked",
        format!(
            "The restore is refused and nothing was written: {}{more}",
            first.message
        ),
    )
    .detail(preflight);
    Err(match &first.hint {
        Some(hint) => failure.hint(hint.clone()),
        None => failure,
    })
}

fn text(planned: &Planned) -> String {
    let Planned { plan, preflight } = planned;
    let rows: Vec<[String; 5]> = plan
        .tables
        .iter()
        .map(|table| {
            let sort = table
                .key
                .sort
                .as_ref()
                .map(|sort| format!(",{}", sort.column))
                .unwrap_or_default();
            [
                table.source.to_string(),
                table.target.to_string(),
                format!("{}{sort}", table.key.partition.column),
                count(table.rows),
                bytes(table.objects.iter().map(|object| object.size).sum()),
            ]
        })
        .collect();
    let mut text = format!(
        "From s3://{}/{} in {} to DynamoDB in {}, plan {}\n\n",
        plan.copy.bucket,
        plan.copy.prefix,
        plan.copy.region,
        plan.target_region,
        &plan.digest()[..12]
    );
    text.push_str(&output::table(["table", "target", "key", "rows", "bytes"], &rows));
    for place in restore::work_prefixes(plan) {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "\nBy import from S3, with objects below {place} until it has ended"
        );
    }
    text.push('\n');
    for finding in &preflight.findings {
        let mark = match finding.severity {
            Severity::Blocks => "BLOCKS",
            Severity::Note => "note  ",
            Severity::Passed => "passed",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{mark}  {}", finding.message);
        if let (Severity::Blocks, Some(hint)) = (finding.severity, &finding.hint) {
            let _ = writeln!(text, "        {hint}");
        }
    }
    text.push_str(if preflight.is_blocked() {
        "\nA restore of this plan is refused."
    } else {
        "\nNothing speaks against it."
    });
    text
}
