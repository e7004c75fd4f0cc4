//! How fast a restore is, beside what nobody could be faster than: sending batches that are ready.
//!
//! `cargo xtask bench` runs it. Everything that is measured is a process of its own, so that its CPU seconds and its peak
//! memory are its own: the restore, the send loop alone, and where their packages are there, what people would use
//! instead (`peers/`). The sinks are others: DynamoDB (dynoxide) in memory, and one that only acknowledges.
//!
//! `RUNS` says how often each is measured (5); `MILLIONS` how many million rows the flat-memory run reads (20; 0 leaves
//! it out); `PEERS_PYTHON` names a Python that has boto3, pyarrow and awswrangler.

mod data;
mod process;
mod report;
mod sink;
mod worker;

use process::{Service, Work};
use report::Figures;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Rows of the table, as the built-in TV-show database has.
const ROWS: usize = 100_871;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let mode = arguments.next().unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        .build()?;
    match mode.as_str() {
        "serve-aws" => runtime.block_on(sink::serve_aws()),
        "serve-acknowledgements" => runtime.block_on(sink::serve_acknowledgements()),
        "serve-faults" => runtime.block_on(sink::serve_faults(arguments.next().unwrap_or_default())),
        "work" => {
            let work = serde_json::from_str(&arguments.next().unwrap_or_default())?;
            // As a server does it: as a task among others, and not on a thread of its own.
            let figures = runtime.block_on(runtime.spawn(worker::run(work)))??;
            println!("{}", serde_json::to_string(&figures)?);
            Ok(())
        }
        // `cargo test --benches` calls this too, without the argument that `cargo bench` gives.
        "--bench" => measure(),
        _ => Ok(()),
    }
}

fn setting(name: &str, otherwise: usize) -> usize {
    let value = std::env::var(name).ok().and_then(|value| value.parse().ok());
    value.unwrap_or(otherwise)
}

fn measure() -> Outcome<()> {
    let runs = setting("RUNS", 5);
    let aws = Service::start(&["serve-aws"])?;
    aws.work(&Work::Lay { rows: ROWS, files: 1 })?;
    println!("{ROWS} rows x 7 columns, one gzip Parquet file, {runs} runs, medians\n");
    report::heading();

    println!("DynamoDB (dynoxide) in memory");
    let mut limit = Vec::new();
    let mut ordinary = Vec::new();
    let mut restored = Vec::new();
    for _ in 0..runs {
        // Taking turns, so that whatever else the machine does falls on all of them.
        limit.push(aws.work(&Work::Send { express: true })?);
        ordinary.push(aws.work(&Work::Send { express: false })?);
        restored.push(aws.work(&Work::Restore)?);
    }
    let limit = Figures::median(limit);
    limit.print("send loop alone, express lane", None);
    Figures::median(ordinary).print("send loop alone, the SDK's whole way", Some(limit));
    let restored = Figures::median(restored);
    restored.print("restore: read, encode, digest, write", Some(limit));
    restored
        .read_back()
        .print("restore: proof read-back", Some(restored));

    println!("the same behind a proxy; 10 % throttles, 1 % faults");
    let clear =
        Service::start(&["serve-faults", &format!("{} 0 0", aws.endpoint)])?.with_credentials_of(&aws);
    let faulty =
        Service::start(&["serve-faults", &format!("{} 100 10", aws.endpoint)])?.with_credentials_of(&aws);
    let mut unhindered = Vec::new();
    let mut hindered = Vec::new();
    for _ in 0..runs {
        unhindered.push(clear.work(&Work::Send { express: true })?);
        hindered.push(faulty.work(&Work::Restore)?);
    }
    let unhindered = Figures::median(unhindered);
    unhindered.print("send loop alone, no fault", None);
    Figures::median(hindered).print("restore through faults, proven", Some(unhindered));
    drop((clear, faulty));

    println!("a sink that only acknowledges");
    let sink = Service::start(&["serve-acknowledgements"])?.with_credentials_of(&aws);
    let mut written = Vec::new();
    for _ in 0..runs {
        written.push(aws.work(&Work::Write {
            sink: sink.endpoint.clone(),
        })?);
    }
    Figures::median(written).print("restore without proof", None);

    if let Ok(python) = std::env::var("PEERS_PYTHON") {
        println!("peers, DynamoDB in memory");
        for script in ["boto3_pyarrow.py", "awswrangler_put.py"] {
            let mut taken = Vec::new();
            for _ in 0..runs.min(3) {
                taken.push(aws.peer(&python, script)?);
            }
            Figures::median(taken).print(script, Some(limit));
        }
    }

    let millions = setting("MILLIONS", 20);
    if millions > 0 {
        println!("a sink that only acknowledges, {millions} million rows");
        let rows = millions * 1_000_000;
        aws.work(&Work::Lay {
            rows,
            files: rows.div_ceil(50_000),
        })?;
        let long = aws.work(&Work::Write {
            sink: sink.endpoint.clone(),
        })?;
        long.print("restore without proof", None);
    }
    Ok(())
}
