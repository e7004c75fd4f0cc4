//! Objects as the in-process store gives and takes them.

use std::path::PathBuf;

use bytes::Bytes;
use jiff::Timestamp;

use super::checksum::{Algorithm, Kind};
use super::versions::Version;

/// The bytes of a new object.
#[derive(Clone, Debug)]
pub enum Content {
    /// A file, which is copied as a stream and stays where it is.
    File(PathBuf),
    /// Bytes in memory, for small objects.
    Bytes(Bytes),
}

/// What HEAD says of an object's current version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectHead {
    /// The key in its bucket.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// Without quotes.
    pub etag: String,
    /// `null` in an unversioned bucket.
    pub version_id: String,
    /// On the embedded clock, in whole seconds.
    pub last_modified: Timestamp,
    /// Base64 of the full-object CRC64NVME, where S3 keeps that one.
    pub crc64nvme: Option<String>,
    /// `PENDING`, `COMPLETED`, `FAILED` or `REPLICA`, where replication is concerned.
    pub replication_status: Option<String>,
}

impl From<Version> for ObjectHead {
    fn from(version: Version) -> Self {
        let crc64nvme = version.checksum.filter(|checksum| {
            checksum.algorithm == Algorithm::Crc64Nvme && checksum.kind == Kind::FullObject
        });
        Self {
            key: version.key,
            size: version.size,
            etag: version.etag,
            version_id: version.version_id,
            last_modified: version.modified,
            crc64nvme: crc64nvme.map(|checksum| checksum.value),
            replication_status: version.replication_status,
        }
    }
}
