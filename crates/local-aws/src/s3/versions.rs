//! Versions of objects: reading the one asked for, adding one, removing one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use super::S3Failure;
use super::archive::Thaw;
use super::buckets::{Bucket, Versioning};
use super::checksum::Checksum;
use super::lock::Lock;

/// The id of the one version that a key of an unversioned bucket has.
pub(super) const NULL: &str = "null";

/// What S3 keeps with an object beside its bytes and checksum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Attributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) website_redirect: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) metadata: BTreeMap<String, String>,
    /// As in the `x-amz-tagging` header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tagging: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) storage_class: Option<String>,
    /// Set for SSE-KMS; everything else is SSE-S3, as every object has been since 2023.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kms_key_id: Option<String>,
    /// A thaw that was asked for, of an archived object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thaw: Option<Thaw>,
    /// Object lock.
    #[serde(skip_serializing_if = "Lock::is_none")]
    pub(super) lock: Lock,
}

/// One version or delete marker.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "a version id is what S3 calls it")]
pub(super) struct Version {
    pub(super) seq: i64,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) version_id: String,
    pub(super) latest: bool,
    pub(super) delete_marker: bool,
    pub(super) size: u64,
    pub(super) etag: String,
    pub(super) modified: Timestamp,
    pub(super) checksum: Option<Checksum>,
    pub(super) attributes: Attributes,
    pub(super) replication_status: Option<String>,
}

/// A stretch of a version's bytes, all of one blob.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) part: i32,
    pub(super) blob: String,
    pub(super) size: u64,
    /// Of the part, in a multipart object.
    pub(super) checksum: Option<String>,
}

/// A version to add. The bucket's versioning decides its id, unless it brings one from its source.
#[derive(Clone, Debug)]
pub(super) struct NewVersion {
    pub(super) key: String,
    pub(super) delete_marker: bool,
    pub(super) etag: String,
    pub(super) modified: Timestamp,
    pub(super) checksum: Option<Checksum>,
    pub(super) attributes: Attributes,
    pub(super) segments: Vec<Segment>,
    /// A replica keeps its source's id and isn't replicated again.
    pub(super) replica_of: Option<String>,
}

impl NewVersion {
    /// The mark of a deletion.
    pub(super) fn delete_marker(key: String, now: Timestamp) -> Self {
        Self {
            key,
            delete_marker: true,
            etag: String::new(),
            modified: now,
            checksum: None,
            attributes: Attributes::default(),
            segments: Vec::new(),
            replica_of: None,
        }
    }
}

/// Columns in the order that [`Version::from_row`] reads them.
pub(super) const COLUMNS: &str = "seq, bucket, key, version_id, latest, delete_marker, size, etag, modified, checksum, \
     attributes, replication_status";

impl Version {
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let checksum: Option<String> = row.get(9)?;
        let attributes: String = row.get(10)?;
        Ok(Self {
            seq: row.get(0)?,
            bucket: row.get(1)?,
            key: row.get(2)?,
            version_id: row.get(3)?,
            latest: row.get(4)?,
            delete_marker: row.get(5)?,
            size: row.get(6)?,
            etag: row.get(7)?,
            modified: Timestamp::from_second(row.get(8)?).unwrap_or_default(),
            checksum: checksum.map(|json| read_json(9, &json)).transpose()?,
            attributes: read_json(10, &attributes)?,
            replication_status: row.get(11)?,
        })
    }

    /// The newest version of a key, which may be a delete marker.
    pub(super) fn newest(
        transaction: &Transaction<'_>,
        bucket: &str,
        key: &str,
    ) -> Result<Option<Self>, S3Failure> {
        let sql = format!("SELECT {COLUMNS} FROM versions WHERE bucket = ?1 AND key = ?2 AND latest = 1");
        Ok(transaction
            .prepare_cached(&sql)?
            .query_row(params![bucket, key], Self::from_row)
            .optional()?)
    }

    /// A version by its id, which may be a delete marker.
    pub(super) fn by_id(
        transaction: &Transaction<'_>,
        bucket: &str,
        key: &str,
        version_id: &str,
    ) -> Result<Option<Self>, S3Failure> {
        let sql =
            format!("SELECT {COLUMNS} FROM versions WHERE bucket = ?1 AND key = ?2 AND version_id = ?3");
        let mut statement = transaction.prepare_cached(&sql)?;
        Ok(statement
            .query_row(params![bucket, key, version_id], Self::from_row)
            .optional()?)
    }

    /// The object that a GET of `key`, maybe of one version, means.
    pub(super) fn readable(
        transaction: &Transaction<'_>,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
    ) -> Result<Self, S3Failure> {
        let version = match version_id {
            None => {
                Self::newest(transaction, bucket, key)?.ok_or_else(|| S3Failure::no_such_key(bucket, key))?
            }
            Some(version_id) => Self::by_id(transaction, bucket, key, version_id)?.ok_or_else(|| {
                S3Failure::NoSuchVersion {
                    bucket: bucket.to_owned(),
                    key: key.to_owned(),
                    version_id: version_id.to_owned(),
                }
            })?,
        };
        if version.delete_marker {
            return Err(S3Failure::DeleteMarker {
                bucket: version.bucket,
                key: version.key,
                version_id: version.version_id,
                named: version_id.is_some(),
            });
        }
        Ok(version)
    }

    /// The stretches that make up the version's bytes, in order.
    pub(super) fn segments(&self, transaction: &Transaction<'_>) -> Result<Vec<Segment>, S3Failure> {
        let mut statement = transaction.prepare_cached(
            "SELECT part, blob, size, checksum FROM segments WHERE version = ?1 ORDER BY part",
        )?;
        let segments = statement.query_map([self.seq], |row| {
            Ok(Segment {
                part: row.get(0)?,
                blob: row.get(1)?,
                size: row.get(2)?,
                checksum: row.get(3)?,
            })
        })?;
        Ok(segments.collect::<Result<_, _>>()?)
    }

    /// Adds a version, taking the place of the `null` one where versioning isn't enabled. Gives the version and
    /// the blobs that nothing names any more.
    pub(super) fn add(
        transaction: &Transaction<'_>,
        bucket: &Bucket,
        new: &NewVersion,
    ) -> Result<(Self, Vec<String>), S3Failure> {
        let version_id = match (&new.replica_of, bucket.versioning) {
            (Some(source), _) => source.clone(),
            (None, Some(Versioning::Enabled)) => uuid::Uuid::new_v4().simple().to_string(),
            (None, _) => NULL.to_owned(),
        };
        let mut unnamed = Vec::new();
        if let Some(replaced) = Self::by_id(transaction, &bucket.name, &new.key, &version_id)? {
            unnamed = replaced.erase(transaction)?;
        }
        transaction
            .prepare_cached("UPDATE versions SET latest = 0 WHERE bucket = ?1 AND key = ?2 AND latest = 1")?
            .execute(params![bucket.name, new.key])?;
        let size = new.segments.iter().map(|segment| segment.size).sum();
        let replication_status = new.replica_of.is_some().then(|| "REPLICA".to_owned());
        transaction
            .prepare_cached(
                "INSERT INTO versions (bucket, key, version_id, latest, delete_marker, size, etag, modified, checksum, \
                 attributes, replication_status) VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                bucket.name,
                new.key,
                version_id,
                new.delete_marker,
                size,
                new.etag,
                new.modified.as_second(),
                new.checksum.as_ref().map(serde_json::to_string).transpose()?,
                serde_json::to_string(&new.attributes)?,
                replication_status,
            ])?;
        let seq = transaction.last_insert_rowid();
        let mut insert = transaction.prepare_cached(
            "INSERT INTO segments (version, part, blob, size, checksum) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for segment in &new.segments {
            insert.execute(params![
                seq, segment.part, segment.blob, segment.size, segment.checksum
            ])?;
        }
        unnamed.retain(|blob| !new.segments.iter().any(|segment| segment.blob == *blob));
        let version = Self {
            seq,
            bucket: bucket.name.clone(),
            key: new.key.clone(),
            version_id,
            latest: true,
            delete_marker: new.delete_marker,
            size,
            etag: new.etag.clone(),
            modified: Timestamp::from_second(new.modified.as_second()).unwrap_or_default(),
            checksum: new.checksum.clone(),
            attributes: new.attributes.clone(),
            replication_status,
        };
        Ok((version, unnamed))
    }

    /// Keeps no checksum of the version any more.
    pub(super) fn forget_checksum(&self, transaction: &Transaction<'_>) -> Result<(), S3Failure> {
        transaction
            .prepare_cached("UPDATE versions SET checksum = NULL WHERE seq = ?1")?
            .execute([self.seq])?;
        Ok(())
    }

    /// Replaces what is kept beside the version's bytes.
    pub(super) fn set_attributes(
        &self,
        transaction: &Transaction<'_>,
        attributes: &Attributes,
    ) -> Result<(), S3Failure> {
        transaction
            .prepare_cached("UPDATE versions SET attributes = ?2 WHERE seq = ?1")?
            .execute(params![self.seq, serde_json::to_string(attributes)?])?;
        Ok(())
    }

    /// Removes this version for good and lets the next older one be the newest. Gives the blobs that nothing
    /// names any more.
    pub(super) fn remove(&self, transaction: &Transaction<'_>) -> Result<Vec<String>, S3Failure> {
        let unnamed = self.erase(transaction)?;
        if self.latest {
            transaction
                .prepare_cached(
                    "UPDATE versions SET latest = 1 WHERE seq = \
                     (SELECT seq FROM versions WHERE bucket = ?1 AND key = ?2 ORDER BY seq DESC LIMIT 1)",
                )?
                .execute(params![self.bucket, self.key])?;
        }
        Ok(unnamed)
    }

    fn erase(&self, transaction: &Transaction<'_>) -> Result<Vec<String>, S3Failure> {
        let blobs = self
            .segments(transaction)?
            .into_iter()
            .map(|segment| segment.blob)
            .collect();
        transaction
            .prepare_cached("DELETE FROM versions WHERE seq = ?1")?
            .execute([self.seq])?;
        unnamed(transaction, blobs)
    }
}

/// Those of `blobs` that no version and no part names.
pub(super) fn unnamed(transaction: &Transaction<'_>, blobs: Vec<String>) -> Result<Vec<String>, S3Failure> {
    let mut named = transaction.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM segments WHERE blob = ?1) OR EXISTS (SELECT 1 FROM parts WHERE blob = ?1)",
    )?;
    let mut unnamed = Vec::new();
    for blob in blobs {
        if !named.query_row([&blob], |row| row.get::<_, bool>(0))? {
            unnamed.push(blob);
        }
    }
    Ok(unnamed)
}

fn read_json<T: serde::de::DeserializeOwned>(column: usize, json: &str) -> rusqlite::Result<T> {
    serde_json::from_str(json).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}
