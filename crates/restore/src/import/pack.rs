//! A unit as objects of DynamoDB JSON: a line for each item, packed by gzip.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws::Cloud;
use aws::dynamodb::ItemWriter;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use recovery::plan::{Plan, TablePlan, Unit};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::work::{WorkPlace, work_place};
use crate::encoder::{Encoder, TakeItems};
use crate::progress::TableProgress;
use crate::read::{self, Stretch};
use crate::row::Unfit;
use crate::unit::expected;
use crate::{Error, UnitResult, retry};

/// An object is closed at this much JSON: one unit is mostly one object, and memory stays small where a row group is
/// large. By what goes in and not by what comes out, so that doing a unit again makes the same objects.
const OBJECT_BYTES: u64 = 16 * 1024 * 1024;

/// Objects that wait for their upload.
const OBJECTS_WAITING: usize = 1;

/// Gzip's fastest: the objects live for minutes, and whoever restores waits for this.
const LEVEL: Compression = Compression::fast();

/// A packed object on its way.
struct Packed {
    part: u32,
    rows: u64,
    content: Bytes,
}

/// Puts one unit below its table's work prefix: when it returns, S3 has acknowledged every object.
///
/// Doing it twice puts the same objects under the same keys. None of its items is written yet, so none is counted as
/// written.
pub(crate) async fn pack_unit(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    unit: &Unit,
    stretch: &Stretch,
    progress: &Arc<TableProgress>,
    cancel: &CancellationToken,
) -> Result<UnitResult, Error> {
    let place = work_place(plan, unit.table);
    let rows = Arc::new(AtomicU64::new(0));
    let (sender, uploads) = mpsc::channel(OBJECTS_WAITING);
    let lines = Lines {
        objects: Objects::new(0),
        line: Vec::new(),
        packed: sender,
    };
    let encoder = Encoder::new(table, unit, stretch, &rows, progress, lines);
    let packing = async {
        let mut encoder = read::through(stretch, expected(table, unit), cancel, encoder).await?;
        if let Some(last) = encoder.items.objects.take()? {
            // Nobody listening means that an upload has failed, which the other side reports.
            encoder
                .items
                .packed
                .send(last)
                .await
                .map_err(|_| Error::Cancelled)?;
        }
        Ok::<_, Error>((encoder.hash, encoder.bytes))
    };
    let outcome = tokio::try_join!(packing, upload(cloud, &place, unit.index, uploads, cancel));
    let ((hash, item_bytes), ()) = match outcome {
        Ok(done) => done,
        Err(error) => {
            progress.take_back(rows.load(Ordering::Relaxed), 0, 0, 0);
            return Err(error);
        }
    };
    Ok(UnitResult {
        unit: unit.index,
        table: unit.table,
        rows_read: hash.rows(),
        items_written: 0,
        bytes_written: item_bytes,
        retries: 0,
        held: None,
        hash,
    })
}

async fn upload(
    cloud: &Cloud,
    place: &WorkPlace,
    unit: u32,
    mut packed: mpsc::Receiver<Packed>,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    while let Some(object) = packed.recv().await {
        let key = place.key(unit, object.part, object.rows);
        retry::transient(cancel, || {
            cloud.put_object(
                &place.bucket,
                &key,
                object.content.clone(),
                Some("application/gzip"),
            )
        })
        .await?;
    }
    Ok(())
}

/// The objects of a unit, one after the other.
struct Objects {
    gzip: GzEncoder<Vec<u8>>,
    /// JSON that went into this one.
    bytes: u64,
    rows: u64,
    part: u32,
}

impl Objects {
    fn new(part: u32) -> Self {
        Self {
            gzip: GzEncoder::new(Vec::new(), LEVEL),
            bytes: 0,
            rows: 0,
            part,
        }
    }

    fn add(&mut self, line: &[u8]) -> Result<(), Error> {
        self.bytes += line.len() as u64;
        self.rows += 1;
        self.gzip.write_all(line).map_err(|error| broken(&error))
    }

    /// The object so far, if it has a row; the next one begins.
    fn take(&mut self) -> Result<Option<Packed>, Error> {
        if self.rows == 0 {
            return Ok(None);
        }
        let next = Self::new(self.part + 1);
        let Self { gzip, rows, part, .. } = std::mem::replace(self, next);
        let content = gzip.finish().map_err(|error| broken(&error))?;
        Ok(Some(Packed {
            part,
            rows,
            content: content.into(),
        }))
    }
}

/// Items into lines of DynamoDB JSON, and full objects into the channel.
struct Lines {
    objects: Objects,
    line: Vec<u8>,
    packed: mpsc::Sender<Packed>,
}

impl TakeItems for Lines {
    fn item(
        &mut self,
        _form: &[u8],
        write: impl FnOnce(&mut ItemWriter<'_>) -> Result<(), Unfit>,
    ) -> Result<usize, Unfit> {
        self.line.clear();
        self.line.extend_from_slice(br#"{"Item":"#);
        let mut item = ItemWriter::begin(&mut self.line);
        write(&mut item)?;
        let size = item.end();
        self.line.extend_from_slice(b"}\n");
        Ok(size)
    }

    fn hand_on(&mut self) -> Result<(), Error> {
        self.objects.add(&self.line)?;
        if self.objects.bytes >= OBJECT_BYTES
            && let Some(full) = self.objects.take()?
        {
            self.packed.blocking_send(full).map_err(|_| Error::Cancelled)?;
        }
        Ok(())
    }
}

/// Memory takes whatever is written to it.
fn broken(error: &std::io::Error) -> Error {
    Error::Worker(format!("gzip: {error}"))
}
