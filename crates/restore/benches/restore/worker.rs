//! What is measured, each in a process of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws::dynamodb::{KeyDefinition, TableDefinition, TableRef};
use aws::{Cloud, CloudConfig};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use recovery::plan::{Capacity, CopyRef, Plan};
use recovery::request::TableRequest;
use recovery::run::Phase;
use recovery::types::AttributeType;
use restore::{FileCheckpoints, Progress, Tuning, Writer};
use tokio_util::sync::CancellationToken;

use crate::data::{self, BUCKET, PREFIX, REGION, Shows};
use crate::process::Work;
use crate::report::Figures;
use crate::{Outcome, ROWS};

/// Requests in flight of the send loop alone.
const IN_FLIGHT: usize = 16;

pub async fn run(work: Work) -> Outcome<Figures> {
    let cloud = Cloud::connect(CloudConfig {
        without_express_lane: matches!(work, Work::Send { express: false }),
        ..CloudConfig::default()
    })
    .await;
    let mut figures = match work {
        Work::Lay { rows, files } => {
            let bytes = data::lay(&cloud, rows, files, files > 1).await?;
            eprintln!("laid {rows} rows in {files} objects, {} MB", bytes / 1_000_000);
            Figures::default()
        }
        Work::Send { .. } => send(&cloud).await?,
        Work::Restore => restore(&cloud).await?,
        Work::Write { .. } => write(&cloud).await?,
    };
    figures.peak_kib = peak_kib();
    Ok(figures)
}

/// A stretch of work, by the clock and by the processor.
struct Stretch {
    began: Instant,
    cpu: f64,
}

impl Stretch {
    fn begin() -> Self {
        Self {
            began: Instant::now(),
            cpu: cpu_seconds(),
        }
    }

    fn end(&self) -> (f64, f64) {
        (self.began.elapsed().as_secs_f64(), cpu_seconds() - self.cpu)
    }
}

fn new_table(role: &str) -> String {
    format!("{role}-{}", std::process::id())
}

/// Sends batches that are ready, with nothing else to do.
async fn send(cloud: &Cloud) -> Outcome<Figures> {
    let table = Arc::new(TableRef::new(REGION.parse()?, new_table("alone").parse()?));
    let definition = TableDefinition {
        partition: KeyDefinition {
            name: "id".into(),
            attribute_type: AttributeType::N,
        },
        sort: None,
        capacity: Capacity::OnDemand,
        warm_write_units: None,
    };
    cloud.create_table(&table, &definition).await?;
    cloud.wait_active(&table, Duration::from_secs(30)).await?;
    let batches = Shows::new(1..i32::try_from(ROWS + 1)?, false).batches(&table)?;
    let stretch = Stretch::begin();
    stream::iter(batches)
        .map(|batch| {
            let cloud = cloud.clone();
            async move {
                let sent = tokio::spawn(async move { cloud.batch_write(&batch).await });
                match sent.await??.unprocessed {
                    None => Outcome::Ok(()),
                    Some(left) => Err(format!("{} items came back", left.items()).into()),
                }
            }
        })
        .buffer_unordered(IN_FLIGHT)
        .try_for_each(|()| async { Ok(()) })
        .await?;
    let (seconds, cpu_seconds) = stretch.end();
    Ok(Figures {
        rows: ROWS as u64,
        seconds,
        cpu_seconds,
        ..Figures::default()
    })
}

async fn plan(cloud: &Cloud) -> Outcome<Plan> {
    let copy = CopyRef {
        recovery_point: None,
        source: None,
        data_as_of: None,
        region: REGION.parse()?,
        account: None,
        bucket: BUCKET.into(),
        prefix: PREFIX.into(),
    };
    let request = TableRequest::new("tv.shows".parse()?, new_table("shows").parse()?, "id");
    let epoch = jiff::Timestamp::UNIX_EPOCH;
    Ok(restore::plan(cloud, &copy, &REGION.parse()?, &[request], epoch).await?)
}

/// One whole restore into a new table: the time until everything was written, and the time of reading it back.
async fn restore(cloud: &Cloud) -> Outcome<Figures> {
    let plan = plan(cloud).await?;
    let folder = tempfile::tempdir()?;
    let checkpoints = FileCheckpoints::open(folder.path(), &plan)?;
    let progress = Arc::new(Progress::new(&plan));
    let watch = Arc::clone(&progress);
    let (sender, proving) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        // The send loop's table is there before its clock starts, and so is this one's.
        until(&watch, |phase| {
            !matches!(phase, Phase::Queued | Phase::Checking | Phase::CreatingTables)
        })
        .await;
        let writing = Stretch::begin();
        until(&watch, |phase| matches!(phase, Phase::Proving | Phase::Ended)).await;
        let _ = sender.send((writing.end(), Stretch::begin()));
    });
    let results = restore::execute(cloud, &plan, &checkpoints, &progress, CancellationToken::new()).await?;
    if !results.iter().all(restore::TableResult::is_proven) {
        return Err(format!("not proven: {results:?}").into());
    }
    let ((seconds, cpu_seconds), read_back) = proving.await?;
    let (read_back_seconds, read_back_cpu_seconds) = read_back.end();
    Ok(Figures {
        rows: plan.rows(),
        seconds,
        cpu_seconds,
        read_back_seconds,
        read_back_cpu_seconds,
        peak_kib: 0,
    })
}

async fn until(progress: &Progress, reached: impl Fn(Phase) -> bool) {
    while !reached(progress.phase()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The units of a restore, without its tables and without its proof.
async fn write(cloud: &Cloud) -> Outcome<Figures> {
    let plan = plan(cloud).await?;
    let (progress, tuning) = (Progress::new(&plan), Tuning::default());
    let writer = Writer::new(cloud, &plan, &tuning);
    let cancel = CancellationToken::new();
    let stretch = Stretch::begin();
    let rows = stream::iter(plan.units())
        .map(|unit| {
            let (plan, writer, progress, cancel) = (&plan, &writer, &progress, &cancel);
            async move { restore::execute_unit(cloud, plan, &unit, writer, progress, cancel).await }
        })
        .buffer_unordered(tuning.units_in_flight)
        .try_fold(0, |rows, unit| async move { Ok(rows + unit.items_written) })
        .await?;
    let (seconds, cpu_seconds) = stretch.end();
    Ok(Figures {
        rows,
        seconds,
        cpu_seconds,
        ..Figures::default()
    })
}

/// CPU seconds of this process so far, in user and system mode; 0 where /proc isn't there.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the program's name in parentheses, which may hold spaces, utime and stime are the 12th and 13th field.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |index: usize| {
        let field = fields.get(index).and_then(|field| field.parse::<f64>().ok());
        field.unwrap_or_default()
    };
    // Linux counts in hundredths of a second towards programs, whatever the kernel's own clock.
    (ticks(11) + ticks(12)) / 100.0
}

/// Peak resident memory of this process in KiB; 0 where /proc isn't there.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or_default()
}
