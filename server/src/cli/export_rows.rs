//! `export-rows`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use recovery::ids::{RunId, TableName};
use recovery::schema_record::{SchemaRecord, TableSchema};
use restore::ExportedTable;
use serde::Serialize;

use super::arguments::ServerArguments;
use super::copy;
use super::output::{self, Output, bytes, count};
use super::progress::RowsProgress;
use super::remote::Remote;
use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::serve;

const EXAMPLES: &str = "\
Examples:
  data-restore export-rows --schema ~/.local/state/data-restore/runs/0c5f….schema.json --out rows
  data-restore export-rows --run r-01kx3v8m2p --server https://restore.example.com --table tvshows.shows --out rows
  aws s3 sync rows s3://backups/rows && data-restore inspect s3://backups/rows --region us-west-2

A restore leaves its schema record in its state folder (`restore --json` names it as schema_record), or on the server
that ran it. The files lie as an RDS export does, so that they can be inspected and restored again; equal digests of
restore and export prove that the rows are the same. Rows come in no order.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The schema record that the restore left
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "run",
        conflicts_with = "run"
    )]
    schema: Option<PathBuf>,
    /// The server's run, in place of its schema record
    #[arg(long, value_name = "RUN")]
    run: Option<RunId>,
    /// Only this table, by its name in the copy; may be given again [default: every table of the record]
    #[arg(long = "table", value_name = "DB.TABLE")]
    tables: Vec<TableName>,
    /// Folder that is written to; it must be missing or empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Serialize)]
struct Answer {
    out: PathBuf,
    plan_digest: String,
    seconds: f64,
    tables: Vec<Table>,
}

#[derive(Serialize)]
struct Table {
    source: TableName,
    target: String,
    rows: u64,
    objects: u64,
    bytes: u64,
    digest: String,
}

impl From<ExportedTable> for Table {
    fn from(table: ExportedTable) -> Self {
        Self {
            source: table.source,
            target: table.target.to_string(),
            rows: table.rows,
            objects: table.objects,
            bytes: table.bytes,
            digest: table.digest.into(),
        }
    }
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let record = match (&arguments.schema, &arguments.run) {
        (Some(path), _) => read(path)?,
        (None, Some(run)) => {
            let url = arguments.server.url(config).ok_or_else(|| {
                Failure::usage("The server that ran the restore is missing")
                    .hint("Name it with --server URL.")
            })?;
            Remote::new(&url)?.schema(run).await?
        }
        (None, None) => return Err(Failure::usage("Neither --schema nor --run is given")),
    };
    let tables = chosen(&record, &arguments.tables)?;
    let cloud = copy::cloud().await;
    let stop = serve::stop_signal();
    let rows = AtomicU64::new(0);
    let bar = RowsProgress::new(output, "Exporting", tables.iter().map(|table| table.rows).sum());
    let began = Instant::now();
    let exporting = restore::export_rows(&cloud, &record, &tables, &arguments.out, &rows, &stop);
    tokio::pin!(exporting);
    let exported = loop {
        tokio::select! {
            biased;
            exported = &mut exporting => break exported,
            () = tokio::time::sleep(Duration::from_millis(200)) => bar.show(rows.load(Ordering::Relaxed)),
        }
    };
    bar.end();
    let answer = Answer {
        tables: exported?.into_iter().map(Table::from).collect(),
        plan_digest: record.plan_digest.clone(),
        seconds: began.elapsed().as_secs_f64(),
        out: arguments.out.clone(),
    };
    output.answer(&answer, text);
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<SchemaRecord> {
    let json = std::fs::read(path).map_err(|error| Failure::file("Reading", path, &error))?;
    serde_json::from_slice(&json).map_err(|error| {
        Failure::new("file", format!("{} is no schema record: {error}", path.display()))
            .hint("`restore` leaves one in its state folder, named ….schema.json.")
    })
}

/// The tables that are wanted, of those that the record has.
fn chosen(record: &SchemaRecord, wanted: &[TableName]) -> Result<Vec<TableSchema>> {
    if wanted.is_empty() {
        return Ok(record.tables.clone());
    }
    let mut tables: Vec<TableSchema> = Vec::new();
    for name in wanted {
        let table = record.table(name).ok_or_else(|| {
            let known: Vec<String> = record
                .tables
                .iter()
                .map(|table| table.source.to_string())
                .collect();
            Failure::new("unknown_table", format!("The schema record has no table {name}"))
                .hint(format!("It has {}.", known.join(", ")))
        })?;
        if tables.iter().all(|chosen| chosen.source != table.source) {
            tables.push(table.clone());
        }
    }
    Ok(tables)
}

fn text(answer: &Answer) -> String {
    let rows: Vec<[String; 5]> = answer
        .tables
        .iter()
        .map(|table| {
            [
                table.source.to_string(),
                table.target.clone(),
                count(table.rows),
                count(table.objects),
                bytes(table.bytes),
            ]
        })
        .collect();
    let mut text = output::table(["table", "target", "rows", "files", "bytes"], &rows);
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\nWritten to {} in {:.1} s.",
        answer.out.display(),
        answer.seconds
    );
    text
}
