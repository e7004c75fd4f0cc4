//! Every row of a planned table, without writing it anywhere.

use std::sync::Arc;

use arrow_array::RecordBatch;
use aws::Cloud;
use recovery::digest::TableDigest;
use recovery::plan::{Plan, TablePlan};
use recovery::table::Column;
use tokio_util::sync::CancellationToken;

use crate::inspect::bucket_of;
use crate::memory::Memory;
use crate::plan::planned;
use crate::progress::TableProgress;
use crate::read::{self, STRETCH_MIB, Stretch, Work};
use crate::row::Columns;
use crate::{Error, MultisetHash, Progress, concurrent, keys};

/// Objects read at once.
const OBJECTS_IN_FLIGHT: usize = 4;

/// Reads every row of a table through workers that `work` makes, one for each object that is read at once, and gives
/// them back.
pub(crate) async fn through<W: Work>(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    cancel: &CancellationToken,
    work: impl Fn() -> W,
) -> Result<Vec<W>, Error> {
    let bucket = bucket_of(&plan.copy);
    let memory = Memory::mib(STRETCH_MIB);
    concurrent::with_workers(table.objects.len(), OBJECTS_IN_FLIGHT, work, |index, work| {
        let object = &table.objects[index];
        let mut stretch = Stretch::whole(cloud, &bucket, object);
        stretch.memory = memory.clone();
        async move { read::through(&stretch, Some(&object.row_groups), cancel, work).await }
    })
    .await
}

/// Reads every row of one table of the plan and digests it: what a proof compares a target with, when no run has
/// recorded it.
pub async fn digest_source(
    cloud: &Cloud,
    plan: &Plan,
    table_index: u32,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<TableDigest, Error> {
    let table = planned(plan, table_index)?;
    let counters = progress.table(table_index);
    let parts = through(cloud, plan, table, cancel, || HashRows {
        columns: table.columns.clone(),
        hash: MultisetHash::default(),
        form: Vec::new(),
        progress: Arc::clone(&counters),
    })
    .await?;
    let mut whole = MultisetHash::default();
    for part in &parts {
        whole.add(&part.hash);
    }
    Ok(whole.digest())
}

struct HashRows {
    columns: Vec<Column>,
    hash: MultisetHash,
    form: Vec<u8>,
    progress: Arc<TableProgress>,
}

impl Work for HashRows {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns = Columns::of(batch, &self.columns).map_err(|cause| keys::unfit(&cause))?;
        columns.hash_into(&mut self.hash, &mut self.form);
        self.progress.add_rows(columns.rows as u64);
        Ok(())
    }
}
