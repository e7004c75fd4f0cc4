//! What is measured: passes, overviews, memory.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use rand::Rng as _;
use recovery::ids::SourceId;
use workflow::{PointQuery, Reconciled, RunQuery, RunState, SourceQuery, Workflow};

use crate::aws_process::AwsProcess;
use crate::{Outcome, history, setting};

/// Sources of a page of the overview.
const PER_PAGE: usize = 20;

pub async fn run() -> Outcome<()> {
    let began = Instant::now();
    let mut aws = AwsProcess::start()?;
    let ready = aws.ready.clone();
    println!(
        "history made in {:.0} s; of each recovery point {} bytes of items, {} of them in brief",
        began.elapsed().as_secs_f64(),
        ready.item_bytes,
        ready.brief_bytes
    );
    let clock = Arc::new(Mutex::new(ready.now));
    let shown = Arc::clone(&clock);
    let now = move || *shown.lock().unwrap_or_else(PoisonError::into_inner);
    let pass_time = |by: SignedDuration| *clock.lock().unwrap_or_else(PoisonError::into_inner) += by;
    let mut settings = history::settings(&ready.account.parse()?)?;
    // What comes is recorded and not exported: there are no snapshots behind the history.
    let since = ready.now + SignedDuration::from_hours(1_000);
    settings.policy = serde_json::from_value(serde_json::json!({"export": {"since": since}}))?;
    let workflow = Workflow::open(aws.cloud().await?, settings, Arc::new(now)).await?;
    println!("before the first pass: {} MiB", peak_mib());

    pass(&workflow, "first pass of a process").await?;
    pass(&workflow, "the next one").await?;
    pass_time(SignedDuration::from_mins(1));
    pass(&workflow, "a minute later, with a slice of what is old").await?;
    aws.next_hour()?;
    pass(&workflow, "with a new recovery point of each source").await?;
    until_deletion_is_seen(&workflow, &pass_time).await?;
    pass_time(SignedDuration::from_mins(61));
    pass(
        &workflow,
        "after an hour, reading some sources of the catalogue again",
    )
    .await?;

    let ids = workflow.source_ids().await?;
    let day = SignedDuration::from_hours(24);
    overviews(&workflow, &ids, day, "overview, 24 hours").await?;
    overviews(&workflow, &ids, day * 7, "overview, 7 days").await?;
    points(&workflow, None).await?;
    points(&workflow, ids.first()).await?;
    println!("peak memory of the server: {} MiB", peak_mib());
    Ok(())
}

async fn pass(workflow: &Workflow, what: &str) -> Outcome<Reconciled> {
    let (began, cpu) = (Instant::now(), cpu_seconds());
    let done = workflow.reconcile().await?;
    println!(
        "{what}: {:.2} s, {:.2} s of CPU, {} listed, {} discovered, {} errors, peak {} MiB",
        began.elapsed().as_secs_f64(),
        cpu_seconds() - cpu,
        done.listed,
        done.discovered,
        done.errors.len(),
        peak_mib()
    );
    if let Some(error) = done.errors.first() {
        println!("  {error}");
    }
    Ok(done)
}

/// Passes, a minute apart, until all of the vault has been listed and one deletion among the oldest is noticed.
async fn until_deletion_is_seen(workflow: &Workflow, pass_time: &impl Fn(SignedDuration)) -> Outcome<()> {
    const PASSES_MAX: usize = 60;
    let mut took = Vec::new();
    for _ in 0..PASSES_MAX {
        pass_time(SignedDuration::from_mins(1));
        let began = Instant::now();
        let done = workflow.reconcile().await?;
        took.push(began.elapsed());
        if done.deleted > 0 {
            took.sort();
            println!(
                "a deletion among the oldest is seen after {} passes: p50 {:.2} s, longest {:.2} s",
                took.len(),
                took[took.len() / 2].as_secs_f64(),
                took[took.len() - 1].as_secs_f64()
            );
            return Ok(());
        }
    }
    Err("a deletion was never seen".into())
}

/// Asks for pages of the overview, each beginning anywhere, as the page does.
async fn overviews(workflow: &Workflow, ids: &[SourceId], window: SignedDuration, what: &str) -> Outcome<()> {
    let mut took = Vec::new();
    let cpu = cpu_seconds();
    for _ in 0..setting("REQUESTS", 500) {
        let first = rand::rng().random_range(0..=ids.len().saturating_sub(PER_PAGE));
        let query = SourceQuery {
            cursor: first.checked_sub(1).map(|before| ids[before].to_string()),
            limit: Some(PER_PAGE),
            ..SourceQuery::default()
        };
        let began = Instant::now();
        let marks = overview(workflow, window, &query).await?;
        took.push(began.elapsed());
        if marks == 0 {
            return Err("an overview shows nothing".into());
        }
    }
    took.sort();
    let at = |percent: usize| millis(took[(took.len() - 1) * percent / 100]);
    let requests = u32::try_from(took.len())?;
    println!(
        "{what}: p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms of {requests}; {:.1} ms of CPU each",
        at(50),
        at(99),
        at(100),
        (cpu_seconds() - cpu) * 1_000.0 / f64::from(requests),
    );
    Ok(())
}

/// Asks for the newest recovery points, of all sources or of one.
async fn points(workflow: &Workflow, source: Option<&SourceId>) -> Outcome<()> {
    let query = PointQuery {
        source: source.cloned(),
        ..PointQuery::default()
    };
    let mut took = Vec::new();
    for _ in 0..setting("REQUESTS", 500) / 5 {
        let began = Instant::now();
        let page = workflow.recovery_points(&query).await?;
        took.push(began.elapsed());
        if page.items.is_empty() || page.next_cursor.is_none() {
            return Err("a page of recovery points is short".into());
        }
    }
    took.sort();
    println!(
        "a page of recovery points of {}: p50 {:.1} ms, longest {:.1} ms",
        source.map_or("all sources", SourceId::as_str),
        millis(took[took.len() / 2]),
        millis(took[took.len() - 1]),
    );
    Ok(())
}

/// What the page asks of the workflow; how many marks it shows.
async fn overview(workflow: &Workflow, window: SignedDuration, query: &SourceQuery) -> Outcome<usize> {
    let now: Timestamp = workflow.now();
    let page = workflow.timeline_page(now - window, now, query).await?;
    workflow.situation().await?;
    workflow.lost_copies().await?;
    let active = RunQuery {
        state: Some(RunState::Active),
        cursor: None,
        limit: Some(5),
    };
    workflow.runs(&active).await?;
    // As it goes out.
    let json = serde_json::to_vec(&page.items)?;
    let marks = page
        .items
        .iter()
        .flat_map(|timeline| &timeline.lanes)
        .map(|lane| lane.marks.len());
    Ok(marks.sum::<usize>().min(json.len()))
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// CPU seconds that this process has used; 0 where /proc isn't there.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in brackets may hold blanks.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |index: usize| {
        let field = fields.get(index).and_then(|field| field.parse::<f64>().ok());
        field.unwrap_or_default()
    };
    // Linux counts in hundredths of a second towards programs, whatever the kernel's own clock.
    (ticks(11) + ticks(12)) / 100.0
}

/// Peak resident memory of this process; 0 where /proc isn't there.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: Option<u64> = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
    kib.unwrap_or_default() / 1024
}
