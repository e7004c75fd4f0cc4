//! `prove`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use recovery::differences::{DIFFERENCES_MAX, Differences};
use recovery::ids::{TableName, TargetName};
use restore::{Progress, Tuning};
use serde::Serialize;

use super::output::{self, Output, count};
use super::run_report::different_rows;
use super::{copy, plan};
use crate::config::Config;
use crate::failure::Result;
use crate::serve;

const EXAMPLES: &str = "\
Examples:
  data-restore prove --plan plan.json
  data-restore prove --plan plan.json --json | jq .proven

Reads the copy and the tables whole (of tables whose items were kept or overwritten, the copy's keys), writes nothing.
Exit status 1 unless every row is equal.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The plan that was restored
    #[arg(long = "plan", value_name = "FILE")]
    plan_file: PathBuf,
}

#[derive(Serialize)]
struct Proof {
    proven: bool,
    plan_digest: String,
    tables: Vec<Table>,
}

#[derive(Serialize)]
struct Table {
    source: TableName,
    target: TargetName,
    proven: bool,
    digest_source: String,
    digest_target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<Differences>,
}

pub async fn run(arguments: Arguments, _: &Config, output: &Output) -> Result<ExitCode> {
    let plan = plan::read(&arguments.plan_file)?;
    let cloud = copy::cloud().await;
    let progress = Progress::new(&plan);
    let stop = serve::stop_signal();
    let tuning = Tuning::default();
    let mut tables = Vec::new();
    for (index, table) in (0_u32..).zip(&plan.tables) {
        let digest_source = restore::digest_source(&cloud, &plan, index, &progress, &stop).await?;
        let digest_target = restore::prove_table(&cloud, &plan, index, &tuning, &progress, &stop).await?;
        let mut differences = None;
        if digest_source != digest_target {
            let told = DIFFERENCES_MAX;
            let found = restore::find_differences(&cloud, &plan, index, told, &tuning, &stop).await?;
            differences = Some(found);
        }
        tables.push(Table {
            source: table.source.clone(),
            target: table.target.clone(),
            proven: digest_source == digest_target,
            digest_source: digest_source.into(),
            digest_target: digest_target.into(),
            differences,
        });
    }
    let proof = Proof {
        proven: tables.iter().all(|table| table.proven),
        plan_digest: plan.digest(),
        tables,
    };
    output.answer(&proof, text);
    Ok(ExitCode::from(u8::from(!proof.proven)))
}

fn text(proof: &Proof) -> String {
    let rows: Vec<[String; 4]> = proof
        .tables
        .iter()
        .map(|table| {
            [
                table.source.to_string(),
                table.target.to_string(),
                rows_of(&table.digest_target),
                if table.proven { "equal" } else { "DIFFERENT" }.to_owned(),
            ]
        })
        .collect();
    let mut text = output::table(["table", "target", "items", "digests"], &rows);
    text.push_str(if proof.proven {
        "\nProven: the tables hold the copy's rows, all of them and nothing else."
    } else {
        "\nNOT proven: the tables and the copy differ."
    });
    for table in &proof.tables {
        if let Some(differences) = &table.differences {
            text.push_str(&different_rows(&table.target, differences));
        }
    }
    text
}

/// The count that a digest begins with.
fn rows_of(digest: &str) -> String {
    digest
        .split(':')
        .next()
        .and_then(|rows| rows.parse().ok())
        .map_or_else(|| "?".to_owned(), count)
}
