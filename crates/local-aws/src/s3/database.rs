//! S3's metadata: one SQLite file, one connection, every change one transaction.
//!
//! WAL with `synchronous=NORMAL`: a commit survives `kill -9` at any moment, for it is in the system's page cache
//! when it returns. Only a power cut may take the last commits, never the file's consistency.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::S3Failure;
use crate::Error;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS buckets (
    name        TEXT PRIMARY KEY,
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    created     INTEGER NOT NULL,
    versioning  TEXT
) STRICT, WITHOUT ROWID;

-- One row per configuration of a bucket: replication, policy, encryption, public-access-block, tagging,
-- lifecycle.
CREATE TABLE IF NOT EXISTS bucket_settings (
    bucket  TEXT NOT NULL REFERENCES buckets(name) ON DELETE CASCADE,
    kind    TEXT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (bucket, kind)
) STRICT, WITHOUT ROWID;

-- Versions and delete markers; a later `seq` of a key is a newer version of it.
CREATE TABLE IF NOT EXISTS versions (
    seq                 INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket              TEXT NOT NULL REFERENCES buckets(name),
    key                 TEXT NOT NULL,
    version_id          TEXT NOT NULL,
    latest              INTEGER NOT NULL,
    delete_marker       INTEGER NOT NULL,
    size                INTEGER NOT NULL,
    etag                TEXT NOT NULL,
    modified            INTEGER NOT NULL,
    checksum            TEXT,
    attributes          TEXT NOT NULL,
    replication_status  TEXT
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS versions_by_id ON versions (bucket, key, version_id);
CREATE INDEX IF NOT EXISTS versions_by_age ON versions (bucket, key, seq DESC);
CREATE UNIQUE INDEX IF NOT EXISTS versions_latest ON versions (bucket, key) WHERE latest = 1;

-- The bytes of a version: one blob, or one per part. Replicas and copies name the same blobs.
CREATE TABLE IF NOT EXISTS segments (
    version   INTEGER NOT NULL REFERENCES versions(seq) ON DELETE CASCADE,
    part      INTEGER NOT NULL,
    blob      TEXT NOT NULL,
    size      INTEGER NOT NULL,
    checksum  TEXT,
    PRIMARY KEY (version, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS segments_by_blob ON segments (blob);

CREATE TABLE IF NOT EXISTS uploads (
    id          TEXT PRIMARY KEY,
    bucket      TEXT NOT NULL REFERENCES buckets(name),
    key         TEXT NOT NULL,
    initiated   INTEGER NOT NULL,
    algorithm   TEXT NOT NULL,
    kind        TEXT NOT NULL,
    explicit    INTEGER NOT NULL,
    attributes  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket, key, id);

CREATE TABLE IF NOT EXISTS parts (
    upload    TEXT NOT NULL REFERENCES uploads(id) ON DELETE CASCADE,
    part      INTEGER NOT NULL,
    blob      TEXT NOT NULL,
    size      INTEGER NOT NULL,
    etag      TEXT NOT NULL,
    checksum  TEXT NOT NULL,
    modified  INTEGER NOT NULL,
    PRIMARY KEY (upload, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS parts_by_blob ON parts (blob);

-- What is still to be copied where. A version's rows go when their copy is made or has failed.
CREATE TABLE IF NOT EXISTS replication_queue (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    version        INTEGER NOT NULL REFERENCES versions(seq) ON DELETE CASCADE,
    destination    TEXT NOT NULL,
    storage_class  TEXT,
    kms_key_id     TEXT,
    due            INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS replication_due ON replication_queue (due, id);
CREATE INDEX IF NOT EXISTS replication_by_version ON replication_queue (version);

-- Regions that replication cannot reach for now.
CREATE TABLE IF NOT EXISTS outages (region TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
";

/// Shared handle on the metadata.
#[derive(Clone, Debug)]
pub(super) struct Database {
    connection: Arc<Mutex<Connection>>,
}

impl Database {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |error: rusqlite::Error| Error::Database {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let connection = Connection::open(path).map_err(failed)?;
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;
                 PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY;",
            )
            .map_err(failed)?;
        connection.execute_batch(SCHEMA).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(128);
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// Runs `change` in one transaction, away from the async threads; an error undoes all of it.
    pub(super) async fn change<T, F>(&self, change: F) -> Result<T, S3Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, S3Failure> + Send + 'static,
    {
        self.blocking(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = change(&transaction)?;
            transaction.commit()?;
            Ok(result)
        })
        .await
    }

    /// Runs `question`, which changes nothing, on one consistent state.
    pub(super) async fn ask<T, F>(&self, question: F) -> Result<T, S3Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, S3Failure> + Send + 'static,
    {
        self.blocking(move |connection| {
            let transaction = connection.transaction()?;
            question(&transaction)
        })
        .await
    }

    async fn blocking<T, F>(&self, work: F) -> Result<T, S3Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, S3Failure> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        tokio::task::spawn_blocking(move || {
            // A panic between statements rolls its transaction back, so the connection is good after it.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut connection)
        })
        .await
        .map_err(|error| S3Failure::storage(&error))?
    }
}
