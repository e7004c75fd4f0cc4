//! Pages of recovery points over one source or all of them, newest first.

use recovery::ids::RecoveryPointId;
use recovery::page::Page;
use recovery::point::RecoveryPoint;

use crate::Workflow;
use crate::error::Result;
use crate::query::{PointQuery, page_size};

/// Recovery points that one page may look at while it searches for a state; the rest is behind its cursor.
const EXAMINED_MAX: usize = 2_000;

/// So many are looked at together then.
const EXAMINED_AT_A_TIME: usize = 100;

impl Workflow {
    /// A page of recovery points, newest first.
    pub async fn recovery_points(&self, query: &PointQuery) -> Result<Page<RecoveryPoint>> {
        let catalogue = &self.shared.catalogue;
        let limit = page_size(query.limit);
        let source = match &query.source {
            Some(source) => Some(catalogue.source(source).await?.id),
            None => None,
        };
        let (from, to) = (query.from, query.to);
        let mut after = query.cursor.clone();
        let mut items = Vec::new();
        let mut examined = 0;
        loop {
            let wanted = match query.state {
                Some(_) => EXAMINED_AT_A_TIME,
                None => limit - items.len(),
            };
            let page = match &source {
                Some(source) => catalogue.page(source, from, to, after.as_deref(), wanted).await?,
                None => catalogue.page_of_all(from, to, after.as_deref(), wanted).await?,
            };
            let next = page.next();
            let read = page.items.len();
            for (place, (sk, entry)) in page.items.into_iter().enumerate() {
                if query.state.is_some_and(|state| entry.point.state != state) {
                    continue;
                }
                items.push(catalogue.whole(entry).await?);
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
