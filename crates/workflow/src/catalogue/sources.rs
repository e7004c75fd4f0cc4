//! Sources with both RPOs per Region.

use futures::{StreamExt, TryStreamExt, stream};
use recovery::ids::{Region, SourceId};
use recovery::page::Page;
use recovery::rpo::rpo;
use recovery::source::{RegionRpo, Source, SourceSummary};

use super::newest::Newest;
use crate::Workflow;
use crate::error::Result;
use crate::query::{SourceQuery, page_size};

/// Recovery points that are looked at in search of the newest restorable ones: what is older is not within any
/// target, and a Region without any is shown as having none.
const EXAMINED_MAX: usize = 2_000;

/// Recovery points that are read at first: mostly, the newest few are restorable everywhere.
const READ_FIRST: usize = 20;

/// Sources that are read at once.
pub(super) const SOURCES_AT_ONCE: usize = 8;

impl Workflow {
    /// Every source with both RPOs per Region, by name.
    pub async fn sources(&self) -> Result<Vec<SourceSummary>> {
        self.summaries(self.shared.catalogue.sources().await?).await
    }

    /// A page of them. Filtered or sorted, they are as they were last looked at, which is some seconds ago where there are
    /// many.
    pub async fn source_page(&self, query: &SourceQuery) -> Result<Page<SourceSummary>> {
        if query.filter.is_some() || query.sort.is_some() {
            let table = self.source_table(query).await?;
            return Ok(Page {
                items: table.items,
                next_cursor: table.next_cursor,
            });
        }
        let (sources, next_cursor) = self.listed_sources(query).await?;
        Ok(Page {
            items: self.summaries(sources).await?,
            next_cursor,
        })
    }

    /// The ids of every source, by name.
    pub async fn source_ids(&self) -> Result<Vec<SourceId>> {
        let sources = self.shared.catalogue.sources().await?;
        Ok(sources.into_iter().map(|source| source.id).collect())
    }

    /// One source; [`crate::Error::NotFound`].
    pub async fn source(&self, id: &SourceId) -> Result<SourceSummary> {
        self.summary(self.shared.catalogue.source(id).await?).await
    }

    /// The sources of a page, and its cursor.
    pub(crate) async fn listed_sources(&self, query: &SourceQuery) -> Result<(Vec<Source>, Option<String>)> {
        let limit = page_size(query.limit);
        self.shared
            .catalogue
            .source_page(query.cursor.as_deref(), limit)
            .await
    }

    async fn summaries(&self, sources: Vec<Source>) -> Result<Vec<SourceSummary>> {
        stream::iter(sources)
            .map(|source| self.summary(source))
            .buffered(SOURCES_AT_ONCE)
            .try_collect()
            .await
    }

    async fn summary(&self, source: Source) -> Result<SourceSummary> {
        let newest = Newest::new(self.regions_of(&source));
        self.summary_from(source, newest, None).await
    }

    /// A source's figures now, where `newest` is what was found of it down to the sort key `after`.
    pub(super) async fn summary_from(
        &self,
        source: Source,
        mut newest: Newest,
        mut after: Option<String>,
    ) -> Result<SourceSummary> {
        let catalogue = &self.shared.catalogue;
        let (mut examined, mut limit) = (0, READ_FIRST);
        while examined < EXAMINED_MAX && !newest.is_complete() {
            let page = catalogue
                .briefs(&source.id, None, None, after.as_deref(), Some(limit))
                .await?;
            for (_, brief) in &page.items {
                newest.note(&brief.glance);
            }
            examined += page.items.len();
            limit = EXAMINED_MAX;
            after = page.next();
            if after.is_none() {
                break;
            }
        }
        let now = self.now();
        let policy = self.policy_of(&source.id);
        let newest_at = newest.held.as_ref().map(|(_, at)| *at);
        Ok(SourceSummary {
            newest_recovery_point: newest.held.map(|(id, _)| id),
            regions: newest
                .regions
                .into_iter()
                .zip(newest.restorable)
                .map(|(region, restorable)| RegionRpo {
                    is_home: region == source.region,
                    rpo: rpo(
                        newest_at,
                        restorable.as_ref().map(|(_, at)| *at),
                        policy.rpo_target(&region),
                        now,
                    ),
                    newest_restorable_at: restorable.as_ref().map(|(_, at)| *at),
                    newest_restorable: restorable.map(|(id, _)| id),
                    region,
                })
                .collect(),
            source,
        })
    }

    /// The Regions that must hold copies of a source, its own first. One that the settings do not name is left out, unless
    /// there is no other: a source that is known from evidence may have run anywhere.
    pub(super) fn regions_of(&self, source: &Source) -> Vec<Region> {
        let policy = self.policy_of(&source.id);
        let expected = policy.regions.iter().map(|expected| &expected.region);
        let configured: Vec<Region> = expected
            .clone()
            .filter(|region| self.settings().regions.contains(region))
            .cloned()
            .collect();
        if configured.is_empty() {
            expected.cloned().collect()
        } else {
            configured
        }
    }
}
