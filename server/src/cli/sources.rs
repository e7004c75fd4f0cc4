//! `sources`.

use std::process::ExitCode;

use clap::Args;
use recovery::filter::SourceFacts;
use recovery::page::Page;
use recovery::source::SourceSummary;

use super::listing::{self, Listing};
use super::output::Output;
use crate::config::Config;
use crate::failure::Result;

const EXAMPLES: &str = "\
Examples:
  data-restore sources --filter 'standing = behind'
  data-restore sources --filter 'behind_in = eu-west-1 and engine : mysql' --sort -restorable_age
  data-restore sources --json

Without --sort they are in the order of `source`.

A filter compares properties by = != : (contains) < <= > >= and joins conditions with and, or and parentheses. One that is
not understood is refused with the properties and values that are possible; docs/OPERATIONS.md lists them.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let page = arguments.listing.page(config, "sources").await?;
    output.answer(&page, text);
    Ok(ExitCode::SUCCESS)
}

fn text(page: &Page<SourceSummary>) -> String {
    let header = [
        "source", "standing", "engine", "region", "newest restorable (UTC)",
    ];
    let row = |summary: &SourceSummary| {
        let restorable: Vec<String> = summary
            .regions
            .iter()
            .map(|region| {
                let at = region.newest_restorable_at;
                let at = at.map_or_else(|| "never".to_owned(), |at| at.strftime("%m-%d %H:%M").to_string());
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
    };
    listing::text(page, header, row, "no source matches")
}
