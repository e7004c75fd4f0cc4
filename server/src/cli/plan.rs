//! `plan`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use aws::Cloud;
use clap::Args;
use jiff::Timestamp;
use recovery::plan::Plan;
use recovery::preflight::{Depth, Preflight};
use recovery::prices::Prices;
use recovery::request::{PlanRequest, Planned, TableRequest};
use restore::Inquiry;
use tokio_util::sync::CancellationToken;

use super::arguments::{self, PlanArguments, ServerArguments};
use super::copy;
use super::output::Output;
use super::plan_report;
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
  data-restore plan s3://backups-use1/exports/shop-20261120t080000z-91ab02 --region us-east-1 \\
      --table shop.orders=orders:id --preflight quick --prices prices.toml
  data-restore plan s3://backups-use1/exports/shop-20261120t080000z-91ab02 --region us-east-1 \\
      --table shop.access_log=access-log:@row-digest

Reads every row, or with --preflight quick the footers alone, and writes nothing. Examples of findings are masked. Exit
status 1 when a restore would be refused.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    /// Write the plan into this file, for `restore --plan`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How far to look: exact reads every row, quick reads footers and says what it cannot know
    #[arg(long, value_name = "DEPTH", value_enum, default_value = "exact")]
    preflight: PreflightDepth,
    /// Show values in the findings' examples, which are masked otherwise
    #[arg(long)]
    show_values: bool,
    /// A TOML file of prices, in place of AWS's list prices [default: the configuration's]
    #[arg(
        long,
        value_name = "FILE",
        env = "DATA_RESTORE_PRICES",
        conflicts_with = "server"
    )]
    prices: Option<PathBuf>,
    #[command(flatten)]
    server: ServerArguments,
}

/// `--preflight`.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum PreflightDepth {
    /// Read listings, footers and their statistics
    Quick,
    /// Read every row
    Exact,
}

impl From<PreflightDepth> for Depth {
    fn from(depth: PreflightDepth) -> Self {
        match depth {
            PreflightDepth::Quick => Self::Quick,
            PreflightDepth::Exact => Self::Exact,
        }
    }
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let mut inquiry = Inquiry {
        depth: arguments.preflight.into(),
        show_values: arguments.show_values,
        ..Inquiry::default()
    };
    let planned = if let Some(url) = arguments.server.url(config) {
        through_server(&Remote::new(&url)?, &arguments.plan, config, &inquiry).await?
    } else {
        inquiry.prices = prices(arguments.prices.as_deref(), config)?;
        make(&copy::cloud().await, &arguments.plan, config, &inquiry).await?
    };
    match (&arguments.out, &planned.plan) {
        (Some(path), Some(plan)) => write(path, plan)?,
        (Some(path), None) => {
            output.remark(&format!("{} is not written: there is no plan.", path.display()));
        }
        (None, _) => {}
    }
    output.answer(&planned, plan_report::text);
    Ok(ExitCode::from(u8::from(planned.preflight.is_blocked())))
}

/// Plans and checks without any server.
pub async fn make(
    cloud: &Cloud,
    arguments: &PlanArguments,
    config: &Config,
    inquiry: &Inquiry,
) -> Result<Planned> {
    let location = arguments.copy()?;
    let tables = arguments.tables()?;
    let region = arguments::region(arguments.region.as_ref(), config)?;
    let target_region = arguments::target_region(arguments.target_region.as_ref(), config, &region);
    let inspection = restore::inspect(cloud, &copy::reference(location, &region)).await?;
    copy::require_keys(cloud, &inspection, tables).await?;
    let requests = requests(arguments)?;
    let (now, cancel) = (Timestamp::now(), CancellationToken::new());
    let mut planned = restore::survey(
        cloud, &inspection, &target_region, &requests, now, inquiry, &cancel,
    )
    .await?;
    if let Some(plan) = &mut planned.plan {
        let others = arguments.fallbacks.iter();
        plan.fallbacks = others
            .map(|other| copy::reference(&other.location, &other.region))
            .collect();
    }
    Ok(planned)
}

/// The prices of the file that is named, in the command or in the configuration; AWS's list prices otherwise.
fn prices(named: Option<&Path>, config: &Config) -> Result<Prices> {
    let Some(path) = named.or(config.command.prices.as_deref()) else {
        return Ok(Prices::default());
    };
    let text =
        std::fs::read_to_string(path).map_err(|error| Failure::file("Reading the prices", path, &error))?;
    toml::from_str(&text).map_err(|error| {
        let cause = error.to_string();
        Failure::new(
            "invalid",
            format!(
                "Reading the prices {} failed: {}",
                path.display(),
                cause.trim_end()
            ),
        )
        .hint("docs/OPERATIONS.md shows a whole table of prices.")
    })
}

/// Has a server plan and check, which knows the verdict of the copy.
pub async fn through_server(
    remote: &Remote,
    arguments: &PlanArguments,
    config: &Config,
    inquiry: &Inquiry,
) -> Result<Planned> {
    remote
        .plan(&request(remote, arguments, config, inquiry).await?)
        .await
}

/// What a plan of the server's is made from.
pub async fn request(
    remote: &Remote,
    arguments: &PlanArguments,
    config: &Config,
    inquiry: &Inquiry,
) -> Result<PlanRequest> {
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
        let refused = found.map(|found| found.refused.as_slice()).unwrap_or_default();
        return Err(copy::missing_key(table, candidates, refused, &columns));
    }
    Ok(PlanRequest {
        recovery_point: point.id,
        region,
        target_region,
        tables: requests(arguments)?,
        preflight: inquiry.depth,
        show_values: inquiry.show_values,
    })
}

fn requests(arguments: &PlanArguments) -> Result<Vec<TableRequest>> {
    let way = arguments.way()?;
    Ok(arguments
        .tables()?
        .iter()
        .filter_map(|table| table.request(&arguments.treat_as))
        .map(|request| TableRequest {
            existing: arguments.existing.into(),
            capacity: arguments.capacity(),
            pace: arguments.pace(),
            way: way.clone(),
            ..request
        })
        .collect())
}

/// Reads a plan that `plan --out` wrote.
pub fn read(path: &Path) -> Result<Plan> {
    let json = std::fs::read(path).map_err(|error| Failure::file("Reading the plan", path, &error))?;
    // What `plan --json` printed is a plan with its preflight; both are accepted.
    serde_json::from_slice::<Plan>(&json)
        .or_else(|error| {
            serde_json::from_slice::<Planned>(&json)
                .ok()
                .and_then(|planned| planned.plan)
                .ok_or(error)
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

/// The plan, unless its preflight blocks it.
pub fn runnable(planned: Planned) -> Result<Plan> {
    refuse_blocked(&planned.preflight)?;
    planned
        .plan
        .ok_or_else(|| Failure::new("blocked", "There is no plan, and nothing was written"))
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
