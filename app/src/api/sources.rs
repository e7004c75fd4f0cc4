//! Sources with their figures, as a table.

use jiff::Timestamp;
use recovery::ids::Region;
use recovery::source::SourceSummary;
use serde::{Deserialize, Serialize};

use super::Failure;

/// A page of sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceList {
    /// The sources of the page.
    pub items: Vec<SourceSummary>,
    /// How many stand before them.
    pub before: usize,
    /// How many the filter holds for.
    pub matching: usize,
    /// How many there are.
    pub all: usize,
    /// Where the next page begins.
    pub next: Option<String>,
    /// When this was so.
    pub seen_at: Timestamp,
    /// Regions to filter by.
    pub regions: Vec<Region>,
    /// When it was asked for.
    pub now: Timestamp,
}

/// A page of sources, by name where nothing else is said.
pub async fn list_sources(
    filter: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
) -> Result<SourceList, Failure> {
    const PAGE_SIZE: usize = 50;
    let workflow = super::gate::reader()?;
    let table = workflow
        .source_table(&workflow::SourceQuery {
            filter,
            sort,
            cursor,
            limit: Some(PAGE_SIZE),
        })
        .await?;
    Ok(SourceList {
        items: table.items,
        before: table.before,
        matching: table.matching,
        all: table.all,
        next: table.next_cursor,
        seen_at: table.seen_at,
        regions: workflow.settings().regions.clone(),
        now: workflow.now(),
    })
}
