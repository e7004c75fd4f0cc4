//! Sources and recovery points in the control table.

use jiff::Timestamp;
use recovery::ids::{RecoveryPointId, SourceId};
use recovery::point::RecoveryPoint;
use recovery::source::Source;
use recovery::table::TableSummary;
use serde::{Deserialize, Serialize};

use super::days::on_its_day;
use super::{Brief, PointEntry};
use crate::control::{Change, Control, Key, Listing, Record, Row, join, split};
use crate::error::{Error, Result};

/// Tables whose JSON is longer than this stand in items of their own: an item has at most 400 KB, and the lists of
/// its copies need their share.
const TABLES_BYTES_MAX: usize = 150 * 1024;

/// Sources that one installation may have.
const SOURCES_MAX: usize = 10_000;

/// Sources and recovery points in the control table. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Catalogue {
    pub(super) control: Control,
}

/// Where the recovery point of an id is.
#[derive(Debug, Serialize, Deserialize)]
struct Pointer {
    source: SourceId,
    created_at: Timestamp,
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

    /// The same where it is of `source`. One of another source is as unknown, and found to be so as soon, as none.
    pub(crate) async fn entry_of(
        &self,
        source: &SourceId,
        id: &RecoveryPointId,
    ) -> Result<Option<Record<PointEntry>>> {
        let pointer = self.control.get::<Pointer>(&Key::point_by_id(id)).await?;
        let Some(pointer) = pointer.filter(|pointer| pointer.value.source == *source) else {
            return Ok(None);
        };
        let key = Key::point(source, pointer.value.created_at, id);
        self.control.get(&key).await
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
        let mut changes = vec![
            Change::create(Key::point(&point.source, point.created_at, &point.id), entry)?,
            Change::create(Key::point_by_id(&point.id), &pointer)?,
            brief(entry)?,
        ];
        changes.extend(on_its_day(point)?);
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

/// An entry in brief, to be written together with it.
pub(super) fn brief(entry: &PointEntry) -> Result<Change> {
    let point = &entry.point;
    Change::put(
        Key::brief(&point.source, point.created_at, &point.id),
        &Brief::of(entry),
    )
}
