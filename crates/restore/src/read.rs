//! Rows of some row groups, as batches: fetched by ranges, decoded on a thread of their own.
//!
//! Three things overlap: the next row group's column chunks are fetched while this one's are decoded, and whoever works
//! on the batches may hand their result on through a bounded channel. Memory holds two row groups as they lie in S3
//! and one decoded batch, whatever the object's size.

use std::ops::Range;

use arrow_array::RecordBatch;
use aws::Cloud;
use aws::s3::BucketRef;
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use parquet::DecodeResult;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use parquet::arrow::push_decoder::ParquetPushDecoderBuilder;
use recovery::plan::PlannedObject;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::footer::{self, Footer, damaged};
use crate::memory::{Held, Memory};
use crate::{Error, InspectedObject, Refusal, retry};

/// Column chunks nearer than this are fetched as one range: a request costs more than these bytes.
const GAP_BYTES_MAX: u64 = 256 * 1024;

/// The longest range that is asked for at once.
const RANGE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Ranges of one reader in flight at once.
const RANGES_IN_FLIGHT: usize = 4;

/// MiB of row groups of one stretch that are read at once, where it shares no bound with others.
pub(crate) const STRETCH_MIB: u32 = 16;

/// A batch holds about so many decoded bytes, so that wide rows make small batches.
const BATCH_BYTES_TARGET: u64 = 4 * 1024 * 1024;

/// And at most so many rows.
const BATCH_ROWS_MAX: u64 = 2_048;

/// What is read: row groups of an object, pinned as the plan pinned it.
#[derive(Clone, Debug)]
pub(crate) struct Stretch {
    pub(crate) cloud: Cloud,
    pub(crate) bucket: BucketRef,
    pub(crate) key: String,
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) row_groups: Range<usize>,
    /// Only these columns, or all.
    pub(crate) columns: Option<Vec<String>>,
    /// The bound on row groups that are read, which stretches that are read at once may share.
    pub(crate) memory: Memory,
}

impl Stretch {
    /// The whole of a planned object.
    pub(crate) fn whole(cloud: &Cloud, bucket: &BucketRef, object: &PlannedObject) -> Self {
        let row_groups = object.row_groups.len();
        Self::of(cloud, bucket, &object.key, object.size, &object.etag, row_groups)
    }

    /// The whole of an inspected object.
    pub(crate) fn inspected(cloud: &Cloud, bucket: &BucketRef, object: &InspectedObject) -> Self {
        let row_groups = object.row_groups.len();
        Self::of(cloud, bucket, &object.key, object.size, &object.etag, row_groups)
    }

    fn of(cloud: &Cloud, bucket: &BucketRef, key: &str, size: u64, etag: &str, row_groups: usize) -> Self {
        Self {
            cloud: cloud.clone(),
            bucket: bucket.clone(),
            key: key.to_owned(),
            size,
            etag: etag.to_owned(),
            row_groups: 0..row_groups,
            columns: None,
            memory: Memory::mib(STRETCH_MIB),
        }
    }

    /// `s3://bucket/key`.
    pub(crate) fn uri(&self) -> String {
        self.bucket.uri(&self.key)
    }
}

/// What is done with the batches, on the decoding thread. It may block on a channel.
pub(crate) trait Work: Send + 'static {
    /// Begins with the rows of another object.
    fn begin(&mut self, _key: &str) {}

    /// Takes the next batch.
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error>;
}

/// Reads the stretch and gives `work` back when every batch went through it.
///
/// `expected` are the rows of each row group by the plan: an object that holds others has changed under it.
pub(crate) async fn through<W: Work>(
    stretch: &Stretch,
    expected: Option<&[u64]>,
    cancel: &CancellationToken,
    mut work: W,
) -> Result<W, Error> {
    let footer = footer::read(
        &stretch.cloud, &stretch.bucket, &stretch.key, stretch.size, &stretch.etag, cancel,
    )
    .await
    .map_err(|error| changed(stretch, error))?;
    if expected.is_some_and(|expected| expected != footer.row_groups()) {
        return Err(object_changed(
            stretch,
            "its row groups are not those of the plan",
        ));
    }
    let (sender, mut readers) = mpsc::channel::<Fetched>(1);
    let uri = stretch.uri();
    work.begin(&stretch.key);
    let decoding = tokio::task::spawn_blocking(move || {
        while let Some(fetched) = readers.blocking_recv() {
            for batch in fetched.reader {
                let batch =
                    batch.map_err(|error| damaged(&uri, format!("its rows cannot be read: {error}")))?;
                work.batch(&batch)?;
            }
        }
        Ok(work)
    });
    let fetched = fetch(stretch, &footer, &sender, cancel).await;
    drop(sender);
    let decoded: Result<W, Error> = decoding.await.map_err(|error| Error::from_join(&error))?;
    // Where both failed, decoding knows better why: fetching then only saw that nobody took its data.
    let work = decoded?;
    fetched.map_err(|error| changed(stretch, error))?;
    Ok(work)
}

/// A row group whose bytes are there, and the leave to hold them.
struct Fetched {
    reader: ParquetRecordBatchReader,
    _held: Option<Held>,
}

/// Feeds the decoder and hands on a reader for each row group.
async fn fetch(
    stretch: &Stretch,
    footer: &Footer,
    readers: &mpsc::Sender<Fetched>,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let broken = |error: parquet::errors::ParquetError| damaged(&stretch.uri(), error.to_string());
    let row_bytes = footer.row_bytes(stretch.row_groups.clone()).max(1);
    let batch_rows = (BATCH_BYTES_TARGET / row_bytes).clamp(1, BATCH_ROWS_MAX);
    let mut builder = ParquetPushDecoderBuilder::new_with_metadata(footer.reading.clone())
        .with_row_groups(stretch.row_groups.clone().collect())
        .with_batch_size(usize::try_from(batch_rows).unwrap_or(1));
    if let Some(columns) = &stretch.columns {
        let fields = footer.schema.root_schema().get_fields();
        let roots = fields
            .iter()
            .enumerate()
            .filter(|(_, field)| columns.iter().any(|column| column == field.name()))
            .map(|(index, _)| index);
        builder = builder.with_projection(ProjectionMask::roots(
            footer.metadata().file_metadata().schema_descr(),
            roots.collect::<Vec<_>>(),
        ));
    }
    let mut decoder = builder.build().map_err(broken)?;
    let mut held = None;
    loop {
        match decoder.try_next_reader().map_err(broken)? {
            DecodeResult::NeedsData(ranges) => {
                // Once for a row group: who holds a part of one must never wait for the rest.
                if held.is_none() {
                    let bytes = ranges.iter().map(|range| range.end - range.start).sum();
                    held = stretch.memory.hold(bytes).await;
                }
                let data = fetch_ranges(stretch, &ranges, cancel).await?;
                decoder.push_ranges(ranges, data).map_err(broken)?;
            }
            DecodeResult::Data(reader) => {
                // A closed channel means that decoding has failed, and it says why.
                let fetched = Fetched {
                    reader,
                    _held: held.take(),
                };
                if readers.send(fetched).await.is_err() {
                    return Ok(());
                }
            }
            DecodeResult::Finished => return Ok(()),
        }
    }
}

/// The bytes of each of `ranges`, fetched in few, larger pieces.
async fn fetch_ranges(
    stretch: &Stretch,
    ranges: &[Range<u64>],
    cancel: &CancellationToken,
) -> Result<Vec<Bytes>, Error> {
    let pieces = coalesce(ranges);
    let fetched: Vec<Bytes> = stream::iter(pieces.iter().cloned())
        .map(|piece| async move {
            let get = || {
                let (cloud, bucket) = (&stretch.cloud, &stretch.bucket);
                cloud.get_range(bucket, &stretch.key, Some(&stretch.etag), piece.clone())
            };
            retry::transient(cancel, get).await
        })
        .buffered(RANGES_IN_FLIGHT)
        .try_collect()
        .await?;
    let cut = |range: &Range<u64>| {
        let index = pieces
            .partition_point(|piece| piece.start <= range.start)
            .checked_sub(1)?;
        let piece = pieces.get(index)?;
        let from = usize::try_from(range.start - piece.start).ok()?;
        let to = usize::try_from(range.end - piece.start).ok()?;
        let bytes = fetched.get(index)?;
        (to <= bytes.len()).then(|| bytes.slice(from..to))
    };
    ranges
        .iter()
        .map(|range| cut(range).ok_or_else(|| Error::Worker(format!("bytes {range:?} were not fetched"))))
        .collect()
}

/// Gathers ranges that lie close together, in order. A range is never split: the decoder wants each in one buffer.
fn coalesce(ranges: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable_by_key(|range| (range.start, range.end));
    let mut pieces: Vec<Range<u64>> = Vec::new();
    for range in sorted {
        match pieces.last_mut() {
            Some(piece)
                if range.end <= piece.end
                    || (range.start <= piece.end + GAP_BYTES_MAX
                        && range.end - piece.start <= RANGE_BYTES_MAX)
                    // Overlapping ranges must share a piece, whatever its length.
                    || range.start < piece.end =>
            {
                piece.end = piece.end.max(range.end);
            }
            _ => pieces.push(range),
        }
    }
    pieces
}

/// A failed If-Match, or a missing object, means that the object is no longer the one of the plan.
fn changed(stretch: &Stretch, error: Error) -> Error {
    match error {
        Error::Aws(aws) if aws.kind == aws::ErrorKind::Precondition => {
            object_changed(stretch, "it is no longer the object of the plan")
        }
        Error::Aws(aws) if aws.kind == aws::ErrorKind::NotFound => {
            object_changed(stretch, "it is no longer there")
        }
        other => other,
    }
}

fn object_changed(stretch: &Stretch, cause: &str) -> Error {
    Refusal::new(
        "object_changed",
        stretch.uri(),
        cause,
        "The copy has changed since the plan was made. Verify the copy, then make a new plan.",
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_ranges_become_one_request_and_far_or_huge_ones_stay_apart() {
        let far = 10 * GAP_BYTES_MAX;
        assert_eq!(
            coalesce(&[4..100, 100..200, far..far + 5]),
            [4..200, far..far + 5]
        );
        assert_eq!(coalesce(&[300..400, 4..100]), vec![4..400]);
        let big = RANGE_BYTES_MAX - 10;
        assert_eq!(coalesce(&[0..big, big..big + 100]), [0..big, big..big + 100]);
        assert_eq!(coalesce(&[0..big, 5..10, 5..big + 100]), vec![0..big + 100]);
    }
}
