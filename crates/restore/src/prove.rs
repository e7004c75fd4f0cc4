//! Reading a target back, whole, and digesting what DynamoDB really holds.

use std::sync::Arc;

use aws::Cloud;
use aws::dynamodb::Item;
use recovery::digest::TableDigest;
use recovery::plan::Plan;
use recovery::table::Column;
use tokio_util::sync::CancellationToken;

use crate::plan::planned;
use crate::progress::TableProgress;
use crate::row::{AddedKey, readback};
use crate::scan::{self, Sift};
use crate::{Error, MultisetHash, Progress, Tuning, existing};

/// Reads every item of a table's target, consistently and in parallel, and digests it in the canonical form.
///
/// Items that the copy does not have, lost items, altered values and attributes too many all make the digest another
/// one than the copy's. Of a target that may hold other items, only those under the copy's keys are read, and those that
/// are their rows are digested.
pub async fn prove_table(
    cloud: &Cloud,
    plan: &Plan,
    table_index: u32,
    tuning: &Tuning,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<TableDigest, Error> {
    let table = planned(plan, table_index)?;
    let columns = Arc::new(table.columns.clone());
    let added = AddedKey::of_table(table).map(Arc::new);
    let counters = progress.table(table_index);
    if !table.existing.is_refuse() {
        let looked = existing::look_at_table(cloud, plan, table, 0, tuning, Some(&counters), cancel).await?;
        return Ok(looked.equal.digest());
    }
    let parts = scan::through(cloud, plan, table, tuning, cancel, || HashItems {
        columns: Arc::clone(&columns),
        added: added.clone(),
        counters: Arc::clone(&counters),
        hash: MultisetHash::default(),
        form: Vec::new(),
    })
    .await?;
    let mut whole = MultisetHash::default();
    for part in &parts {
        whole.add(&part.hash);
    }
    Ok(whole.digest())
}

struct HashItems {
    columns: Arc<Vec<Column>>,
    added: Option<Arc<AddedKey>>,
    counters: Arc<TableProgress>,
    hash: MultisetHash,
    form: Vec<u8>,
}

impl Sift for HashItems {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            self.form.clear();
            readback::canonical_of(&self.columns, self.added.as_deref(), item, &mut self.form);
            self.hash.add_row(&self.form);
        }
        self.counters.add_read_back(items.len() as u64);
    }
}
