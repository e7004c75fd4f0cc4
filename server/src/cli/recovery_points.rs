//! `recovery-points`.

use std::process::ExitCode;

use clap::Args;
use recovery::page::Page;
use recovery::point::RecoveryPoint;

use super::arguments::ServerArguments;
use super::output::{Output, bytes, count, table};
use super::remote::Remote;
use crate::config::Config;
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  data-restore recovery-points --filter 'source = tvshows and state != verified'
  data-restore recovery-points --filter 'verified_in = us-west-2 and age < 24h' --limit 1 --json
  data-restore recovery-points --filter 'size > 1GB or incomplete_in = eu-west-1' --sort -size

A filter compares properties by = != : (contains) < <= > >= and joins conditions with and, or and parentheses. One that is
not understood is refused with the properties and values that are possible; docs/OPERATIONS.md lists them.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Only recovery points that this holds for
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// Property to sort by, with - before it for the largest first [default: -made]
    #[arg(long, value_name = "PROPERTY", allow_hyphen_values = true)]
    sort: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value = "50", value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
    /// `next_cursor` of the page before
    #[arg(long)]
    cursor: Option<String>,
    #[command(flatten)]
    server: ServerArguments,
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let url = arguments.server.url(config).ok_or_else(|| {
        Failure::usage("The server is missing").hint("Name it with --server URL or DATA_RESTORE_SERVER.")
    })?;
    let limit = arguments.limit.to_string();
    let query = [
        ("filter", arguments.filter.as_deref()),
        ("sort", arguments.sort.as_deref()),
        ("cursor", arguments.cursor.as_deref()),
        ("limit", Some(limit.as_str())),
    ];
    let page = Remote::new(&url)?.recovery_points(&query).await?;
    output.answer(&page, text);
    Ok(ExitCode::SUCCESS)
}

fn text(page: &Page<RecoveryPoint>) -> String {
    let rows: Vec<[String; 6]> = page
        .items
        .iter()
        .map(|point| {
            let verified = point.copies.iter().filter(|copy| copy.verdict.is_restorable());
            let is_exported = !point.tables.is_empty();
            let of_export = |text: String| if is_exported { text } else { String::new() };
            [
                point.id.to_string(),
                point.source.to_string(),
                point.state.name().to_owned(),
                verified
                    .map(|copy| copy.region.as_str())
                    .collect::<Vec<_>>()
                    .join(" "),
                of_export(count(point.rows())),
                of_export(bytes(point.bytes())),
            ]
        })
        .collect();
    let header = ["recovery point", "source", "state", "verified in", "rows", "size"];
    let mut text = if rows.is_empty() {
        "no recovery point matches".to_owned()
    } else {
        table(header, &rows)
    };
    if let Some(cursor) = &page.next_cursor {
        text.push_str("\nmore with --cursor ");
        text.push_str(cursor);
    }
    text
}
