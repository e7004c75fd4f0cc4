//! `sources`.

use std::process::ExitCode;

use clap::Args;
use recovery::filter::SourceFacts;
use recovery::page::Page;
use recovery::source::SourceSummary;

use super::arguments::ServerArguments;
use super::output::{Output, table};
use super::remote::Remote;
use crate::config::Config;
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  data-restore sources --filter 'standing = behind'
  data-restore sources --filter 'behind_in = eu-west-1 and engine : mysql' --sort -restorable_age
  data-restore sources --json

A filter compares properties by = != : (contains) < <= > >= and joins conditions with and, or and parentheses. One that is
not understood is refused with the properties and values that are possible; docs/OPERATIONS.md lists them.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Only sources that this holds for
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// Property to sort by, with - before it for the largest first [default: source]
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
    let page = Remote::new(&url)?.sources(&query).await?;
    output.answer(&page, text);
    Ok(ExitCode::SUCCESS)
}

fn text(page: &Page<SourceSummary>) -> String {
    let rows: Vec<[String; 5]> = page
        .items
        .iter()
        .map(|summary| {
            let restorable: Vec<String> = summary
                .regions
                .iter()
                .map(|region| {
                    let at = region.newest_restorable_at;
                    let at =
                        at.map_or_else(|| "never".to_owned(), |at| at.strftime("%m-%d %H:%M").to_string());
                    format!("{} {at}", region.region)
                })
                .collect();
            let source = &summary.source;
            [
                source.id.to_string(),
                SourceFacts(summary).standing().to_owned(),
                source.engine.clone().unwrap_or_default(),
                source.region.to_string(),
                restorable.join(", "),
            ]
        })
        .collect();
    let header = [
        "source", "standing", "engine", "region", "newest restorable (UTC)",
    ];
    let mut text = if rows.is_empty() {
        "no source matches".to_owned()
    } else {
        table(header, &rows)
    };
    if let Some(cursor) = &page.next_cursor {
        text.push_str("\nmore with --cursor ");
        text.push_str(cursor);
    }
    text
}
