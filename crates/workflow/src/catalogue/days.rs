//! Recovery points of all sources by the day they were made: whoever wants the newest of all asks no source for its own.

use jiff::Timestamp;
use recovery::ids::SourceId;
use recovery::point::RecoveryPoint;

use super::PointEntry;
use super::listed::Listed;
use super::store::Catalogue;
use crate::control::{Change, Key, Listing};
use crate::error::Result;

/// Days that are listed at a time.
const DAYS_AT_A_TIME: usize = 40;

/// That a recovery point was made on its day, to be written together with its record.
pub(super) fn on_its_day(point: &RecoveryPoint) -> Result<[Change; 2]> {
    let day = Key::day(point.created_at);
    let named = Key::on_day(&day.sk, point.created_at, &point.id);
    Ok([Change::put(day, &())?, Change::put(named, &point.source)?])
}

impl Catalogue {
    /// A page of all sources' recovery points, as [`Catalogue::page`] is one of a single source's.
    pub(super) async fn page_of_all(
        &self,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Listed<PointEntry>> {
        let mut named = self.named(from, to, after, limit).await?;
        let has_more = named.len() > limit;
        named.truncate(limit);
        let keys: Vec<Key> = named
            .iter()
            .map(|(sk, source)| Key {
                pk: Key::points(source),
                sk: sk.clone(),
            })
            .collect();
        let mut records = self.control.get_all::<PointEntry>(&keys).await?;
        let items = keys.into_iter().filter_map(|key| {
            let record = records.remove(&key);
            if record.is_none() {
                // In a Region of a global table that a transaction has reached in part.
                tracing::warn!(%key, "a recovery point that its day names has no record here");
            }
            Some((key.sk, record?))
        });
        Ok(Listed {
            items: items.collect(),
            has_more,
        })
    }

    /// Sort keys and sources of the newest recovery points: one more than `limit` where there are more.
    async fn named(
        &self,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, SourceId)>> {
        let first = from.map_or_else(|| "0".to_owned(), |from| Key::day(from).sk);
        let mut last = to.map_or_else(|| "~".to_owned(), |to| Key::day(to).sk);
        // Sort keys begin with the day.
        if let Some(after) = after
            && after < last.as_str()
        {
            after.clone_into(&mut last);
        }
        let mut named: Vec<(String, SourceId)> = Vec::new();
        if last < first {
            return Ok(named);
        }
        let days = Listing::all(Key::DAYS)
            .between(first, last)
            .newest_first()
            .limit(DAYS_AT_A_TIME);
        let mut after_day: Option<String> = None;
        loop {
            let (rows, next) = self.control.page(&days, after_day.as_deref()).await?;
            for day in rows {
                let mut after = after.map(str::to_owned);
                loop {
                    let wanted = limit + 1 - named.len();
                    let page = self
                        .listed(Key::made_on(&day.sk), (from, to), after.as_deref(), Some(wanted))
                        .await?;
                    after = page.next();
                    named.extend(page.items);
                    if named.len() > limit {
                        return Ok(named);
                    }
                    if after.is_none() {
                        break;
                    }
                }
            }
            after_day = next;
            if after_day.is_none() {
                return Ok(named);
            }
        }
    }
}
