//! Pages of recovery points over one source or all of them, newest first.

use recovery::ids::RecoveryPointId;
use recovery::page::Page;
use recovery::point::RecoveryPoint;

use crate::Workflow;
use crate::error::Result;
use crate::query::{PointQuery, page_size};

/// Recovery points that one page may look at while it searches for some; the rest is behind its cursor.
const EXAMINED_MAX: usize = 2_000;

/// So many are looked at together then.
const EXAMINED_AT_A_TIME: usize = 100;

impl Workflow {
    /// A page of recovery points, newest first.
    pub async fn recovery_points(&self, query: &PointQuery) -> Result<Page<RecoveryPoint>> {
        let catalogue = &self.shared.catalogue;
        let limit = page_size(query.limit);
        let wanted = self.wanted(query).await?;
        if let Some(sort) = wanted.sort {
            return self
                .sorted_points(&wanted, sort, query.cursor.as_deref(), limit)
                .await;
        }
        let (from, to) = (wanted.from, wanted.to);
        let mut after = query.cursor.clone();
        let mut items = Vec::new();
        let mut examined = 0;
        loop {
            let at_a_time = if wanted.is_narrow() {
                EXAMINED_AT_A_TIME
            } else {
                limit - items.len()
            };
            let after_here = after.as_deref();
            let page = match &wanted.sources[..] {
                [source] => catalogue.page(source, from, to, after_here, at_a_time).await?,
                _ => catalogue.page_of_all(from, to, after_here, at_a_time).await?,
            };
            let next = page.next();
            let read = page.items.len();
            for (place, (sk, entry)) in page.items.into_iter().enumerate() {
                let Some(point) = wanted.take(catalogue, entry).await? else {
                    continue;
                };
                items.push(point);
                if items.len() == limit {
                    let is_end = next.is_none() && place + 1 == read;
                    return Ok(Page {
                        items,
                        next_cursor: Some(sk).filter(|_| !is_end),
                    });
                }
            }
            examined += read;
            if next.is_none() || examined >= EXAMINED_MAX {
                return Ok(Page {
                    items,
                    next_cursor: next,
                });
            }
            after = next;
        }
    }

    /// One recovery point; [`crate::Error::NotFound`].
    pub async fn recovery_point(&self, id: &RecoveryPointId) -> Result<RecoveryPoint> {
        self.shared.catalogue.point(id).await
    }
}
