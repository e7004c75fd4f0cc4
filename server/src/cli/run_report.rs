//! What a restore answers: `{"run_id","outcome","seconds","tables":[…]}`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use recovery::differences::Differences;
use recovery::ids::{Region, TableName, TargetName};
use recovery::plan::Plan;
use recovery::run::{CopyChange, HeldBefore, Outcome, Run};
use restore::TableResult;
use serde::Serialize;

use super::output::{self, Output, bytes, count};
use crate::failure::Failure;

/// How a run ended, for scripts and people.
#[derive(Serialize)]
pub struct Report {
    /// The server's run, or the plan's digest where no server ran it.
    pub run_id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// From its request to its end.
    pub seconds: f64,
    /// SHA-256 of the plan; `None` where a server's run ended before there was one.
    pub plan_digest: Option<String>,
    /// The Region that was written to.
    pub target_region: Region,
    /// The tables.
    pub tables: Vec<Table>,
    /// Copies elsewhere that it went on from, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub went_on_from: Vec<CopyChange>,
    /// Where this process left the schema record; a server keeps it at `/restores/{id}/schema`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_record: Option<PathBuf>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<recovery::run::Failure>,
    /// The same as every failed command says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// One table of a run.
#[derive(Serialize)]
pub struct Table {
    source: TableName,
    target: TargetName,
    rows_read: u64,
    items_written: u64,
    items_kept: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_before: Option<HeldBefore>,
    bytes_written: u64,
    retries: u64,
    digest_source: Option<String>,
    digest_target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<Differences>,
}

impl Report {
    /// A run of this process that came to its end: proven where every digest is equal.
    pub fn of_results(plan: &Plan, results: Vec<TableResult>, seconds: f64) -> Self {
        let proven = results.iter().all(TableResult::is_proven);
        let failure = (!proven).then(|| recovery::run::Failure {
            message: "What was read back differs from the copy".to_owned(),
            hint: Some("Somebody else may have written to the tables. Restore into new ones.".to_owned()),
        });
        Self {
            run_id: run_id(plan),
            outcome: if proven { Outcome::Proven } else { Outcome::Failed },
            seconds,
            plan_digest: Some(plan.digest()),
            target_region: plan.target_region.clone(),
            tables: results.into_iter().map(Table::from).collect(),
            went_on_from: Vec::new(),
            schema_record: None,
            failure,
            error: None,
        }
    }

    /// A server's run.
    pub fn of_run(run: Run) -> Self {
        Self {
            run_id: run.run_id.to_string(),
            outcome: run.outcome.unwrap_or(Outcome::Failed),
            seconds: run.seconds,
            plan_digest: run.plan_digest,
            target_region: run.target_region,
            tables: run
                .tables
                .into_iter()
                .map(|table| Table {
                    source: table.source,
                    target: table.target,
                    rows_read: table.rows_read,
                    items_written: table.items_written,
                    items_kept: table.items_kept,
                    held_before: table.held_before,
                    bytes_written: table.bytes_written,
                    retries: table.retries,
                    digest_source: table.digest_source.map(String::from),
                    digest_target: table.digest_target.map(String::from),
                    differences: table.differences,
                })
                .collect(),
            went_on_from: run.went_on_from,
            schema_record: None,
            failure: run.failure,
            error: None,
        }
    }

    /// Prints it; 0 only when it is proven.
    pub fn answer(&self, output: &Output) -> ExitCode {
        output.answer(self, Self::text);
        ExitCode::from(u8::from(self.outcome != Outcome::Proven))
    }

    fn text(&self) -> String {
        let rows: Vec<[String; 6]> = self
            .tables
            .iter()
            .map(|table| {
                let equal = table.digest_source.is_some() && table.digest_source == table.digest_target;
                [
                    table.source.to_string(),
                    table.target.to_string(),
                    count(table.items_written),
                    bytes(table.bytes_written),
                    count(table.retries),
                    if equal { "equal" } else { "DIFFERENT" }.to_owned(),
                ]
            })
            .collect();
        let outcome = match self.outcome {
            Outcome::Proven => "Proven: every row was read back and is the copy's",
            Outcome::Failed => "FAILED",
            Outcome::Cancelled => "Cancelled",
        };
        let mut text = output::table(["table", "target", "items", "bytes", "retries", "digests"], &rows);
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{outcome}, in {:.1} s.", self.seconds);
        for copy in &self.went_on_from {
            let (region, uri) = (&copy.region, &copy.copy);
            let _ = write!(
                text,
                "\nIt went on from the identical copy {uri} in {region}, because {}.",
                copy.because
            );
        }
        for table in &self.tables {
            if let Some(held) = table.held_before {
                let fate = if table.items_kept > 0 {
                    "stayed"
                } else {
                    "were replaced"
                };
                let (target, equal, different) = (&table.target, count(held.equal), count(held.different));
                let _ = write!(
                    text,
                    "\n{target} held items under the copy's keys: {equal} were the rows already, {different} were others; \
                     they {fate}."
                );
            }
            if let Some(differences) = &table.differences {
                text.push_str(&different_rows(&table.target, differences));
            }
        }
        if let Some(path) = &self.schema_record {
            let _ = write!(text, "\nThe schema record is in {}.", path.display());
        }
        if let Some(failure) = &self.failure {
            let _ = write!(text, "\n{}", failure.message);
            if let Some(hint) = &failure.hint {
                let _ = write!(text, "\n  hint: {hint}");
            }
        }
        text
    }
}

impl From<TableResult> for Table {
    fn from(result: TableResult) -> Self {
        Self {
            source: result.source,
            target: result.target,
            rows_read: result.rows_read,
            items_written: result.items_written,
            items_kept: result.rows_read.saturating_sub(result.items_written),
            held_before: result.held_before,
            bytes_written: result.bytes_written,
            retries: result.retries,
            digest_source: Some(result.digest_source.into()),
            digest_target: Some(result.digest_target.into()),
            differences: result.differences,
        }
    }
}

/// How a table differs from the copy: the counts, and the first rows by key.
pub fn different_rows(target: &TargetName, differences: &Differences) -> String {
    let mut text = format!("\n{target} differs: {differences}");
    for difference in &differences.first {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n  {:<10} {}", difference.kind.name(), difference.key);
    }
    text
}

/// One plan is one run of this machine, however often it is begun again: its digest names it.
pub fn run_id(plan: &Plan) -> String {
    format!("r-{}", &plan.digest()[..26])
}
