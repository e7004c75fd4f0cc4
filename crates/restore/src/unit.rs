//! A unit: some row groups of one object, read, encoded, written, digested.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws::Cloud;
use recovery::plan::{Plan, TablePlan, Unit};
use recovery::run::HeldBefore;
use tokio_util::sync::CancellationToken;

use crate::batches::put_batches;
use crate::existing::put_unit;
use crate::import::{is_imported, pack_unit};
use crate::inspect::bucket_of;
use crate::plan::planned;
use crate::read::Stretch;
use crate::write::{Destination, Writer};
use crate::{Error, MultisetHash, Progress, Refusal, UnitResult};

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
    let mut stretch = stretch(cloud, source, planned(source, unit.table)?, unit)?;
    stretch.memory = writer.row_groups.clone();
    let run = UnitRun {
        plan,
        table,
        unit,
        stretch,
        writer,
        destination: Destination {
            bounds: writer.bounds(unit.table).ok_or_else(|| no_such(unit))?,
            progress: progress.table(unit.table),
            written: Arc::default(),
        },
        rows: Arc::default(),
        cancel,
    };
    // All but the usual way boxed, for most units need no room for them.
    let outcome = if is_imported(table) {
        Box::pin(pack_unit(&run)).await
    } else if table.existing.is_refuse() {
        put_batches(&run).await
    } else {
        Box::pin(put_unit(&run)).await
    };
    run.result(outcome)
}

/// One unit on its way.
pub(crate) struct UnitRun<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) table: &'a TablePlan,
    pub(crate) unit: &'a Unit,
    /// What is read.
    pub(crate) stretch: Stretch,
    pub(crate) writer: &'a Writer,
    pub(crate) destination: Destination,
    /// Rows read so far.
    pub(crate) rows: Arc<AtomicU64>,
    pub(crate) cancel: &'a CancellationToken,
}

/// What came of a unit's rows.
#[derive(Debug)]
pub(crate) struct Done {
    /// Rows read.
    pub(crate) rows: u64,
    /// The rows that the table holds now, or will when it has been imported.
    pub(crate) hash: MultisetHash,
    /// What the rows' keys held before this attempt, where the plan allows that they hold anything.
    pub(crate) held: Option<HeldBefore>,
    /// Bytes of items that lie in S3.
    pub(crate) packed_bytes: u64,
}

impl UnitRun<'_> {
    /// The rows of each row group of the unit's object, by the plan.
    pub(crate) fn expected(&self) -> Option<&[u64]> {
        expected(self.table, self.unit)
    }

    /// The unit's result; after a failure, what it had counted is taken back.
    fn result(&self, outcome: Result<Done, Error>) -> Result<UnitResult, Error> {
        let Destination {
            progress, written, ..
        } = &self.destination;
        let items = written.items.load(Ordering::Relaxed);
        let bytes = written.bytes.load(Ordering::Relaxed);
        let outcome = outcome.and_then(|done| {
            check_rows(self.unit, done.rows, &self.stretch)?;
            Ok(done)
        });
        match outcome {
            Ok(done) => Ok(UnitResult {
                unit: self.unit.index,
                table: self.unit.table,
                rows_read: done.rows,
                items_written: items,
                bytes_written: bytes + done.packed_bytes,
                retries: written.retries.load(Ordering::Relaxed),
                held: done.held,
                hash: done.hash,
            }),
            Err(error) => {
                let kept = written.kept.load(Ordering::Relaxed);
                progress.take_back(self.rows.load(Ordering::Relaxed), items, kept, bytes);
                Err(error)
            }
        }
    }
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
