//! A unit as objects of DynamoDB JSON: a line for each item, packed by gzip.

use std::io::Write as _;

use aws::dynamodb::ItemWriter;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::mpsc;

use super::work::work_place;
use crate::encoder::{Parcel, TakeItems, encode};
use crate::row::Unfit;
use crate::unit::{Done, UnitRun};
use crate::{Error, retry};

/// An object is closed at this much JSON: one unit is mostly one object, and memory stays small where a row group is
/// large. By what goes in and not by what comes out, so that doing a unit again makes the same objects.
const OBJECT_BYTES: u64 = 16 * 1024 * 1024;

/// Gzip's fastest: the objects live for minutes, and whoever restores waits for this.
const LEVEL: Compression = Compression::fast();

/// A packed object on its way.
struct Packed {
    part: u32,
    rows: u64,
    content: Bytes,
}

impl Parcel for Packed {
    fn bytes(&self) -> u64 {
        self.content.len() as u64
    }
}

/// Puts one unit below its table's work prefix: when it returns, S3 has acknowledged every object.
///
/// Doing it twice puts the same objects under the same keys. None of its items is written yet, so none is counted as
/// written.
pub(crate) async fn pack_unit(run: &UnitRun<'_>) -> Result<Done, Error> {
    let lines = Lines {
        objects: Objects::new(0),
        line: Vec::new(),
    };
    let (encoded, ()) = encode(run, lines, |made| Box::pin(upload(run, made))).await?;
    Ok(Done {
        rows: encoded.hash.rows(),
        hash: encoded.hash,
        held: None,
        packed_bytes: encoded.bytes,
    })
}

async fn upload(run: &UnitRun<'_>, mut made: mpsc::Receiver<Vec<Packed>>) -> Result<(), Error> {
    let place = work_place(run.plan, run.unit.table);
    let cloud = &run.stretch.cloud;
    while let Some(objects) = made.recv().await {
        for object in objects {
            let key = place.key(run.unit.index, object.part, object.rows);
            retry::transient(run.cancel, || {
                cloud.put_object(
                    &place.bucket,
                    &key,
                    object.content.clone(),
                    Some("application/gzip"),
                )
            })
            .await?;
        }
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

/// Items into lines of DynamoDB JSON, and lines into objects.
struct Lines {
    objects: Objects,
    line: Vec<u8>,
}

impl TakeItems for Lines {
    type Parcel = Packed;

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

    fn full(&mut self) -> Result<Option<Packed>, Error> {
        self.objects.add(&self.line)?;
        if self.objects.bytes < OBJECT_BYTES {
            return Ok(None);
        }
        self.objects.take()
    }

    fn rest(&mut self) -> Result<Option<Packed>, Error> {
        self.objects.take()
    }
}

/// Memory takes whatever is written to it.
fn broken(error: &std::io::Error) -> Error {
    Error::Worker(format!("gzip: {error}"))
}
