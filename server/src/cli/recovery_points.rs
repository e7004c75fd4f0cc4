//! `recovery-points`.

use std::process::ExitCode;

use clap::Args;
use recovery::page::Page;
use recovery::point::RecoveryPoint;

use super::listing::{self, Listing};
use super::output::{Output, bytes, count};
use crate::config::Config;
use crate::failure::Result;

const EXAMPLES: &str = "\
Examples:
  data-restore recovery-points --filter 'source = tvshows and state != verified'
  data-restore recovery-points --filter 'verified_in = us-west-2 and age < 24h' --limit 1 --json
  data-restore recovery-points --filter 'size > 1GB or incomplete_in = eu-west-1' --sort -size

Without --sort they are in the order of `-made`.

A filter compares properties by = != : (contains) < <= > >= and joins conditions with and, or and parentheses. One that is
not understood is refused with the properties and values that are possible; docs/OPERATIONS.md lists them.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let page = arguments.listing.page(config, "recovery-points").await?;
    output.answer(&page, text);
    Ok(ExitCode::SUCCESS)
}

fn text(page: &Page<RecoveryPoint>) -> String {
    let header = ["recovery point", "source", "state", "verified in", "rows", "size"];
    let row = |point: &RecoveryPoint| {
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
    };
    listing::text(page, header, row, "no recovery point matches")
}
