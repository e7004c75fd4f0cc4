//! A unit: some row groups of one object, read, encoded, written, digested.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::RecordBatch;
use aws::Cloud;
use aws::dynamodb::{BATCH_ITEMS_MAX, ITEM_BYTES_MAX, Item};
use recovery::digest::TableDigest;
use recovery::plan::{Plan, TablePlan, Unit};
use recovery::table::Column;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::inspect::bucket_of;
use crate::progress::TableProgress;
use crate::read::{self, Stretch, Work};
use crate::row::Columns;
use crate::targets::table_ref;
use crate::write::{Destination, Writer};
use crate::{Error, Progress, Refusal, UnitResult, keys};

/// Batches that wait between encoding and sending.
const BATCHES_WAITING: usize = 4;

/// Batches of one unit on their way at once; the writer's own bounds are lower where DynamoDB is slow.
const BATCHES_SENT: usize = 64;

/// A batch is closed at this size, well below the 16 MB of a request: JSON and base64 make items longer.
const BATCH_BYTES_TARGET: usize = 6 * 1024 * 1024;

/// Executes one unit of `plan`: when it returns, every item has been acknowledged.
///
/// It needs nothing but the plan, the unit and AWS, so any machine can do it. Doing it twice writes the same items.
/// `progress` and `writer` may be shared with other units, whose pace they then share.
pub async fn execute_unit(
    cloud: &Cloud,
    plan: &Plan,
    unit: &Unit,
    writer: &Writer,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<UnitResult, Error> {
    let table = plan
        .tables
        .get(unit.table as usize)
        .ok_or_else(|| no_such(unit))?;
    let counters = progress.table(unit.table);
    let destination = Destination {
        table: table_ref(plan, table),
        gate: writer.gate(unit.table),
        progress: Arc::clone(&counters),
        written: Arc::default(),
    };
    let rows = Arc::new(AtomicU64::new(0));
    let outcome = run(cloud, plan, table, unit, writer, &destination, &rows, cancel).await;
    let written = &destination.written;
    let (items, bytes) = (
        written.items.load(Ordering::Relaxed),
        written.bytes.load(Ordering::Relaxed),
    );
    match outcome {
        Ok(digest) => Ok(UnitResult {
            unit: unit.index,
            rows_read: digest.rows(),
            items_written: items,
            bytes_written: bytes,
            retries: written.retries.load(Ordering::Relaxed),
            digest,
        }),
        Err(error) => {
            counters.take_back(rows.load(Ordering::Relaxed), items, bytes);
            Err(error)
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "all of it is one unit's own")]
async fn run(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    unit: &Unit,
    writer: &Writer,
    destination: &Destination,
    rows: &Arc<AtomicU64>,
    cancel: &CancellationToken,
) -> Result<TableDigest, Error> {
    let object = table
        .objects
        .get(unit.object as usize)
        .ok_or_else(|| no_such(unit))?;
    let mut stretch = Stretch::whole(cloud, &bucket_of(&plan.copy), object);
    stretch.row_groups = unit.row_group_start as usize..unit.row_group_end as usize;
    if stretch.row_groups.end > object.row_groups.len() || stretch.row_groups.is_empty() {
        return Err(no_such(unit).into());
    }
    let (batches, mut encoded) = mpsc::channel(BATCHES_WAITING);
    let encoder = Encoder {
        columns: table.columns.clone(),
        uri: stretch.uri(),
        batches,
        batch: Batch::default(),
        digest: TableDigest::EMPTY,
        form: Vec::new(),
        rows: Arc::clone(rows),
        progress: Arc::clone(&destination.progress),
    };
    let reading = async {
        let encoder = read::through(&stretch, Some(&object.row_groups), cancel, encoder).await?;
        encoder.finish().await
    };
    let sending = async {
        let mut sent: JoinSet<Result<(), Error>> = JoinSet::new();
        while let Some(batch) = encoded.recv().await {
            while sent.len() >= BATCHES_SENT {
                joined(sent.join_next().await)?;
            }
            while let Some(done) = sent.try_join_next() {
                joined(Some(done))?;
            }
            let held = writer.hold(batch.bytes).await;
            let (writer, destination, cancel) = (writer.clone(), destination.clone(), cancel.clone());
            sent.spawn(async move {
                let _held = held;
                writer.put(&destination, batch.items, &cancel).await
            });
        }
        while let Some(done) = sent.join_next().await {
            joined(Some(done))?;
        }
        Ok(())
    };
    let (digest, ()) = tokio::try_join!(reading, sending)?;
    if digest.rows() != unit.rows {
        return Err(Refusal::new(
            "object_changed",
            stretch.uri(),
            format!(
                "{} rows were read where the plan counts {}",
                digest.rows(),
                unit.rows
            ),
            "The copy is damaged or has changed. Verify the copy, then make a new plan.",
        )
        .into());
    }
    let items = destination.written.items.load(Ordering::Relaxed);
    if items != unit.rows {
        return Err(Error::Worker(format!(
            "{items} of {} items were acknowledged",
            unit.rows
        )));
    }
    Ok(digest)
}

fn joined(done: Option<Result<Result<(), Error>, tokio::task::JoinError>>) -> Result<(), Error> {
    match done {
        None => Ok(()),
        Some(Ok(outcome)) => outcome,
        Some(Err(error)) => Err(Error::from_join(&error)),
    }
}

fn no_such(unit: &Unit) -> Refusal {
    Refusal::new(
        "unknown_unit",
        format!("unit {}", unit.index),
        "the plan has no such table, object or row groups",
        "The unit belongs to another plan.",
    )
}

/// Items of one request.
#[derive(Default)]
struct Batch {
    items: Vec<Item>,
    bytes: usize,
}

/// Makes batches of items on the decoding thread, and digests rows as they pass.
struct Encoder {
    columns: Vec<Column>,
    uri: String,
    batches: mpsc::Sender<Batch>,
    batch: Batch,
    digest: TableDigest,
    form: Vec<u8>,
    rows: Arc<AtomicU64>,
    progress: Arc<TableProgress>,
}

impl Encoder {
    /// Sends what is left and gives the digest; the channel closes with it.
    async fn finish(self) -> Result<TableDigest, Error> {
        if !self.batch.items.is_empty() {
            // Nobody listening means that sending has failed, which the other side reports.
            self.batches
                .send(self.batch)
                .await
                .map_err(|_| Error::Cancelled)?;
        }
        Ok(self.digest)
    }

    fn send(&mut self) -> Result<(), Error> {
        let batch = std::mem::take(&mut self.batch);
        self.batches.blocking_send(batch).map_err(|_| Error::Cancelled)
    }
}

impl Work for Encoder {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let own = std::mem::take(&mut self.columns);
        let columns = Columns::of(batch, &own).map_err(|cause| keys::unfit(&cause))?;
        columns.digest_into(&mut self.digest, &mut self.form);
        for row in 0..columns.rows {
            let item = columns.item(row).map_err(|cause| keys::unfit(&cause))?;
            let size = item.size_bytes();
            if size > ITEM_BYTES_MAX {
                return Err(Refusal::new(
                    "item_too_large",
                    self.uri.clone(),
                    format!("a row makes an item of {size} bytes; DynamoDB takes {ITEM_BYTES_MAX}"),
                    "Leave the table out: an item cannot hold this row.",
                )
                .into());
            }
            if self.batch.bytes + size > BATCH_BYTES_TARGET && !self.batch.items.is_empty() {
                self.send()?;
            }
            self.batch.items.push(item);
            self.batch.bytes += size;
            if self.batch.items.len() == BATCH_ITEMS_MAX {
                self.send()?;
            }
        }
        let rows = columns.rows as u64;
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.progress.add_rows(rows);
        self.columns = own;
        Ok(())
    }
}
