//! Sources and recovery points in the control table.

use jiff::Timestamp;
use recovery::ids::{RecoveryPointId, SourceId};
use recovery::point::RecoveryPoint;
use recovery::source::Source;
use recovery::table::TableSummary;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Brief, PointEntry};
use crate::control::{Change, Control, Key, Listing, Record, Row, join, split};
use crate::error::{Error, Result};

/// Tables whose JSON is longer than this stand in items of their own: an item has at most 400 KB, and the lists of
/// its copies need their share.
const TABLES_BYTES_MAX: usize = 150 * 1024;

/// Sources that one installation may have.
const SOURCES_MAX: usize = 10_000;

/// Records that are read at a time to write their briefs.
const READ_AT_A_TIME: usize = 100;

/// Sources and recovery points in the control table. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Catalogue {
    control: Control,
}

/// Where the recovery point of an id is.
#[derive(Debug, Serialize, Deserialize)]
struct Pointer {
    source: SourceId,
    created_at: Timestamp,
}

/// A page of a source's recovery points, newest first, each with its sort key.
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<(String, T)>,
    /// Set where more may follow.
    pub(crate) next: Option<String>,
}

impl Catalogue {
    pub(crate) fn new(control: Control) -> Self {
        Self { control }
    }

    /// Every source, by name.
    pub(crate) async fn sources(&self) -> Result<Vec<Source>> {
        let rows = self
            .control
            .list(&Listing::all(Key::SOURCES), SOURCES_MAX)
            .await?;
        rows.iter().map(Row::value).collect()
    }

    /// A page of sources by name, behind the source `after`.
    pub(super) async fn source_page(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Source>, Option<String>)> {
        let listing = Listing::all(Key::SOURCES).limit(limit);
        let (rows, next) = self.control.page(&listing, after).await?;
        let sources = rows.iter().map(Row::value).collect::<Result<_>>()?;
        Ok((sources, next))
    }

    /// One source.
    pub(crate) async fn source(&self, id: &SourceId) -> Result<Source> {
        let found = self.control.get(&Key::source(id)).await?;
        found
            .map(|record| record.value)
            .ok_or_else(|| Error::no_source(id))
    }

    /// Records what is known of a source now.
    pub(crate) async fn put_source(&self, source: &Source) -> Result<()> {
        self.control
            .write(vec![Change::put(Key::source(&source.id), source)?])
            .await
    }

    /// The recovery point of that id, tables left out where they stand apart.
    pub(crate) async fn entry(&self, id: &RecoveryPointId) -> Result<Option<Record<PointEntry>>> {
        let Some(pointer) = self.control.get::<Pointer>(&Key::point_by_id(id)).await? else {
            return Ok(None);
        };
        self.control
            .get(&Key::point(&pointer.value.source, pointer.value.created_at, id))
            .await
    }

    /// The recovery point of that id, whole.
    pub(crate) async fn point(&self, id: &RecoveryPointId) -> Result<RecoveryPoint> {
        let record = self.entry(id).await?.ok_or_else(|| Error::no_point(id))?;
        self.whole(record.value).await
    }

    /// Records a new recovery point. `false`: it was there already.
    pub(crate) async fn create(&self, entry: &PointEntry) -> Result<bool> {
        let point = &entry.point;
        let pointer = Pointer {
            source: point.source.clone(),
            created_at: point.created_at,
        };
        let changes = vec![
            Change::create(Key::point(&point.source, point.created_at, &point.id), entry)?,
            Change::create(Key::point_by_id(&point.id), &pointer)?,
            brief(entry)?,
        ];
        match self.control.write(changes).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_precondition() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Records a change of what was read with `version`. `false`: somebody else changed it first.
    pub(crate) async fn replace(&self, entry: &PointEntry, version: i64) -> Result<bool> {
        let point = &entry.point;
        let key = Key::point(&point.source, point.created_at, &point.id);
        let changes = vec![Change::replace(key, entry, version)?, brief(entry)?];
        match self.control.write(changes).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_precondition() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The same, with a mark that the server that reconciles is to look at the recovery point.
    pub(crate) async fn replace_and_look(&self, entry: &PointEntry, version: i64) -> Result<bool> {
        let point = &entry.point;
        let key = Key::point(&point.source, point.created_at, &point.id);
        let changes = vec![
            Change::replace(key, entry, version)?,
            brief(entry)?,
            Change::put(Key::look(&point.id), &())?,
        ];
        match self.control.write(changes).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_precondition() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The recovery points that are marked, at most `max`.
    pub(crate) async fn looks(&self, max: usize) -> Result<Vec<RecoveryPointId>> {
        let rows = self.control.list(&Listing::all(Key::LOOKS), max).await?;
        Ok(rows.iter().filter_map(|row| row.sk.parse().ok()).collect())
    }

    /// Takes a mark away.
    pub(crate) async fn forget_look(&self, id: &RecoveryPointId) -> Result<()> {
        self.control.write(vec![Change::Delete(Key::look(id))]).await
    }

    /// Puts tables into an entry, or into items of their own where they are too many. The entry itself is not
    /// written here; until it is, the tables that were there before still count.
    pub(crate) async fn set_tables(&self, entry: &mut PointEntry, tables: Vec<TableSummary>) -> Result<()> {
        let key = Key::point_by_id(&entry.point.id);
        let text = serde_json::to_string(&tables).map_err(|error| Error::Record {
            key: key.to_string(),
            cause: error.to_string(),
        })?;
        if text.len() <= TABLES_BYTES_MAX {
            entry.point.tables = tables;
            entry.table_parts = 0;
            return Ok(());
        }
        let generation = entry.table_generation + 1;
        let parts = split(&text);
        for (index, part) in parts.iter().enumerate() {
            let change = Change::put(Key::tables(&entry.point.id, generation, index), part)?;
            self.control.write(vec![change]).await?;
        }
        entry.point.tables = Vec::new();
        entry.table_generation = generation;
        entry.table_parts = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        Ok(())
    }

    /// What everybody sees of an entry, its tables included.
    pub(crate) async fn whole(&self, entry: PointEntry) -> Result<RecoveryPoint> {
        let PointEntry {
            mut point,
            table_parts,
            table_generation,
            ..
        } = entry;
        if table_parts > 0 {
            let mut parts = Vec::new();
            for index in 0..usize::try_from(table_parts).unwrap_or(usize::MAX) {
                let key = Key::tables(&point.id, table_generation, index);
                let part: Record<String> = self.control.get(&key).await?.ok_or_else(|| Error::Record {
                    key: key.to_string(),
                    cause: "it is missing".to_owned(),
                })?;
                parts.push(part.value);
            }
            let text = join(parts.iter().map(String::as_str));
            point.tables = serde_json::from_str(&text).map_err(|error| Error::Record {
                key: Key::point_by_id(&point.id).to_string(),
                cause: format!("its tables: {error}"),
            })?;
        }
        Ok(point)
    }

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

    async fn listed<T: DeserializeOwned>(
        &self,
        partition: String,
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Listed<T>> {
        let from = from.map_or_else(|| "0".to_owned(), Key::time);
        let mut to = to.map_or_else(|| "~".to_owned(), Key::time);
        // `after` may name a recovery point of another source: the merge of many sources has one cursor.
        if let Some(after) = after
            && after < to.as_str()
        {
            after.clone_into(&mut to);
        }
        if to < from {
            return Ok(Listed {
                items: Vec::new(),
                next: None,
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
        Ok(Listed { items, next })
    }

    /// Whether a recovery point of a source itself, and not a copy of one, was made at or after `from` and before `to`.
    pub(crate) async fn is_made_between(
        &self,
        source: &SourceId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<bool> {
        const EXAMINED_MAX: usize = 20;
        let page = self
            .briefs(source, Some(from), Some(to), None, Some(EXAMINED_MAX))
            .await?;
        Ok(page
            .items
            .iter()
            .any(|(_, brief)| !brief.glance.is_copied && brief.glance.created_at < to))
    }
}

impl Catalogue {
    /// Writes the briefs of a source's records that have none: they were written before there were briefs. How many.
    ///
    /// Briefs are written from the newest to the oldest, so whether the oldest record has one tells whether all have.
    pub(crate) async fn complete_briefs(&self, source: &SourceId) -> Result<u64> {
        let oldest = Listing::all(Key::points(source)).limit(1);
        let (rows, _) = self.control.page(&oldest, None).await?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(0);
        };
        let brief = Key {
            pk: Key::briefs(source),
            sk: row.sk,
        };
        if self.control.get::<Brief>(&brief).await?.is_some() {
            return Ok(0);
        }
        let mut count = 0;
        let mut after: Option<String> = None;
        loop {
            let page = self
                .page(source, None, None, after.as_deref(), READ_AT_A_TIME)
                .await?;
            for (_, entry) in &page.items {
                let point = &entry.point;
                let key = Key::brief(&point.source, point.created_at, &point.id);
                match self
                    .control
                    .write(vec![Change::create(key, &Brief::of(entry))?])
                    .await
                {
                    Ok(()) => count += 1,
                    // One that is there is as new as its record.
                    Err(error) if error.is_precondition() => {}
                    Err(error) => return Err(error),
                }
            }
            after = page.next.and(page.items.last().map(|(sk, _)| sk.clone()));
            if after.is_none() {
                return Ok(count);
            }
        }
    }
}

/// An entry in brief, to be written together with it.
fn brief(entry: &PointEntry) -> Result<Change> {
    let point = &entry.point;
    Change::put(
        Key::brief(&point.source, point.created_at, &point.id),
        &Brief::of(entry),
    )
}
