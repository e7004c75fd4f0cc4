//! Sources as a table: filtered, sorted and counted over all of them, from what was last seen of each.

use jiff::Timestamp;
use recovery::filter::{Filter, SOURCES, Sort, SourceFacts};
use recovery::source::SourceSummary;
use serde::{Deserialize, Serialize};

use super::wanted::refuse_unknown;
use crate::Workflow;
use crate::error::{Error, Result};
use crate::query::{SourceQuery, page_size, place};

/// A page of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceTable {
    /// The sources of the page.
    pub items: Vec<SourceSummary>,
    /// How many stand before them.
    pub before: usize,
    /// How many the filter holds for.
    pub matching: usize,
    /// How many there are.
    pub all: usize,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// When this was so.
    pub seen_at: Timestamp,
}

impl Workflow {
    /// A page of sources. Where there are many, they are shown as they were some seconds ago; `seen_at` tells.
    pub async fn source_table(&self, query: &SourceQuery) -> Result<SourceTable> {
        let limit = page_size(query.limit);
        let before = place(query.cursor.as_deref())?;
        let (matching, all, seen_at) = self.matching_sources(query).await?;
        let count = matching.len();
        let items: Vec<SourceSummary> = matching.into_iter().skip(before).take(limit).collect();
        let end = before + items.len();
        Ok(SourceTable {
            items,
            before,
            matching: count,
            all,
            next_cursor: (end < count).then(|| end.to_string()),
            seen_at,
        })
    }

    /// Every source that `query` asks for, in its order; its cursor and limit count for nothing.
    pub async fn every_source(&self, query: &SourceQuery) -> Result<Vec<SourceSummary>> {
        Ok(self.matching_sources(query).await?.0)
    }

    async fn matching_sources(&self, query: &SourceQuery) -> Result<(Vec<SourceSummary>, usize, Timestamp)> {
        let filter = query.filter.as_deref().filter(|text| !text.trim().is_empty());
        let filter = filter.map(|text| Filter::parse(text, &SOURCES)).transpose()?;
        let sort = query.sort.as_deref().filter(|text| !text.is_empty());
        let sort = sort
            .map(|text| Sort::parse(text, &SOURCES))
            .transpose()
            .map_err(|error| Error::Invalid(error.to_string()))?;
        let seen = self.seen().await?;
        if let Some(filter) = &filter {
            refuse_unknown(
                filter,
                seen.sources.iter().map(|source| source.source.id.as_str()),
            )?;
        }
        let mut sources: Vec<&SourceSummary> = seen
            .sources
            .iter()
            .filter(|source| {
                filter
                    .as_ref()
                    .is_none_or(|filter| filter.matches(&SourceFacts(source)))
            })
            .collect();
        if let Some(sort) = sort {
            // Stable: among equals, by name.
            sources.sort_by(|one, other| sort.compare(&SourceFacts(one), &SourceFacts(other)));
        }
        let sources = sources.into_iter().cloned().collect();
        Ok((sources, seen.sources.len(), seen.now))
    }
}
