//! The digest of a copy's rows, without writing them anywhere.

use std::sync::Arc;

use arrow_array::RecordBatch;
use aws::Cloud;
use recovery::digest::TableDigest;
use recovery::plan::Plan;
use recovery::table::Column;
use tokio_util::sync::CancellationToken;

use crate::inspect::bucket_of;
use crate::progress::TableProgress;
use crate::read::{self, Stretch, Work};
use crate::row::Columns;
use crate::{Error, MultisetHash, Progress, Refusal, concurrent, keys};

/// Objects read at once.
const OBJECTS_IN_FLIGHT: usize = 4;

/// Reads every row of one table of the plan and digests it: what a proof compares a target with, when no run has
/// recorded it.
pub async fn digest_source(
    cloud: &Cloud,
    plan: &Plan,
    table_index: u32,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<TableDigest, Error> {
    let table = plan.tables.get(table_index as usize).ok_or_else(|| {
        Refusal::new(
            "unknown_table",
            format!("table {table_index}"),
            "the plan has no such table",
            "Name a table of the plan.",
        )
    })?;
    let bucket = bucket_of(&plan.copy);
    let counters = progress.table(table_index);
    let hashes = concurrent::ordered(table.objects.len(), OBJECTS_IN_FLIGHT, |index| {
        let object = &table.objects[index];
        let stretch = Stretch::whole(cloud, &bucket, object);
        let work = DigestRows {
            columns: table.columns.clone(),
            hash: MultisetHash::default(),
            form: Vec::new(),
            progress: Arc::clone(&counters),
        };
        async move {
            let work = read::through(&stretch, Some(&object.row_groups), cancel, work).await?;
            Ok::<_, Error>(work.hash)
        }
    })
    .await?;
    let mut whole = MultisetHash::default();
    for hash in &hashes {
        whole.add(hash);
    }
    Ok(whole.digest())
}

struct DigestRows {
    columns: Vec<Column>,
    hash: MultisetHash,
    form: Vec<u8>,
    progress: Arc<TableProgress>,
}

impl Work for DigestRows {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns = Columns::of(batch, &self.columns).map_err(|cause| keys::unfit(&cause))?;
        columns.hash_into(&mut self.hash, &mut self.form);
        self.progress.add_rows(columns.rows as u64);
        Ok(())
    }
}
