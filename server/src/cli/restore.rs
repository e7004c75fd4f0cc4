//! `restore`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use jiff::Timestamp;
use recovery::awaited_thaw::ThawAgreement;
use recovery::ids::TargetName;
use recovery::plan::Plan;
use recovery::request::Approval;
use recovery::run::{Outcome, Phase, Run};
use restore::{FileCheckpoints, Inquiry, Progress};
use tokio_util::sync::CancellationToken;

use super::arguments::{PlanArguments, ServerArguments, StateArguments, region};
use super::location::Location;
use super::output::Output;
use super::progress::RunProgress;
use super::remote::Remote;
use super::run_report::{self, Report};
use super::thaw_copy::{Access, TierName};
use super::{copy, plan};
use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::{folders, serve};

const EXAMPLES: &str = "\
Examples:
  data-restore restore s3://backups-usw2/exports/tvshows-20261120t080000z-3f9a2c --region us-west-2 \\
      --target-region us-west-2 --table tvshows.shows=shows:id
  data-restore restore s3://backups-use1/exports/shop-20261120t080000z-91ab02 --region us-east-1 \\
      --table shop.orders=orders:id --way import --work s3://work-use1/restores
  data-restore restore s3://backups-use1/exports/shop-20261120t080000z-91ab02 --region us-east-1 \\
      --table shop.orders=orders:id --existing only-missing --max-write-units 500
  data-restore restore s3://archive-use1/exports/shop-20261120t080000z-91ab02 --region us-east-1 \\
      --table shop.orders=orders:id --thaw bulk
  data-restore restore --plan plan.json
  data-restore restore --plan plan.json --server https://restore.example.com --reason 'INC-1234'

Ctrl-C stops it between two requests; the same plan goes on from there. Exit status 0 only when every row was read
back and is the copy's.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The plan that `plan --out` wrote, in place of the arguments that make one
    #[arg(long = "plan", value_name = "FILE", conflicts_with_all = ["copy", "tables", "provisioned", "treat_as", "existing", "fallbacks", "max_write_units", "warm_write_units", "way", "work"])]
    plan_file: Option<PathBuf>,
    #[command(flatten)]
    plan: PlanArguments,
    /// Why, for the server's audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// A table whose items may be overwritten, by its name; may be given again. Without it, a plan that overwrites is
    /// refused
    #[arg(long, value_name = "TARGET")]
    confirm_overwrite: Vec<TargetName>,
    /// Where the copy lies in Glacier: agree to a thaw so fast, at the price that `thaw-copy` tells; wait, and go on. With
    /// --server the server waits; without, the same command after an interruption waits for the same thaw
    #[arg(long, value_name = "TIER")]
    thaw: Option<TierName>,
    /// Days that the thawed objects stay readable
    #[arg(long, value_name = "DAYS", default_value_t = 3, requires = "thaw", value_parser = clap::value_parser!(u32).range(1..=365))]
    thaw_days: u32,
    #[command(flatten)]
    state: StateArguments,
    #[command(flatten)]
    server: ServerArguments,
}

impl Arguments {
    fn approval(&self) -> Approval {
        Approval {
            reason: self.reason.clone(),
            overwrite: self.confirm_overwrite.clone(),
            thaw: self.thaw.map(|tier| ThawAgreement {
                tier: tier.into(),
                days: self.thaw_days,
            }),
        }
    }
}

/// A plan that overwrites what nobody has confirmed is refused.
fn refuse_unconfirmed(plan: &Plan, approval: &Approval) -> Result<()> {
    let unconfirmed: Vec<_> = approval
        .unconfirmed(plan)
        .iter()
        .map(ToString::to_string)
        .collect();
    if unconfirmed.is_empty() {
        return Ok(());
    }
    let names = unconfirmed.join(", ");
    let flags = unconfirmed
        .iter()
        .map(|name| format!("--confirm-overwrite {name}"));
    Err(Failure::new(
        "unconfirmed_overwrite",
        format!("The restore is refused and nothing was written: it would overwrite items of {names}"),
    )
    .hint(format!(
        "Give {} to confirm it, or plan with --existing only-missing.",
        flags.collect::<Vec<_>>().join(" ")
    )))
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    if let Some(url) = arguments.server.url(config) {
        return through_server(&Remote::new(&url)?, &arguments, config, output).await;
    }
    let folder = arguments.state.folder(config)?;
    let cloud = copy::cloud().await;
    thawed(
        &Access::Direct(Box::new(cloud.clone())),
        &arguments,
        config,
        output,
    )
    .await?;
    let plan = if let Some(path) = &arguments.plan_file {
        plan::read(path)?
    } else {
        let planned = plan::make(&cloud, &arguments.plan, config, &Inquiry::default()).await?;
        plan::runnable(planned)?
    };
    refuse_unconfirmed(&plan, &arguments.approval())?;
    // Kept beside its checkpoints, so that an interrupted run can be named and goes on with exactly this plan.
    let kept = folder.join(format!("{}.plan.json", run_report::run_id(&plan)));
    let goes_on = kept.exists();
    if arguments.plan_file.is_some() && !goes_on {
        let (inquiry, cancel) = (Inquiry::default(), CancellationToken::new());
        plan::refuse_blocked(&restore::preflight(&cloud, &plan, &inquiry, &cancel).await?)?;
    }
    let json = serde_json::to_vec(&plan).unwrap_or_default();
    folders::write_private(&kept, &json)?;

    let began = Instant::now();
    let checkpoints = FileCheckpoints::open(&folder, &plan)?;
    let progress = Progress::new(&plan);
    let stop = serve::stop_signal();
    let drawn = draw(output, &plan, &progress);
    let executed = {
        let executing = restore::execute(&cloud, &plan, &checkpoints, &progress, stop.clone());
        tokio::select! {
            biased;
            executed = executing => executed,
            never = drawn => match never {},
        }
    };
    let seconds = began.elapsed().as_secs_f64();
    let results = match executed {
        Ok(results) => results,
        Err(error) => {
            let outcome = match error {
                restore::Error::Cancelled => Outcome::Cancelled,
                _ => Outcome::Failed,
            };
            let failure = interrupted(error, &plan, &resume_command(&kept, &folder));
            if !output.is_json() {
                return Err(failure);
            }
            return Ok(unfinished(&plan, &progress, seconds, outcome, failure).answer(output));
        }
    };
    let mut report = Report::of_results(&plan, results, seconds);
    report.went_on_from = progress.copies();
    report.schema_record = Some(checkpoints.schema_path());
    let code = report.answer(output);
    if report.outcome == Outcome::Proven {
        // Told first: a process that is killed before it could tell is asked again, goes on and proves it once more.
        // Nothing is left to go on with then; the plan's own file, if there is one, is the user's.
        std::fs::remove_file(&kept).ok();
        std::fs::remove_file(checkpoints.path()).ok();
    }
    Ok(code)
}

/// Where a thaw is asked for: asks, and waits until the copy can be read.
async fn thawed(access: &Access, arguments: &Arguments, config: &Config, output: &Output) -> Result<()> {
    let Some(tier) = arguments.thaw else {
        return Ok(());
    };
    let (location, region) = match &arguments.plan_file {
        Some(path) => {
            let copy = plan::read(path)?.copy;
            let location = Location {
                bucket: copy.bucket,
                prefix: copy.prefix,
            };
            (location, copy.region)
        }
        None => (
            arguments.plan.copy()?.clone(),
            region(arguments.plan.region.as_ref(), config)?,
        ),
    };
    access
        .ask(&location, &region, tier.into(), arguments.thaw_days)
        .await?;
    access.wait(&location, &region, output).await
}

/// Why a run came to no end, and the command that goes on with it.
fn interrupted(error: restore::Error, plan: &Plan, resume: &str) -> Failure {
    let work = restore::work_prefixes(plan);
    let resume = &if work.is_empty() {
        resume.to_owned()
    } else {
        format!(
            "{resume}\nor, to leave it, delete what was put into S3 for imports: {}",
            work.join(" ")
        )
    };
    if matches!(error, restore::Error::Cancelled) {
        return Failure::new(
            "cancelled",
            "The restore was stopped; what was written is recorded",
        )
        .hint(format!("Go on with:\n{resume}"));
    }
    let failure = Failure::from(error);
    let hint = failure.hint.clone().unwrap_or_default();
    failure.hint(format!("{hint}\nGo on with:\n{resume}").trim().to_owned())
}

/// What a run that came to no end had done.
fn unfinished(plan: &Plan, progress: &Progress, seconds: f64, outcome: Outcome, failure: Failure) -> Report {
    let mut run = shown(plan, progress);
    run.outcome = Some(outcome);
    run.seconds = seconds;
    let mut report = Report::of_run(run);
    report.error = Some(failure);
    report
}

fn resume_command(plan: &std::path::Path, state: &std::path::Path) -> String {
    let quoted = |path: &std::path::Path| {
        let text = path.display().to_string();
        let plain = text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_'));
        if plain {
            text
        } else {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
    };
    format!(
        "data-restore restore --plan {} --state-dir {}",
        quoted(plan),
        quoted(state)
    )
}

/// Draws progress until it is dropped.
async fn draw(output: &Output, plan: &Plan, progress: &Progress) -> std::convert::Infallible {
    let bar = RunProgress::new(output);
    loop {
        bar.show(&shown(plan, progress));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The run that a server would show.
fn shown(plan: &Plan, progress: &Progress) -> Run {
    let now = Timestamp::now();
    let id = run_report::run_id(plan)
        .parse()
        .unwrap_or_else(|_| unreachable!("a digest is letters and digits"));
    let mut run = Run::queued(id, plan, String::new(), None, now);
    run.enter(progress.phase(), now);
    for (table, counts) in run.tables.iter_mut().zip(progress.tables()) {
        counts.show(table);
    }
    run
}

async fn through_server(
    remote: &Remote,
    arguments: &Arguments,
    config: &Config,
    output: &Output,
) -> Result<ExitCode> {
    let approval = arguments.approval();
    let run = if let Some(path) = &arguments.plan_file {
        remote.start(&plan::read(path)?, &approval).await?
    } else if approval.thaw.is_some() {
        // Until the copy is thawed there is no plan; the server makes it then.
        let request = plan::request(remote, &arguments.plan, config, &Inquiry::default()).await?;
        remote.start_request(&request, &approval).await?
    } else {
        let planned = plan::through_server(remote, &arguments.plan, config, &Inquiry::default()).await?;
        remote.start(&plan::runnable(planned)?, &approval).await?
    };
    output.remark(&format!("Run {} has begun; Ctrl-C cancels it.", run.run_id));
    if let Some(thaw) = run.thaw.as_ref().filter(|_| run.waits_for_thaw()) {
        output.remark(&format!(
            "It waits until S3 has thawed the copy ({}), also without this command: follow it at the server.",
            thaw.terms()
        ));
    }
    let stop: CancellationToken = serve::stop_signal();
    let bar = RunProgress::new(output);
    let following = remote.follow(&run.run_id, |run| {
        if run.phase != Phase::Ended {
            bar.show(run);
        }
    });
    tokio::pin!(following);
    let ended = tokio::select! {
        ended = &mut following => ended?,
        () = stop.cancelled() => {
            remote.cancel(&run.run_id).await?;
            following.await?
        }
    };
    bar.end();
    Ok(Report::of_run(ended).answer(output))
}
