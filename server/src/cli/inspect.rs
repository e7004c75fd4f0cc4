//! `inspect`.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use recovery::ids::Region;
use recovery::table::{KeyCandidate, TableSummary};
use restore::{Inspection, Refusal};
use serde::Serialize;

use super::location::Location;
use super::output::{self, Output, bytes, count};
use super::{arguments, copy};
use crate::config::Config;
use crate::failure::Result;

const EXAMPLES: &str = "\
Examples:
  data-restore inspect s3://backups-usw2/exports/tvshows-20261120t080000z-3f9a2c --region us-west-2
  data-restore inspect s3://backups-usw2/exports/tvshows-20261120t080000z-3f9a2c --region us-west-2 --json | jq .tables

Exit status 1 when the copy, or a table of it, cannot be restored.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The copy, as s3://BUCKET/PREFIX/EXPORT
    #[arg(value_name = "S3_URI")]
    copy: Location,
    /// Region of the copy's bucket [default: the SDK's, from AWS_REGION]
    #[arg(long, env = "DATA_RESTORE_REGION")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct Answer {
    copy: String,
    region: Region,
    export_status: Option<String>,
    tables: Vec<Table>,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Table {
    #[serde(flatten)]
    summary: TableSummary,
    key_candidates: Vec<KeyCandidate>,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Problem {
    code: &'static str,
    subject: String,
    cause: String,
    hint: String,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let Refusal {
            code,
            subject,
            cause,
            hint,
        } = refusal;
        Self {
            code,
            subject,
            cause,
            hint,
        }
    }
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let region = arguments::region(arguments.region.as_ref(), config)?;
    let cloud = copy::cloud().await;
    let inspection = restore::inspect(&cloud, &copy::reference(&arguments.copy, &region)).await?;
    let answer = Answer::new(&arguments.copy, region, inspection);
    let is_sound = answer.problems.is_empty() && answer.tables.iter().all(|table| table.problems.is_empty());
    output.answer(&answer, text);
    Ok(ExitCode::from(u8::from(!is_sound)))
}

impl Answer {
    fn new(copy: &Location, region: Region, inspection: Inspection) -> Self {
        let problems = |problems: Vec<Refusal>| problems.into_iter().map(Problem::from).collect();
        Self {
            copy: copy.to_string(),
            region,
            export_status: inspection.export.and_then(|export| export.status),
            tables: inspection
                .tables
                .into_iter()
                .map(|table| Table {
                    key_candidates: table.likely_keys(),
                    summary: table.summary,
                    problems: problems(table.problems),
                })
                .collect(),
            problems: problems(inspection.problems),
        }
    }
}

fn text(answer: &Answer) -> String {
    let rows: Vec<[String; 5]> = answer
        .tables
        .iter()
        .map(|table| {
            [
                table.summary.name.to_string(),
                count(table.summary.rows),
                bytes(table.summary.bytes),
                count(table.summary.objects),
                table
                    .key_candidates
                    .iter()
                    .map(KeyCandidate::columns)
                    .collect::<Vec<_>>()
                    .join(" or "),
            ]
        })
        .collect();
    let mut text = format!("{} in {}\n\n", answer.copy, answer.region);
    text.push_str(&output::table(
        ["table", "rows", "bytes", "objects", "likely key"],
        &rows,
    ));
    for table in &answer.tables {
        let columns: Vec<[String; 4]> = table
            .summary
            .columns
            .iter()
            .map(|column| {
                [
                    format!("  {}", column.name),
                    column.original_type.clone().unwrap_or_else(|| "?".to_owned()),
                    column.parquet_type.clone(),
                    column.kind.attribute_type().name().to_owned(),
                ]
            })
            .collect();
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{}\n", table.summary.name);
        text.push_str(&output::table(
            ["  column", "type", "in Parquet", "attribute"],
            &columns,
        ));
        if let Some(skipped) = &table.summary.skipped {
            let _ = writeln!(text, "  RDS did not export it: {skipped}");
        }
        if let Some(warning) = table.summary.warning() {
            let _ = writeln!(text, "  RDS exported it with a warning: {warning}");
        }
    }
    let problems = answer
        .tables
        .iter()
        .flat_map(|table| &table.problems)
        .chain(&answer.problems);
    for problem in problems {
        let _ = write!(
            text,
            "\nproblem: {}: {}\n   hint: {}\n",
            problem.subject, problem.cause, problem.hint
        );
    }
    text
}
