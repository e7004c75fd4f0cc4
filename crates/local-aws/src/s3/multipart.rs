//! Multipart uploads: parts are blobs of their own, and completing an upload only names them in order.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use s3s::crypto::Checksum as _;

use super::blobs::Blob;
use super::buckets::{Asker, Bucket};
use super::checksum::{self, Algorithm, Kind};
use super::put::{Body, Condition, NewObject};
use super::versions::{Attributes, Segment, Version, unnamed};
use super::{S3Failure, S3Store, put};

/// The least size of every part but the last.
const PART_BYTES_MIN: u64 = 5 * 1024 * 1024;

/// An upload that has begun.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) id: String,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) initiated: Timestamp,
    pub(super) algorithm: Algorithm,
    pub(super) kind: Kind,
    /// The client named the algorithm; otherwise S3 chose CRC64NVME and takes parts with any checksum.
    pub(super) explicit: bool,
    pub(super) attributes: Attributes,
}

/// A part that has been uploaded.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) number: i32,
    pub(super) blob: String,
    pub(super) size: u64,
    pub(super) etag: String,
    /// By the upload's algorithm.
    pub(super) checksum: String,
    pub(super) modified: Timestamp,
}

/// A part as the client names it on completion.
#[derive(Clone, Debug)]
pub(super) struct NamedPart {
    pub(super) number: i32,
    pub(super) etag: Option<String>,
    /// By the upload's algorithm, where the client sent one.
    pub(super) checksum: Option<String>,
}

/// What the client says of the whole object on completion.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    pub(super) checksum: Option<(Algorithm, String)>,
    pub(super) size: Option<u64>,
}

const COLUMNS: &str = "id, bucket, key, initiated, algorithm, kind, explicit, attributes";

impl Upload {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let (algorithm, kind): (String, String) = (row.get(4)?, row.get(5)?);
        let attributes: String = row.get(7)?;
        Ok(Self {
            id: row.get(0)?,
            bucket: row.get(1)?,
            key: row.get(2)?,
            initiated: Timestamp::from_second(row.get(3)?).unwrap_or_default(),
            algorithm: Algorithm::parse(&algorithm).unwrap_or(Algorithm::Crc64Nvme),
            kind: Kind::parse(&kind).unwrap_or(Kind::FullObject),
            explicit: row.get(6)?,
            attributes: serde_json::from_str(&attributes).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(7, rusqlite::types::Type::Text, Box::new(error))
            })?,
        })
    }

    /// The upload, if it is of this bucket and key.
    pub(super) fn find(
        transaction: &Transaction<'_>,
        bucket: &str,
        key: &str,
        id: &str,
    ) -> Result<Self, S3Failure> {
        let sql = format!("SELECT {COLUMNS} FROM uploads WHERE id = ?1 AND bucket = ?2 AND key = ?3");
        transaction
            .prepare_cached(&sql)?
            .query_row(params![id, bucket, key], Self::from_row)
            .optional()?
            .ok_or_else(|| S3Failure::NoSuchUpload(id.to_owned()))
    }

    /// Up to `limit` uploads of a bucket under `prefix`, after a key and an upload of that key.
    pub(super) fn list(
        transaction: &Transaction<'_>,
        bucket: &str,
        prefix: &str,
        after: (&str, &str),
        limit: usize,
    ) -> Result<Vec<Self>, S3Failure> {
        let sql = format!(
            "SELECT {COLUMNS} FROM uploads WHERE bucket = ?1 AND substr(key, 1, length(?2)) = ?2 \
             AND (key, id) > (?3, ?4) ORDER BY key, id LIMIT ?5"
        );
        let mut statement = transaction.prepare_cached(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let uploads =
            statement.query_map(params![bucket, prefix, after.0, after.1, limit], Self::from_row)?;
        Ok(uploads.collect::<Result<_, _>>()?)
    }

    /// The parts uploaded so far, by number, after `after`.
    pub(super) fn parts(&self, transaction: &Transaction<'_>, after: i32) -> Result<Vec<Part>, S3Failure> {
        let mut statement = transaction.prepare_cached(
            "SELECT part, blob, size, etag, checksum, modified FROM parts WHERE upload = ?1 AND part > ?2 ORDER BY part",
        )?;
        let parts = statement.query_map(params![self.id, after], |row| {
            Ok(Part {
                number: row.get(0)?,
                blob: row.get(1)?,
                size: row.get(2)?,
                etag: row.get(3)?,
                checksum: row.get(4)?,
                modified: Timestamp::from_second(row.get(5)?).unwrap_or_default(),
            })
        })?;
        Ok(parts.collect::<Result<_, _>>()?)
    }

    /// Ends the upload. Gives the blobs of parts that nothing names any more.
    fn end(&self, transaction: &Transaction<'_>) -> Result<Vec<String>, S3Failure> {
        let blobs = self
            .parts(transaction, 0)?
            .into_iter()
            .map(|part| part.blob)
            .collect();
        transaction
            .prepare_cached("DELETE FROM uploads WHERE id = ?1")?
            .execute([&self.id])?;
        unnamed(transaction, blobs)
    }

    /// The object that the named parts make.
    fn assemble(&self, parts: &[Part], named: &[NamedPart], expected: &Expected) -> Result<Body, S3Failure> {
        if named.is_empty() {
            return Err(S3Failure::InvalidRequest(
                "You must specify at least one part".to_owned(),
            ));
        }
        let (mut chosen, mut digests) = (Vec::with_capacity(named.len()), Vec::new());
        for (at, name) in named.iter().enumerate() {
            if at > 0 && named[at - 1].number >= name.number {
                return Err(S3Failure::InvalidPartOrder);
            }
            let part = parts
                .iter()
                .find(|part| part.number == name.number)
                .filter(|part| name.etag.as_ref().is_none_or(|etag| *etag == part.etag))
                .filter(|part| {
                    name.checksum
                        .as_ref()
                        .is_none_or(|checksum| *checksum == part.checksum)
                })
                .ok_or(S3Failure::InvalidPart(name.number))?;
            if at + 1 < named.len() && part.size < PART_BYTES_MIN {
                return Err(S3Failure::EntityTooSmall(name.number));
            }
            digests.extend(hex::decode(&part.etag).map_err(|error| S3Failure::storage(&error))?);
            chosen.push(part);
        }
        let sums: Vec<(String, u64)> = chosen
            .iter()
            .map(|part| (part.checksum.clone(), part.size))
            .collect();
        let checksum = checksum::combine(self.algorithm, self.kind, &sums).ok_or_else(|| {
            S3Failure::Storage(format!("the checksums of upload {} cannot be combined", self.id))
        })?;
        if let Some((algorithm, value)) = &expected.checksum {
            let value = value.split_once('-').map_or(value.as_str(), |(value, _)| value);
            if *algorithm != checksum.algorithm || value != checksum.value {
                return Err(S3Failure::BadDigest(algorithm.as_str()));
            }
        }
        let size: u64 = chosen.iter().map(|part| part.size).sum();
        if expected.size.is_some_and(|expected| expected != size) {
            return Err(S3Failure::InvalidRequest(format!(
                "The provided 'x-amz-mp-object-size' header does not match what was computed: {size}"
            )));
        }
        let segments = chosen
            .iter()
            .map(|part| Segment {
                part: part.number,
                blob: part.blob.clone(),
                size: part.size,
                checksum: Some(part.checksum.clone()),
            })
            .collect();
        let etag = format!(
            "{}-{}",
            hex::encode(s3s::crypto::Md5::checksum(&digests)),
            chosen.len()
        );
        Ok(Body {
            segments,
            etag,
            checksum: Some(checksum),
        })
    }
}

impl S3Store {
    /// Begins an upload.
    pub(super) async fn create_upload(
        &self,
        asker: &Asker,
        new: NewObject,
        algorithm: Option<Algorithm>,
        kind: Option<Kind>,
    ) -> Result<Upload, S3Failure> {
        let chosen = algorithm.unwrap_or(Algorithm::Crc64Nvme);
        let kind = kind.unwrap_or_else(|| chosen.default_kind());
        if !chosen.supports(kind) {
            return Err(S3Failure::InvalidRequest(format!(
                "The {} checksum type cannot be used with the {} checksum algorithm.",
                kind.as_str(),
                chosen.as_str()
            )));
        }
        let upload = Upload {
            id: format!(
                "{}{}",
                uuid::Uuid::new_v4().simple(),
                uuid::Uuid::new_v4().simple()
            ),
            bucket: new.bucket,
            key: new.key,
            initiated: self.inner.clock.now(),
            algorithm: chosen,
            kind,
            explicit: algorithm.is_some(),
            attributes: new.attributes,
        };
        let (asker, created) = (asker.clone(), upload.clone());
        self.inner
            .database
            .change(move |transaction| {
                Bucket::open(transaction, &asker, &created.bucket, "PutObject", Some(&created.key))?;
                transaction
                    .prepare_cached(
                        "INSERT INTO uploads (id, bucket, key, initiated, algorithm, kind, explicit, attributes) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    )?
                    .execute(params![
                        created.id,
                        created.bucket,
                        created.key,
                        created.initiated.as_second(),
                        created.algorithm.as_str(),
                        created.kind.as_str(),
                        created.explicit,
                        serde_json::to_string(&created.attributes)?,
                    ])?;
                Ok(())
            })
            .await?;
        Ok(upload)
    }

    /// The upload, before its part's bytes are read.
    pub(super) async fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<Upload, S3Failure> {
        let (bucket, key, id) = (bucket.to_owned(), key.to_owned(), id.to_owned());
        self.inner
            .database
            .ask(move |transaction| Upload::find(transaction, &bucket, &key, &id))
            .await
    }

    /// Makes a whole blob a part, in place of an earlier one of its number. The blob goes if it cannot be.
    pub(super) async fn add_part(&self, upload: &Upload, number: i32, blob: Blob) -> Result<Part, S3Failure> {
        let part = Part {
            number,
            checksum: blob.checksum(upload.algorithm).unwrap_or_default().to_owned(),
            blob: blob.id,
            size: blob.size,
            etag: hex::encode(blob.md5),
            modified: self.inner.clock.now(),
        };
        let (upload, added) = (upload.clone(), part.clone());
        let result = self
            .inner
            .database
            .change(move |transaction| {
                // It may have been completed or aborted while the bytes came in.
                Upload::find(transaction, &upload.bucket, &upload.key, &upload.id)?;
                let replaced: Option<String> = transaction
                    .prepare_cached("SELECT blob FROM parts WHERE upload = ?1 AND part = ?2")?
                    .query_row(params![upload.id, added.number], |row| row.get(0))
                    .optional()?;
                transaction
                    .prepare_cached(
                        "INSERT OR REPLACE INTO parts (upload, part, blob, size, etag, checksum, modified) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    )?
                    .execute(params![
                        upload.id,
                        added.number,
                        added.blob,
                        added.size,
                        added.etag,
                        added.checksum,
                        added.modified.as_second(),
                    ])?;
                unnamed(transaction, replaced.into_iter().collect())
            })
            .await;
        match result {
            Ok(unnamed) => {
                self.inner.blobs.remove(unnamed).await;
                Ok(part)
            }
            Err(failure) => {
                self.inner.blobs.remove(vec![part.blob]).await;
                Err(failure)
            }
        }
    }

    /// Completes an upload: its parts become the object and the upload ends, in one step.
    pub(super) async fn complete_upload(
        &self,
        asker: &Asker,
        upload: &Upload,
        named: Vec<NamedPart>,
        expected: Expected,
        condition: Condition,
    ) -> Result<Version, S3Failure> {
        let (asker, wanted, moment) = (asker.clone(), upload.clone(), self.moment());
        let (version, unnamed) = self
            .inner
            .database
            .change(move |transaction| {
                let upload = Upload::find(transaction, &wanted.bucket, &wanted.key, &wanted.id)?;
                let body = upload.assemble(&upload.parts(transaction, 0)?, &named, &expected)?;
                let new = NewObject {
                    bucket: upload.bucket.clone(),
                    key: upload.key.clone(),
                    attributes: upload.attributes.clone(),
                    condition,
                };
                let (version, mut unnamed) = put::insert(transaction, &asker, new, body, moment)?;
                unnamed.extend(upload.end(transaction)?);
                Ok((version, unnamed))
            })
            .await?;
        self.settle(&version, unnamed).await;
        Ok(version)
    }

    /// Aborts an upload; its parts go.
    pub(super) async fn end_upload(&self, upload: &Upload) -> Result<(), S3Failure> {
        let upload = upload.clone();
        let unnamed = self
            .inner
            .database
            .change(move |transaction| {
                Upload::find(transaction, &upload.bucket, &upload.key, &upload.id)?.end(transaction)
            })
            .await?;
        self.inner.blobs.remove(unnamed).await;
        Ok(())
    }
}

/// Whether text can be a checksum of this algorithm.
pub(super) fn is_checksum(algorithm: Algorithm, text: &str) -> bool {
    let width = match algorithm {
        Algorithm::Crc32 | Algorithm::Crc32c => 4,
        Algorithm::Crc64Nvme => 8,
        Algorithm::Sha1 => 20,
        Algorithm::Sha256 => 32,
    };
    STANDARD.decode(text).is_ok_and(|bytes| bytes.len() == width)
}
