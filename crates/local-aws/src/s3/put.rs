//! Writing to the store: a whole body becomes a version, a deletion becomes a delete marker or the end of a version.

use jiff::{SignedDuration, Timestamp};
use s3s::crypto::Checksum as _;
use s3s::dto::ServerSideEncryptionConfiguration;

use super::blobs::Blob;
use super::buckets::{Asker, Bucket, Setting, Versioning};
use super::checksum::{Algorithm, Checksum, Kind};
use super::versions::{Attributes, NULL, NewVersion, Segment, Version};
use super::{S3Failure, S3Store, lock, replication};

/// What must hold of the current version for a write to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    None,
    /// `If-None-Match: *`
    Absent,
    /// `If-Match: "etag"`
    Etag(String),
}

impl Condition {
    fn check(&self, newest: Option<&Version>, bucket: &str, key: &str) -> Result<(), S3Failure> {
        let current = newest.filter(|version| !version.delete_marker);
        match (self, current) {
            (Self::Absent, Some(_)) => Err(S3Failure::PreconditionFailed("If-None-Match")),
            (Self::Etag(_), None) => Err(S3Failure::no_such_key(bucket, key)),
            (Self::Etag(etag), Some(version)) if *etag != version.etag => {
                Err(S3Failure::PreconditionFailed("If-Match"))
            }
            _ => Ok(()),
        }
    }
}

/// Where a body goes, and on what condition.
#[derive(Clone, Debug)]
pub(super) struct NewObject {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) attributes: Attributes,
    pub(super) condition: Condition,
}

/// The bytes of a new version: segments, with the checksum and ETag that they have together.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub(super) segments: Vec<Segment>,
    pub(super) etag: String,
    pub(super) checksum: Option<Checksum>,
}

/// When a change happens, and how long after it replication follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    now: Timestamp,
    delay: SignedDuration,
}

/// What a deletion did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deleted {
    /// A delete marker was made or removed.
    pub(super) delete_marker: bool,
    /// The marker made, or the version removed.
    pub(super) version_id: Option<String>,
}

impl S3Store {
    /// Makes a whole blob an object. The blob goes if the object cannot be.
    pub(super) async fn add_blob(
        &self,
        asker: &Asker,
        new: NewObject,
        blob: Blob,
        algorithm: Algorithm,
    ) -> Result<Version, S3Failure> {
        let body = Body {
            segments: vec![Segment {
                part: 1,
                blob: blob.id.clone(),
                size: blob.size,
                checksum: None,
            }],
            etag: hex::encode(blob.md5),
            checksum: blob.checksum(algorithm).map(|value| Checksum {
                algorithm,
                kind: Kind::FullObject,
                value: value.to_owned(),
            }),
        };
        let added = self.add_version(asker, new, body).await;
        if added.is_err() {
            self.inner.blobs.remove(vec![blob.id]).await;
        }
        added
    }

    /// Makes bytes that are on disk a version.
    async fn add_version(&self, asker: &Asker, new: NewObject, body: Body) -> Result<Version, S3Failure> {
        let asker = asker.clone();
        let moment = self.moment();
        let (version, unnamed) = self
            .inner
            .database
            .change(move |transaction| insert(transaction, &asker, new, body, moment))
            .await?;
        self.settle(&version, unnamed).await;
        Ok(version)
    }

    /// The time of a change that begins now.
    pub(super) fn moment(&self) -> Moment {
        Moment {
            now: self.inner.clock.now(),
            delay: self.replication_delay(),
        }
    }

    /// What follows a committed version: blobs without a name go, replication wakes.
    pub(super) async fn settle(&self, version: &Version, unnamed: Vec<String>) {
        self.inner.blobs.remove(unnamed).await;
        if version.replication_status.is_some() {
            self.wake();
        }
    }

    /// Deletes a key's current version, or one version for good.
    pub(super) async fn delete_object(
        &self,
        asker: &Asker,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        bypass_governance: bool,
    ) -> Result<Deleted, S3Failure> {
        let (asker, bucket, key) = (asker.clone(), bucket.to_owned(), key.to_owned());
        let version_id = version_id.map(str::to_owned);
        let Moment { now, delay } = self.moment();
        let (deleted, unnamed, queued) = self
            .inner
            .database
            .change(move |transaction| {
                let action = if version_id.is_some() {
                    "DeleteObjectVersion"
                } else {
                    "DeleteObject"
                };
                let bucket = Bucket::open(transaction, &asker, &bucket, action, Some(&key))?;
                if let Some(version_id) = version_id {
                    let Some(version) = Version::by_id(transaction, &bucket.name, &key, &version_id)? else {
                        let deleted = Deleted {
                            delete_marker: false,
                            version_id: Some(version_id),
                        };
                        return Ok((deleted, Vec::new(), false));
                    };
                    let deleted = Deleted {
                        delete_marker: version.delete_marker,
                        version_id: Some(version_id),
                    };
                    version.attributes.lock.permit_removal(now, bypass_governance)?;
                    return Ok((deleted, version.remove(transaction)?, false));
                }
                if bucket.versioning.is_none() {
                    let unnamed = match Version::newest(transaction, &bucket.name, &key)? {
                        Some(version) => version.remove(transaction)?,
                        None => Vec::new(),
                    };
                    return Ok((Deleted::default(), unnamed, false));
                }
                let marker = NewVersion::delete_marker(key, now);
                let (mut marker, unnamed) = Version::add(transaction, &bucket, &marker)?;
                let queued = replication::enqueue(transaction, &bucket, &mut marker, now, delay)?;
                let version_id = match bucket.versioning {
                    Some(Versioning::Enabled) => marker.version_id,
                    _ => NULL.to_owned(),
                };
                Ok((
                    Deleted {
                        delete_marker: true,
                        version_id: Some(version_id),
                    },
                    unnamed,
                    queued,
                ))
            })
            .await?;
        self.inner.blobs.remove(unnamed).await;
        if queued {
            self.wake();
        }
        Ok(deleted)
    }
}

/// Makes bytes that are on disk a version, in one transaction with its conditions and its replication. Gives the
/// version and the blobs that nothing names any more.
pub(super) fn insert(
    transaction: &rusqlite::Transaction<'_>,
    asker: &Asker,
    new: NewObject,
    body: Body,
    moment: Moment,
) -> Result<(Version, Vec<String>), S3Failure> {
    let bucket = Bucket::open(transaction, asker, &new.bucket, "PutObject", Some(&new.key))?;
    let newest = Version::newest(transaction, &bucket.name, &new.key)?;
    new.condition.check(newest.as_ref(), &bucket.name, &new.key)?;
    let mut attributes = new.attributes;
    attributes.kms_key_id = match attributes.kms_key_id.as_deref() {
        None => default_kms_key(transaction, &bucket)?,
        Some("alias/aws/s3") => Some(bucket.aws_managed_key()),
        Some(key) => Some(key.to_owned()),
    };
    attributes.lock = lock::of_new(transaction, &bucket, attributes.lock, moment.now)?;
    let etag = if attributes.kms_key_id.is_some() && !body.etag.contains('-') {
        // Under SSE-KMS an ETag is no digest of the bytes.
        hex::encode(s3s::crypto::Md5::checksum(uuid::Uuid::new_v4().as_bytes()))
    } else {
        body.etag
    };
    let version = NewVersion {
        key: new.key,
        delete_marker: false,
        etag,
        modified: moment.now,
        checksum: body.checksum,
        attributes,
        segments: body.segments,
        replica_of: None,
    };
    let (mut version, unnamed) = Version::add(transaction, &bucket, &version)?;
    replication::enqueue(transaction, &bucket, &mut version, moment.now, moment.delay)?;
    Ok((version, unnamed))
}

/// The key of the bucket's default encryption, where that is SSE-KMS.
fn default_kms_key(
    transaction: &rusqlite::Transaction<'_>,
    bucket: &Bucket,
) -> Result<Option<String>, S3Failure> {
    let Some(json) = bucket.setting(transaction, Setting::Encryption)? else {
        return Ok(None);
    };
    let configuration: ServerSideEncryptionConfiguration = serde_json::from_str(&json)?;
    let default = configuration
        .rules
        .into_iter()
        .find_map(|rule| rule.apply_server_side_encryption_by_default);
    Ok(default
        .filter(|default| default.sse_algorithm.as_str().starts_with("aws:kms"))
        .map(|default| {
            default
                .kms_master_key_id
                .unwrap_or_else(|| bucket.aws_managed_key())
        }))
}

impl Bucket {
    /// The key that S3 makes for an account that asks for SSE-KMS and names none.
    pub(super) fn aws_managed_key(&self) -> String {
        format!("arn:aws:kms:{}:{}:alias/aws/s3", self.region, self.account)
    }
}
