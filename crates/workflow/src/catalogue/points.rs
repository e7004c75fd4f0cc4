//! Pages of recovery points over one source or all of them, newest first.

use std::collections::VecDeque;

use futures::{StreamExt, TryStreamExt, stream};
use recovery::ids::{RecoveryPointId, SourceId};
use recovery::page::Page;
use recovery::point::RecoveryPoint;

use super::PointEntry;
use super::store::Catalogue;
use super::wanted::Wanted;
use crate::Workflow;
use crate::error::Result;
use crate::query::{PointQuery, page_size};

/// Recovery points that one page may look at while it searches for some; the rest is behind its cursor.
const EXAMINED_MAX: usize = 2_000;

/// Sources that are read at once.
const SOURCES_AT_ONCE: usize = 8;

/// One source's recovery points, as far as they are read.
struct Lane {
    source: SourceId,
    read: VecDeque<(String, PointEntry)>,
    is_done: bool,
}

impl Workflow {
    /// A page of recovery points, newest first.
    pub async fn recovery_points(&self, query: &PointQuery) -> Result<Page<RecoveryPoint>> {
        let catalogue = &self.shared.catalogue;
        let limit = page_size(query.limit);
        let wanted = &self.wanted(query).await?;
        if let Some(sort) = wanted.sort {
            return self
                .sorted_points(wanted, sort, query.cursor.as_deref(), limit)
                .await;
        }
        let sources = wanted.sources.clone();
        // Few of each source where there are many: most of what is read would be thrown away.
        let each = (2 * limit / sources.len().max(1)).clamp(5, limit.max(5));
        let mut lanes: Vec<Lane> = stream::iter(sources)
            .map(|source| async move {
                let mut lane = Lane {
                    source,
                    read: VecDeque::new(),
                    is_done: false,
                };
                lane.refill(catalogue, wanted, query.cursor.clone(), each).await?;
                Ok::<_, crate::Error>(lane)
            })
            .buffered(SOURCES_AT_ONCE)
            .try_collect()
            .await?;
        let mut items = Vec::new();
        let mut last = None;
        for _ in 0..EXAMINED_MAX {
            let newest = lanes
                .iter_mut()
                .filter(|lane| !lane.read.is_empty())
                .max_by(|a, b| {
                    a.read
                        .front()
                        .map(|(sk, _)| sk)
                        .cmp(&b.read.front().map(|(sk, _)| sk))
                });
            let Some(lane) = newest else {
                return Ok(Page {
                    items,
                    next_cursor: None,
                });
            };
            let Some((sk, entry)) = lane.read.pop_front() else {
                continue;
            };
            if lane.read.is_empty() {
                lane.refill(catalogue, wanted, Some(sk.clone()), each).await?;
            }
            last = Some(sk);
            if let Some(point) = wanted.take(catalogue, entry).await? {
                items.push(point);
                if items.len() == limit {
                    break;
                }
            }
        }
        let is_end = lanes.iter().all(|lane| lane.read.is_empty());
        Ok(Page {
            items,
            next_cursor: last.filter(|_| !is_end),
        })
    }

    /// One recovery point; [`crate::Error::NotFound`].
    pub async fn recovery_point(&self, id: &RecoveryPointId) -> Result<RecoveryPoint> {
        self.shared.catalogue.point(id).await
    }
}

impl Lane {
    async fn refill(
        &mut self,
        catalogue: &Catalogue,
        wanted: &Wanted,
        after: Option<String>,
        each: usize,
    ) -> Result<()> {
        if self.is_done {
            return Ok(());
        }
        let page = catalogue
            .page(&self.source, wanted.from, wanted.to, after.as_deref(), each)
            .await?;
        self.is_done = page.next.is_none() || page.items.is_empty();
        self.read = page.items.into();
        Ok(())
    }
}
