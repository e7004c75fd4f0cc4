//! A whole target by the copy's keys: for the preflight, for the proof, and for what differs.

use aws::Cloud;
use recovery::differences::Differences;
use recovery::plan::{Plan, TablePlan};
use tokio_util::sync::CancellationToken;

use super::look::{Look, Looked};
use crate::inspect::bucket_of;
use crate::memory::Memory;
use crate::progress::TableProgress;
use crate::read::{STRETCH_MIB, Stretch};
use crate::{Error, Tuning, concurrent};

/// Compares every row of a table with the item under its key. `progress` is told of items that were read back.
pub(crate) async fn look_at_table(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    told: usize,
    tuning: &Tuning,
    progress: Option<&TableProgress>,
    cancel: &CancellationToken,
) -> Result<Looked, Error> {
    let bucket = bucket_of(&plan.copy);
    let memory = Memory::mib(STRETCH_MIB);
    let look = &Look::new(cloud, plan, table, told, tuning.give_up_after, cancel);
    let parts = concurrent::ordered(table.objects.len(), tuning.segments_in_flight, |index| {
        let object = &table.objects[index];
        let mut stretch = Stretch::whole(cloud, &bucket, object);
        stretch.memory = memory.clone();
        async move {
            let expected = Some(object.row_groups.as_slice());
            let looked = look.at(&stretch, expected).await?;
            if let Some(progress) = progress {
                progress.add_read_back(looked.equal.rows() + looked.different);
            }
            Ok(looked)
        }
    })
    .await?;
    let mut whole = Looked::default();
    for part in parts {
        whole.add(part, told);
    }
    Ok(whole)
}

/// The rows whose key holds nothing, or another item; of a plan that leaves other items where they are, these too.
pub(crate) async fn differences(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    told: usize,
    tuning: &Tuning,
    cancel: &CancellationToken,
) -> Result<Differences, Error> {
    let looked = look_at_table(cloud, plan, table, told, tuning, None, cancel).await?;
    let mut first = looked.first;
    first.sort_unstable();
    Ok(Differences {
        missing: looked.missing,
        altered: looked.different,
        unexpected: 0,
        is_whole: true,
        first,
    })
}
