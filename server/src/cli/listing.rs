//! What commands that list a server's things page by page have in common.

use clap::Args;
use recovery::page::Page;
use serde::de::DeserializeOwned;

use super::arguments::ServerArguments;
use super::output::table;
use super::remote::Remote;
use crate::config::Config;
use crate::failure::{Failure, Result};

/// Which of them, in which order, and how many.
#[derive(Args, Clone, Debug)]
pub struct Listing {
    /// Only what this holds for
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// Property to sort by, with - before it for the largest first
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

impl Listing {
    /// The page that is asked for of `list`, as the API calls it.
    pub async fn page<T: DeserializeOwned>(&self, config: &Config, list: &str) -> Result<Page<T>> {
        let url = self.server.url(config).ok_or_else(|| {
            Failure::usage("The server is missing").hint("Name it with --server URL or DATA_RESTORE_SERVER.")
        })?;
        let limit = self.limit.to_string();
        let query = [
            ("filter", self.filter.as_deref()),
            ("sort", self.sort.as_deref()),
            ("cursor", self.cursor.as_deref()),
            ("limit", Some(limit.as_str())),
        ];
        Remote::new(&url)?.page(list, &query).await
    }
}

/// A page as a table, with how to ask for the next one; `none` where it is empty.
pub fn text<T, const N: usize>(
    page: &Page<T>,
    header: [&str; N],
    row: impl Fn(&T) -> [String; N],
    none: &str,
) -> String {
    let rows: Vec<[String; N]> = page.items.iter().map(row).collect();
    let mut text = if rows.is_empty() {
        none.to_owned()
    } else {
        table(header, &rows)
    };
    if let Some(cursor) = &page.next_cursor {
        text.push_str("\nmore with --cursor ");
        text.push_str(cursor);
    }
    text
}
