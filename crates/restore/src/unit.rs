//! A unit: some row groups of one object, read, encoded, written, digested.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws::Cloud;
use aws::dynamodb::{ItemWriter, PutBatch, PutBatchBuilder};
use recovery::plan::{Plan, TablePlan, Unit};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::concurrent::joined;
use crate::encoder::{Encoder, TakeItems};
use crate::existing;
use crate::import;
use crate::inspect::bucket_of;
use crate::plan::planned;
use crate::read::{self, Stretch};
use crate::row::Unfit;
use crate::targets::table_ref;
use crate::write::{Destination, Writer};
use crate::{Error, MultisetHash, Progress, Refusal, UnitResult};

/// Batches that wait between encoding and sending.
const BATCHES_WAITING: usize = 4;

/// Batches of one unit on their way at once; the writer's own bounds are lower where DynamoDB is slow.
const BATCHES_SENT: usize = 64;

/// Executes one unit of `plan`: when it returns, every item has been acknowledged, or lies in S3 for the table's import.
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
    execute_unit_from(cloud, plan, plan, unit, writer, progress, cancel).await
}

/// The same, with the rows read as `source` says: the plan itself, or pinned to another copy.
pub(crate) async fn execute_unit_from(
    cloud: &Cloud,
    plan: &Plan,
    source: &Plan,
    unit: &Unit,
    writer: &Writer,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<UnitResult, Error> {
    let table = planned(plan, unit.table)?;
    let counters = progress.table(unit.table);
    let mut stretch = stretch(cloud, source, planned(source, unit.table)?, unit)?;
    stretch.memory = writer.row_groups.clone();
    if import::is_imported(table) {
        // Boxed, for most units are not packed and need no room for it.
        let packing = import::pack_unit(cloud, plan, table, unit, &stretch, &counters, cancel);
        let packed = Box::pin(packing).await?;
        check_rows(unit, packed.rows_read, &stretch)
            .inspect_err(|_| counters.take_back(packed.rows_read, 0, 0, 0))?;
        return Ok(packed);
    }
    let destination = Destination {
        bounds: writer.bounds(unit.table).ok_or_else(|| no_such(unit))?,
        progress: Arc::clone(&counters),
        written: Arc::default(),
    };
    let rows = Arc::new(AtomicU64::new(0));
    let outcome = if table.existing.is_refuse() {
        run(plan, table, unit, &stretch, writer, &destination, &rows, cancel)
            .await
            .map(|hash| (hash.rows(), None, hash))
    } else {
        // Boxed, for most units need no room for it.
        let putting = existing::put_unit(plan, table, unit, &stretch, writer, &destination, &rows, cancel);
        Box::pin(putting)
            .await
            .map(|put| (put.rows, Some(put.held), put.hash))
    };
    let outcome = outcome.and_then(|done| {
        check_rows(unit, done.0, &stretch)?;
        Ok(done)
    });
    let written = &destination.written;
    let (items, bytes) = (
        written.items.load(Ordering::Relaxed),
        written.bytes.load(Ordering::Relaxed),
    );
    match outcome {
        Ok((rows_read, held, hash)) => Ok(UnitResult {
            unit: unit.index,
            table: unit.table,
            rows_read,
            items_written: items,
            bytes_written: bytes,
            retries: written.retries.load(Ordering::Relaxed),
            held,
            hash,
        }),
        Err(error) => {
            let kept = written.kept.load(Ordering::Relaxed);
            counters.take_back(rows.load(Ordering::Relaxed), items, kept, bytes);
            Err(error)
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "all of it is one unit's own")]
async fn run(
    plan: &Plan,
    table: &TablePlan,
    unit: &Unit,
    stretch: &Stretch,
    writer: &Writer,
    destination: &Destination,
    rows: &Arc<AtomicU64>,
    cancel: &CancellationToken,
) -> Result<MultisetHash, Error> {
    let (batches, mut encoded) = mpsc::channel(BATCHES_WAITING);
    let batches = Batches {
        batch: PutBatchBuilder::new(Arc::new(table_ref(plan, table))),
        full: batches,
    };
    let encoder = Encoder::new(table, unit, stretch, rows, &destination.progress, batches);
    let reading = async {
        let mut encoder = read::through(stretch, expected(table, unit), cancel, encoder).await?;
        if let Some(last) = encoder.items.batch.take() {
            // Nobody listening means that sending has failed, which the other side reports.
            encoder
                .items
                .full
                .send(last)
                .await
                .map_err(|_| Error::Cancelled)?;
        }
        Ok::<_, Error>(encoder.hash)
    };
    let sending = async {
        let mut sent: JoinSet<Result<(), Error>> = JoinSet::new();
        while let Some(batch) = encoded.recv().await {
            if sent.len() >= BATCHES_SENT
                && let Some(done) = sent.join_next().await
            {
                joined(done)?;
            }
            while let Some(done) = sent.try_join_next() {
                joined(done)?;
            }
            let held = writer.batches.hold(batch.body_bytes() as u64).await;
            let (writer, destination, cancel) = (writer.clone(), destination.clone(), cancel.clone());
            sent.spawn(async move {
                let _held = held;
                writer.put(&destination, batch, &cancel).await
            });
        }
        while let Some(done) = sent.join_next().await {
            joined(done)?;
        }
        Ok(())
    };
    let (hash, ()) = tokio::try_join!(reading, sending)?;
    let items = destination.written.items.load(Ordering::Relaxed);
    if items != hash.rows() {
        return Err(Error::Worker(format!(
            "{items} of {} items were acknowledged",
            hash.rows()
        )));
    }
    Ok(hash)
}

/// What a unit reads.
pub(crate) fn stretch(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    unit: &Unit,
) -> Result<Stretch, Refusal> {
    let object = table
        .objects
        .get(unit.object as usize)
        .ok_or_else(|| no_such(unit))?;
    let mut stretch = Stretch::whole(cloud, &bucket_of(&plan.copy), object);
    stretch.row_groups = unit.row_group_start as usize..unit.row_group_end as usize;
    if stretch.row_groups.end > object.row_groups.len() || stretch.row_groups.is_empty() {
        return Err(no_such(unit));
    }
    Ok(stretch)
}

/// The rows of each row group of the unit's object, by the plan.
pub(crate) fn expected<'a>(table: &'a TablePlan, unit: &Unit) -> Option<&'a [u64]> {
    let object = table.objects.get(unit.object as usize);
    object.map(|object| object.row_groups.as_slice())
}

fn check_rows(unit: &Unit, rows: u64, stretch: &Stretch) -> Result<(), Refusal> {
    if rows == unit.rows {
        return Ok(());
    }
    Err(Refusal::new(
        "object_changed",
        stretch.uri(),
        format!("{rows} rows were read where the plan counts {}", unit.rows),
        "The copy is damaged or has changed. Verify the copy, then make a new plan.",
    ))
}

fn no_such(unit: &Unit) -> Refusal {
    Refusal::new(
        "unknown_unit",
        format!("unit {}", unit.index),
        "the plan has no such object or row groups",
        "The unit belongs to another plan.",
    )
}

/// Items into batches, and full batches into the channel.
struct Batches {
    batch: PutBatchBuilder,
    full: mpsc::Sender<PutBatch>,
}

impl TakeItems for Batches {
    fn item(
        &mut self,
        _form: &[u8],
        write: impl FnOnce(&mut ItemWriter<'_>) -> Result<(), Unfit>,
    ) -> Result<usize, Unfit> {
        self.batch.put(write)
    }

    fn hand_on(&mut self) -> Result<(), Error> {
        if self.batch.is_full()
            && let Some(full) = self.batch.take()
        {
            self.full.blocking_send(full).map_err(|_| Error::Cancelled)?;
        }
        Ok(())
    }
}
