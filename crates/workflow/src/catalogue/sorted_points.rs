//! Recovery points in another order than the newest first: all that may match are read, so there is a bound on them.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{StreamExt, TryStreamExt, stream};
use recovery::filter::Sort;
use recovery::ids::SourceId;
use recovery::page::Page;
use recovery::point::RecoveryPoint;

use super::sources::SOURCES_AT_ONCE;
use super::wanted::Wanted;
use crate::Workflow;
use crate::error::{Error, Result};
use crate::query::place;

/// Recovery points that are looked at to sort them: as many as for a page that searches.
const EXAMINED_MAX: usize = 2_000;

/// Recovery points of a source that are read at a time.
const READ_AT_A_TIME: usize = 200;

impl Workflow {
    /// The page at `cursor` of everything that is asked for, sorted.
    pub(super) async fn sorted_points(
        &self,
        wanted: &Wanted,
        sort: Sort,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<RecoveryPoint>> {
        let begin = place(cursor)?;
        let examined = &AtomicUsize::new(0);
        let of_sources: Vec<Vec<RecoveryPoint>> = stream::iter(wanted.sources.clone())
            .map(|source| self.matching(wanted, sort, source, examined))
            .buffered(SOURCES_AT_ONCE)
            .try_collect()
            .await?;
        let mut points: Vec<RecoveryPoint> = of_sources.into_iter().flatten().collect();
        points.sort_by(|one, other| wanted.compare(sort, one, other));
        let count = points.len();
        let items: Vec<RecoveryPoint> = points.into_iter().skip(begin).take(limit).collect();
        let end = begin + items.len();
        Ok(Page {
            items,
            next_cursor: (end < count).then(|| end.to_string()),
        })
    }

    async fn matching(
        &self,
        wanted: &Wanted,
        sort: Sort,
        source: SourceId,
        examined: &AtomicUsize,
    ) -> Result<Vec<RecoveryPoint>> {
        let catalogue = &self.shared.catalogue;
        let mut points = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = catalogue
                .page(&source, wanted.from, wanted.to, after.as_deref(), READ_AT_A_TIME)
                .await?;
            let count = page.items.len();
            if examined.fetch_add(count, Ordering::Relaxed) + count > EXAMINED_MAX {
                return Err(Error::Invalid(format!(
                    "sorting by {} looks at {EXAMINED_MAX} recovery points at most, and there are more: narrow the filter, \
                     for example with age < 24h or by a source, or leave them sorted by the newest",
                    sort.property.name
                )));
            }
            after = page.next();
            for (_, entry) in page.items {
                points.extend(wanted.take(catalogue, entry).await?);
            }
            if after.is_none() {
                return Ok(points);
            }
        }
    }
}
