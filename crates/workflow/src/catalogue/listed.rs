//! Pages of the catalogue, the newest first.

use jiff::Timestamp;
use recovery::ids::SourceId;
use serde::de::DeserializeOwned;

use super::store::Catalogue;
use super::{Brief, PointEntry};
use crate::control::{Key, Listing};
use crate::error::Result;

/// A page, newest first, each item with its sort key.
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<(String, T)>,
    /// Whether more may follow.
    pub(crate) has_more: bool,
}

impl<T> Listed<T> {
    /// The sort key behind which the next page begins; `None` at the end.
    pub(crate) fn next(&self) -> Option<String> {
        let last = self.items.last().filter(|_| self.has_more);
        last.map(|(sk, _)| sk.clone())
    }
}

impl Catalogue {
    /// A page of a source's recovery points, newest first, made at or after `from` and before `to`, behind the sort
    /// key `after`; tables left out where they stand apart.
    pub(crate) async fn page(
        &self,
        source: &SourceId,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Listed<PointEntry>> {
        self.listed(Key::points(source), (from, to), after, Some(limit))
            .await
    }

    /// The same in brief; without a limit, as many as DynamoDB answers at a time.
    pub(crate) async fn briefs(
        &self,
        source: &SourceId,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Listed<Brief>> {
        self.listed(Key::briefs(source), (from, to), after, limit).await
    }

    /// A page of a partition whose sort keys are those of recovery points.
    pub(super) async fn listed<T: DeserializeOwned>(
        &self,
        partition: String,
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Listed<T>> {
        let from = from.map_or_else(|| "0".to_owned(), Key::time);
        let mut to = to.map_or_else(|| "~".to_owned(), Key::time);
        // `after` may name a recovery point of another source: pages of all sources have one cursor.
        if let Some(after) = after
            && after < to.as_str()
        {
            after.clone_into(&mut to);
        }
        if to < from {
            return Ok(Listed {
                items: Vec::new(),
                has_more: false,
            });
        }
        // One more, because the cursor itself may be the first that is found.
        let mut listing = Listing::all(partition).between(from, to.as_str()).newest_first();
        if let Some(limit) = limit {
            listing = listing.limit(limit + 1);
        }
        let (rows, next) = self.control.page(&listing, None).await?;
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            if after.is_some_and(|after| row.sk.as_str() >= after) {
                continue;
            }
            let item = row.value()?;
            items.push((row.sk, item));
        }
        Ok(Listed {
            items,
            has_more: next.is_some(),
        })
    }
}
