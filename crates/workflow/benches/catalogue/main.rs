//! How a server fares with a large catalogue: 1,000 sources with 35 days of hourly recovery points, 840,000 in all, each
//! with verified copies in three Regions.
//!
//! `cargo bench --package workflow` runs it. AWS is a process of its own, so that memory and CPU seconds are the server's.
//! One recovery point goes the whole way through the pipeline; the history is made of what that wrote, with other names
//! and times. `SOURCES` (1,000) and `DAYS` (35) say how much, `REQUESTS` (500) how many overviews are asked for. The
//! history takes 14 GB of the folder for temporary files; `RECORDS_DAYS=1` leaves out the records of what is older than a day,
//! which nothing of what is measured reads, and takes 2 GB.

mod aws_process;
mod history;
mod measure;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        .build()?;
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        "serve-aws" => runtime.block_on(history::serve()),
        // `cargo test --benches` calls this too, without the argument that `cargo bench` gives.
        "--bench" => runtime.block_on(measure::run()),
        _ => Ok(()),
    }
}

fn setting(name: &str, otherwise: usize) -> usize {
    let value = std::env::var(name).ok().and_then(|value| value.parse().ok());
    value.unwrap_or(otherwise)
}
