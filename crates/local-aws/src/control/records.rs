//! The control plane's state: JSON records in one SQLite file, kill -9 safe.
//!
//! Each record belongs to a kind, an account, a Region and an identifier. SQLite's write-ahead log keeps every
//! committed record through the end of the process, however it ends.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Something that is kept.
pub trait Record: Serialize + DeserializeOwned {
    /// Records of different kinds never meet.
    const KIND: &'static str;
    /// Where it lives.
    fn place(&self) -> Place;
    /// Unique among its kind in its place.
    fn id(&self) -> &str;
}

/// An account's part of a Region.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
pub struct Place {
    /// Twelve digits.
    pub account: String,
    /// For example `us-east-1`.
    pub region: String,
}

impl Place {
    /// The part of `region` that belongs to `account`.
    pub fn new(account: &str, region: &str) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
        }
    }
}

/// Why the state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// SQLite refused.
    #[error("the state of the embedded control plane, {}: {cause}; check the data folder", .path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        cause: rusqlite::Error,
    },
    /// A record is not what this version writes.
    #[error(
        "a {kind} of the embedded control plane cannot be understood: {cause}; the data folder is of another version"
    )]
    Malformed {
        /// The record's kind.
        kind: &'static str,
        /// What is wrong with it.
        cause: serde_json::Error,
    },
}

/// The open file.
#[derive(Debug)]
pub struct Records {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Records {
    /// Opens or creates the file.
    pub fn open(path: &Path) -> Result<Self, RecordError> {
        let failed = |cause| RecordError::Database {
            path: path.to_owned(),
            cause,
        };
        let connection = Connection::open(path).map_err(failed)?;
        connection
            .pragma_update(None, "journal_mode", "WAL")
            .map_err(failed)?;
        connection
            .pragma_update(None, "synchronous", "NORMAL")
            .map_err(failed)?;
        connection
            .execute_batch(
                "CREATE TABLE IF NOT EXISTS record (
                     seq INTEGER PRIMARY KEY AUTOINCREMENT,
                     kind TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL,
                     body TEXT NOT NULL,
                     UNIQUE (kind, account, region, id));
                 CREATE INDEX IF NOT EXISTS record_created ON record (
                     kind, account, region, substr(json_extract(body, '$.created_at'), 1, 19) DESC, id)
                     WHERE json_extract(body, '$.created_at') IS NOT NULL;
                 CREATE TABLE IF NOT EXISTS message (
                     seq INTEGER PRIMARY KEY AUTOINCREMENT,
                     queue TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT NOT NULL,
                     sender TEXT NOT NULL, sent_at INTEGER NOT NULL, visible_at INTEGER NOT NULL,
                     first_received_at INTEGER, received INTEGER NOT NULL DEFAULT 0, receipt TEXT);
                 CREATE INDEX IF NOT EXISTS message_queue ON message (queue, visible_at);",
            )
            .map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            connection: Mutex::new(connection),
        })
    }

    /// Runs `work` on the connection.
    pub fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, RecordError> {
        work(&self.lock()).map_err(|cause| RecordError::Database {
            path: self.path.clone(),
            cause,
        })
    }

    /// The record `id`, if there is one.
    pub fn get<R: Record>(&self, place: &Place, id: &str) -> Result<Option<R>, RecordError> {
        let body: Option<String> = self.with(|connection| {
            connection
                .prepare_cached(
                    "SELECT body FROM record WHERE kind = ? AND account = ? AND region = ? AND id = ?",
                )?
                .query_row(params![R::KIND, place.account, place.region, id], |row| {
                    row.get(0)
                })
                .optional()
        })?;
        body.as_deref().map(understand).transpose()
    }

    /// Adds a record; `false` if there is one of its identifier.
    pub fn add<R: Record>(&self, record: &R) -> Result<bool, RecordError> {
        let (place, body) = (record.place(), write(record)?);
        let added = self.with(|connection| {
            connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO record (kind, account, region, id, body) VALUES (?, ?, ?, ?, ?)",
                )?
                .execute(params![R::KIND, place.account, place.region, record.id(), body])
        })?;
        Ok(added == 1)
    }

    /// Adds or replaces a record.
    pub fn put<R: Record>(&self, record: &R) -> Result<(), RecordError> {
        let (place, body) = (record.place(), write(record)?);
        self.with(|connection| {
            connection
                .prepare_cached(
                    "INSERT INTO record (kind, account, region, id, body) VALUES (?, ?, ?, ?, ?)
                     ON CONFLICT (kind, account, region, id) DO UPDATE SET body = excluded.body",
                )?
                .execute(params![R::KIND, place.account, place.region, record.id(), body])
        })?;
        Ok(())
    }

    /// Changes a record in one step: nobody else's change comes between. The record as it then is, if there is one.
    pub fn change<R: Record>(
        &self,
        place: &Place,
        id: &str,
        change: impl FnOnce(&mut R),
    ) -> Result<Option<R>, RecordError> {
        let connection = self.lock();
        let failed = |cause| RecordError::Database {
            path: self.path.clone(),
            cause,
        };
        let body: Option<String> = connection
            .prepare_cached(
                "SELECT body FROM record WHERE kind = ? AND account = ? AND region = ? AND id = ?",
            )
            .and_then(|mut found| {
                found
                    .query_row(params![R::KIND, place.account, place.region, id], |row| {
                        row.get(0)
                    })
                    .optional()
            })
            .map_err(failed)?;
        let Some(body) = body else { return Ok(None) };
        let mut record: R = understand(&body)?;
        change(&mut record);
        connection
            .prepare_cached(
                "UPDATE record SET body = ? WHERE kind = ? AND account = ? AND region = ? AND id = ?",
            )
            .and_then(|mut update| {
                update.execute(params![
                    write(&record).unwrap_or(body),
                    R::KIND,
                    place.account,
                    place.region,
                    id
                ])
            })
            .map_err(failed)?;
        Ok(Some(record))
    }

    /// Removes a record; `false` if there was none.
    pub fn remove<R: Record>(&self, place: &Place, id: &str) -> Result<bool, RecordError> {
        let removed = self.with(|connection| {
            connection
                .prepare_cached(
                    "DELETE FROM record WHERE kind = ? AND account = ? AND region = ? AND id = ?",
                )?
                .execute(params![R::KIND, place.account, place.region, id])
        })?;
        Ok(removed == 1)
    }

    /// The records of a place, oldest first.
    pub fn list<R: Record>(&self, place: &Place) -> Result<Vec<R>, RecordError> {
        self.bodies(
            "SELECT body FROM record WHERE kind = ? AND account = ? AND region = ? ORDER BY seq",
            params![R::KIND, place.account, place.region],
        )
    }

    /// At most `max` records of a place that have a `created_at`, the newest first, to the second, and by identifier within
    /// one: those behind the record `after`, made before `before` and at or after `from`.
    pub fn newest<R: Record>(
        &self,
        place: &Place,
        (from, before): (Option<Timestamp>, Option<Timestamp>),
        after: Option<(Timestamp, &str)>,
        max: usize,
    ) -> Result<Vec<R>, RecordError> {
        let second = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let from = from.map_or_else(String::new, second);
        // The second itself may hold some that were made before.
        let before = before.map_or_else(|| "~".to_owned(), second);
        let (at, id) = after.map_or_else(|| ("~".to_owned(), ""), |(at, id)| (second(at), id));
        self.bodies(
            "SELECT body FROM record WHERE kind = ?1 AND account = ?2 AND region = ?3
                 AND json_extract(body, '$.created_at') IS NOT NULL
                 AND substr(json_extract(body, '$.created_at'), 1, 19) BETWEEN ?4 AND min(?5, ?6)
                 AND (substr(json_extract(body, '$.created_at'), 1, 19) < ?6 OR id > ?7)
                 ORDER BY substr(json_extract(body, '$.created_at'), 1, 19) DESC, id LIMIT ?8",
            params![R::KIND, place.account, place.region, from, before, at, id, max],
        )
    }

    /// Adds records, all in one go.
    pub fn add_all<R: Record>(&self, records: impl IntoIterator<Item = R>) -> Result<(), RecordError> {
        self.with(|connection| connection.execute_batch("BEGIN"))?;
        let added = records
            .into_iter()
            .try_for_each(|record| self.add(&record).map(|_| ()));
        let end = if added.is_ok() { "COMMIT" } else { "ROLLBACK" };
        self.with(|connection| connection.execute_batch(end))?;
        added
    }

    /// The records of all places, oldest first.
    pub fn all<R: Record>(&self) -> Result<Vec<R>, RecordError> {
        self.bodies(
            "SELECT body FROM record WHERE kind = ? ORDER BY seq",
            params![R::KIND],
        )
    }

    fn bodies<R: Record>(
        &self,
        sql: &str,
        parameters: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<R>, RecordError> {
        let bodies: Vec<String> = self.with(|connection| {
            connection
                .prepare_cached(sql)?
                .query_map(parameters, |row| row.get(0))?
                .collect()
        })?;
        bodies.iter().map(|body| understand(body)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn understand<R: Record>(body: &str) -> Result<R, RecordError> {
    serde_json::from_str(body).map_err(|cause| RecordError::Malformed { kind: R::KIND, cause })
}

fn write<R: Record>(record: &R) -> Result<String, RecordError> {
    serde_json::to_string(record).map_err(|cause| RecordError::Malformed { kind: R::KIND, cause })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Note {
        id: String,
        text: String,
    }

    impl Record for Note {
        const KIND: &'static str = "note";
        fn place(&self) -> Place {
            Place::new("1", "r")
        }
        fn id(&self) -> &str {
            &self.id
        }
    }

    #[test]
    fn records_outlive_the_connection_and_an_identifier_is_added_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("control.sqlite");
        let place = Place::new("1", "r");
        let note = Note {
            id: "a".into(),
            text: "first".into(),
        };
        let records = Records::open(&path).unwrap();
        assert!(records.add(&note).unwrap());
        assert!(!records.add(&note).unwrap());
        drop(records);
        let records = Records::open(&path).unwrap();
        assert_eq!(records.list::<Note>(&place).unwrap(), [note]);
        let changed = records
            .change::<Note>(&place, "a", |note| note.text = "second".into())
            .unwrap();
        assert_eq!(changed, records.get(&place, "a").unwrap());
        assert_eq!(records.list::<Note>(&Place::new("2", "r")).unwrap(), []);
        assert_eq!(
            records.newest::<Note>(&place, (None, None), None, 9).unwrap(),
            [],
            "nobody knows when it was made"
        );
        assert!(records.remove::<Note>(&place, "a").unwrap());
        assert_eq!(records.get::<Note>(&place, "a").unwrap(), None);
    }
}
