//! The second way of writing: DynamoDB fills a new table by itself, from objects that are put into S3 for it.
//!
//! A unit becomes objects below the table's work prefix ([`pack`]). When every unit of a table has, its import is begun
//! with a token that was recorded before, followed to its end by any process, and what it read is removed ([`work`]).
//! The table is then read back and proven as any other.

mod pack;
mod work;

use std::time::Duration;

use aws::dynamodb::{Import, ImportSource, ImportStatus, TableDescription, TableRef};
use aws::{Cloud, ErrorKind};
use recovery::plan::{Plan, TablePlan, Way};
use tokio_util::sync::CancellationToken;

use crate::preflight::key_difference;
use crate::progress::TableProgress;
use crate::targets::{definition, replaced, table_ref};
use crate::{Checkpoints, Error, ImportRecord, Recorded, Refusal, TargetRecord, retry};

pub(crate) use pack::pack_unit;
pub(crate) use work::{OBJECTS_MAX, clear};
pub use work::{leave_work, work_prefixes};

/// How long a table may take to be ACTIVE after its import.
const ACTIVE_PATIENCE: Duration = Duration::from_mins(10);

/// The first pause between two looks at an import, and the longest: AWS's take minutes at least.
const LOOK_FIRST: Duration = Duration::from_millis(250);
const LOOK_MAX: Duration = Duration::from_secs(10);

/// Whether a table's rows come by import. A table without rows is only created: there is nothing to read from S3.
pub(crate) fn is_imported(table: &TablePlan) -> bool {
    table.rows > 0 && matches!(table.way, Way::Import { .. })
}

/// Imports one table, from the beginning or from what is recorded. Items in the table, when it is done.
pub(crate) async fn import_table(
    cloud: &Cloud,
    plan: &Plan,
    table: u32,
    checkpoints: &dyn Checkpoints,
    recorded: &Recorded,
    progress: &TableProgress,
    cancel: &CancellationToken,
) -> Result<u64, Error> {
    let planned = &plan.tables[table as usize];
    let target = table_ref(plan, planned);
    let mut record = if let Some(record) = recorded.imports.get(&table) {
        record.clone()
    } else {
        work::check(cloud, plan, table, cancel).await?;
        let record = ImportRecord::new(table);
        // Recorded before it is used: whoever comes after this process asks with the same token, and is answered the
        // same import.
        checkpoints.record_import(&record).await?;
        record
    };
    if let Some(items) = record.items {
        check_target(cloud, plan, planned, recorded.targets.get(&table), cancel).await?;
        progress.set_written(items);
        return Ok(items);
    }
    if record.arn.is_none() {
        let import = begin(cloud, plan, table, &record, cancel).await?;
        record.arn = Some(import.arn);
        checkpoints.record_import(&record).await?;
    }
    let arn = record.arn.as_deref().unwrap_or_default();
    let ended = follow(cloud, plan, planned, arn, progress, cancel).await?;
    if ended.status != ImportStatus::Completed || ended.errors > 0 {
        // It cannot be gone on with, so what it read is of no use any more.
        clear(cloud, plan, table).await;
        return Err(failed(planned, &target, ended).into());
    }
    let found = check_target(cloud, plan, planned, recorded.targets.get(&table), cancel).await?;
    checkpoints
        .record_target(&TargetRecord {
            table,
            target: planned.target.clone(),
            identity: found.identity(),
        })
        .await?;
    record.items = Some(ended.items_imported);
    checkpoints.record_import(&record).await?;
    Ok(ended.items_imported)
}

async fn begin(
    cloud: &Cloud,
    plan: &Plan,
    table: u32,
    record: &ImportRecord,
    cancel: &CancellationToken,
) -> Result<Import, Error> {
    let planned = &plan.tables[table as usize];
    let target = table_ref(plan, planned);
    let place = work::work_place(plan, table);
    let source = ImportSource {
        bucket: place.bucket,
        prefix: place.prefix,
    };
    let begun = retry::transient(cancel, || async {
        match cloud
            .import_table(&target, &definition(planned), &source, &record.token)
            .await
        {
            Err(error) if error.kind == ErrorKind::AlreadyExists => Ok(None),
            other => other.map(Some),
        }
    })
    .await?;
    begun.ok_or_else(|| exists(&target.to_string()).into())
}

/// Looks at the import until it has ended.
async fn follow(
    cloud: &Cloud,
    plan: &Plan,
    planned: &TablePlan,
    arn: &str,
    progress: &TableProgress,
    cancel: &CancellationToken,
) -> Result<Import, Error> {
    let target = table_ref(plan, planned);
    let mut pause = LOOK_FIRST;
    loop {
        let import = retry::transient(cancel, || cloud.describe_import(&target, arn)).await?;
        progress.set_written(import.items_imported);
        if import.status != ImportStatus::InProgress {
            return Ok(import);
        }
        tokio::select! {
            () = cancel.cancelled() => return Err(Error::Cancelled),
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(LOOK_MAX);
    }
}

/// The table that the import made: ACTIVE, of the planned key, and the one that was recorded.
async fn check_target(
    cloud: &Cloud,
    plan: &Plan,
    planned: &TablePlan,
    recorded: Option<&TargetRecord>,
    cancel: &CancellationToken,
) -> Result<TableDescription, Error> {
    let target = table_ref(plan, planned);
    let found = tokio::select! {
        () = cancel.cancelled() => return Err(Error::Cancelled),
        found = cloud.wait_active(&target, ACTIVE_PATIENCE) => found?,
    };
    if let Some(difference) = key_difference(planned, &found) {
        return Err(replaced(&target, &difference));
    }
    match recorded {
        Some(record) if record.identity != found.identity() => Err(replaced(
            &target,
            "another table now has the name of the one that this run filled",
        )),
        _ => Ok(found),
    }
}

/// Refuses a target that is there before its import has begun: an import makes the table itself.
pub(crate) async fn refuse_existing(
    cloud: &Cloud,
    plan: &Plan,
    planned: &TablePlan,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let target = table_ref(plan, planned);
    let is_free = retry::transient(cancel, || async {
        match cloud.describe_table(&target).await {
            Ok(_) => Ok(false),
            Err(error) if error.is_not_found() => Ok(true),
            Err(error) => Err(error),
        }
    })
    .await?;
    if is_free {
        Ok(())
    } else {
        Err(exists(&target.to_string()).into())
    }
}

fn failed(planned: &TablePlan, target: &TableRef, ended: Import) -> Refusal {
    let cause = ended
        .failure
        .unwrap_or_else(|| format!("{:?} with {} errors", ended.status, ended.errors));
    Refusal::new(
        "import_failed",
        target.to_string(),
        format!(
            "DynamoDB's import ended with {} of {} items in the table: {cause}",
            ended.items_imported, planned.rows
        ),
        "Look into the import's log in CloudWatch (/aws-dynamodb/imports), delete the table if it is there, and begin a \
         new run, by import or by write.",
    )
}

fn exists(target: &str) -> Refusal {
    Refusal::new(
        "target_exists",
        target,
        "it is there, and DynamoDB imports into new tables only",
        "Choose another target, or restore by write.",
    )
}
