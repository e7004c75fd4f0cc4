//! Reading objects: a version's bytes, or a range of them, as a stream.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::ops::Range;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use super::blobs::Blobs;
use super::listing::{self, PAGE_MAX, PageRequest, Walk};
use super::versions::{Segment, Version};
use super::{S3Failure, S3Store};

/// Read from the disk at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// A version with its segments' files open, so that it stays readable whatever happens to it.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) version: Version,
    pub(super) segments: Vec<Segment>,
    files: Vec<File>,
}

impl Opened {
    /// The version's bytes in `range`, which lies within its size.
    pub(super) fn stream(
        self,
        range: Range<u64>,
    ) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static, S3Failure> {
        let mut pieces = Vec::new();
        let mut start = 0;
        for (segment, mut file) in self.segments.iter().zip(self.files) {
            let end = start + segment.size;
            let (from, to) = (range.start.max(start), range.end.min(end));
            if from < to {
                file.seek(SeekFrom::Start(from - start))?;
                pieces.push((file, to - from));
            }
            start = end;
        }
        Ok(futures::stream::iter(pieces).flat_map(|(file, length)| {
            ReaderStream::with_capacity(tokio::fs::File::from_std(file).take(length), CHUNK_BYTES)
        }))
    }

    /// Where a part's bytes are; the whole object for part 1 of one that has no parts.
    pub(super) fn part(&self, number: i32) -> Result<Range<u64>, S3Failure> {
        let mut start = 0;
        for segment in &self.segments {
            let end = start + segment.size;
            if segment.part == number {
                return Ok(start..end);
            }
            start = end;
        }
        Err(S3Failure::InvalidRange)
    }

    /// How many parts it was uploaded in; `None` for an object uploaded at once.
    pub(super) fn parts_count(&self) -> Option<i32> {
        parts_count(&self.version)
    }
}

/// As the ETag of a multipart object tells.
pub(super) fn parts_count(version: &Version) -> Option<i32> {
    version
        .etag
        .split_once('-')
        .and_then(|(_, count)| count.parse().ok())
}

impl S3Store {
    /// Opens a version for reading.
    pub(super) async fn open_version(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
    ) -> Result<Opened, S3Failure> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let version_id = version_id.map(str::to_owned);
        let blobs = self.inner.blobs.clone();
        self.inner
            .database
            .ask(move |transaction| {
                let version = Version::readable(transaction, &bucket, &key, version_id.as_deref())?;
                let segments = version.segments(transaction)?;
                open(&blobs, version, segments)
            })
            .await
    }
}

impl S3Store {
    /// The bytes of an object's current version, in whatever Region its bucket is: for a service that reads for
    /// `account`.
    pub(crate) async fn read_anywhere(
        &self,
        account: &str,
        bucket: &str,
        key: &str,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, S3Failure> {
        self.permit_anywhere(account, bucket, "GetObject", Some(key))
            .await?;
        let opened = self.open_version(bucket, key, None).await?;
        let size = opened.version.size;
        Ok(opened.stream(0..size)?.boxed())
    }

    /// The keys under a prefix, likewise, in order and at most one more than `keys_max`.
    pub(crate) async fn keys_anywhere(
        &self,
        account: &str,
        bucket: &str,
        prefix: &str,
        keys_max: usize,
    ) -> Result<Vec<String>, S3Failure> {
        self.permit_anywhere(account, bucket, "ListBucket", None).await?;
        let mut request = PageRequest {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            entries_max: PAGE_MAX,
            ..PageRequest::default()
        };
        let mut keys = Vec::new();
        loop {
            let asked = request.clone();
            let ask = move |transaction: &rusqlite::Transaction<'_>| {
                listing::page(transaction, Walk::Objects, &asked)
            };
            let page = self.inner.database.ask(ask).await?;
            keys.extend(page.versions.into_iter().map(|version| version.key));
            match page.next {
                Some(next) if keys.len() <= keys_max => request.after = Some(next.key),
                _ => {
                    keys.truncate(keys_max + 1);
                    return Ok(keys);
                }
            }
        }
    }
}

/// Opens the files of a version inside the transaction that found it, before anything can remove them.
fn open(blobs: &Blobs, version: Version, segments: Vec<Segment>) -> Result<Opened, S3Failure> {
    let files = segments
        .iter()
        .map(|segment| blobs.file(&segment.blob))
        .collect::<io::Result<_>>()?;
    Ok(Opened {
        version,
        segments,
        files,
    })
}
