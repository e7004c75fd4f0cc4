//! The tables that are written to: created, or found empty, and recorded before the first item.

use std::time::Duration;

use aws::dynamodb::{KeyDefinition, TableDefinition, TableDescription, TableRef};
use aws::{Cloud, ErrorKind};
use recovery::plan::{Plan, TablePlan};
use recovery::schema_record::SchemaRecord;
use tokio_util::sync::CancellationToken;

use crate::preflight::key_difference;
use crate::{Checkpoints, Error, Recorded, Refusal, TargetRecord, concurrent, import, retry};

/// Tables created at once: DynamoDB allows more, but each costs control-plane calls.
const CREATED_AT_ONCE: usize = 8;

/// How long a table may take to become ACTIVE.
const ACTIVE_PATIENCE: Duration = Duration::from_mins(10);

/// The target of a table.
pub(crate) fn table_ref(plan: &Plan, table: &TablePlan) -> TableRef {
    TableRef::new(plan.target_region.clone(), table.target.clone())
}

/// What a table's target has to be.
pub(crate) fn definition(table: &TablePlan) -> TableDefinition {
    let key = |part: &recovery::plan::KeyAttribute| KeyDefinition {
        name: part.column.clone(),
        attribute_type: part.attribute_type,
    };
    TableDefinition {
        partition: key(&table.key.partition),
        sort: table.key.sort.as_ref().map(key),
        capacity: table.capacity,
        warm_write_units: table.pace.warm_write_units,
    }
}

/// Creates the plan's targets, or takes tables that are there and empty, and records the schema record and each target
/// before it returns. A table that comes by import is made by the import; here it must not be there.
///
/// A target that this run has recorded may hold items: this run wrote them. A table that somebody else filled, or put
/// in the place of the recorded one, is refused.
pub async fn create_targets(
    cloud: &Cloud,
    plan: &Plan,
    checkpoints: &dyn Checkpoints,
    recorded: &Recorded,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    checkpoints.record_schema(&SchemaRecord::of(plan)).await?;
    concurrent::ordered(plan.tables.len(), CREATED_AT_ONCE, |position| async move {
        let table = &plan.tables[position];
        let index = u32::try_from(position).unwrap_or(u32::MAX);
        if import::is_imported(table) {
            if !recorded.imports.contains_key(&index) {
                import::refuse_existing(cloud, plan, table, cancel).await?;
            }
            return Ok(());
        }
        let record = recorded.targets.get(&index);
        let taken = take(cloud, plan, table, record, cancel).await?;
        let own = TargetRecord {
            table: index,
            target: table.target.clone(),
            identity: taken.identity(),
        };
        if record == Some(&own) {
            return Ok(());
        }
        checkpoints.record_target(&own).await
    })
    .await?;
    Ok(())
}

async fn take(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    record: Option<&TargetRecord>,
    cancel: &CancellationToken,
) -> Result<TableDescription, Error> {
    let target = table_ref(plan, table);
    let existing = retry::transient(cancel, || async {
        match cloud.describe_table(&target).await {
            Ok(existing) => Ok(Some(existing)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    })
    .await?;
    if existing.is_none() {
        if record.is_some() {
            return Err(replaced(&target, "the table that this run wrote to is gone"));
        }
        retry::transient(cancel, || async {
            match cloud.create_table(&target, &definition(table)).await {
                // Created by an attempt whose answer was lost, or by somebody else: what follows tells.
                Err(error) if error.kind == ErrorKind::AlreadyExists => Ok(()),
                other => other,
            }
        })
        .await?;
    }
    let found = tokio::select! {
        () = cancel.cancelled() => return Err(Error::Cancelled),
        found = cloud.wait_active(&target, ACTIVE_PATIENCE) => found?,
    };
    if let Some(difference) = key_difference(table, &found) {
        return Err(Refusal::new(
            "target_key_differs",
            target.to_string(),
            difference,
            "Choose another target, or the key that the table has.",
        )
        .into());
    }
    match record {
        Some(record) if record.identity == found.identity() => {}
        Some(_) => {
            return Err(replaced(
                &target,
                "another table now has the name of the one that this run wrote to",
            ));
        }
        // Whatever it holds has a place in the plan.
        None if !table.existing.is_refuse() => {}
        None => {
            if !retry::transient(cancel, || cloud.is_table_empty(&target)).await? {
                return Err(Refusal::new(
                    "target_not_empty",
                    target.to_string(),
                    "it is there and holds items",
                    "Choose another target, or plan what becomes of its items: only-missing or overwrite.",
                )
                .into());
            }
        }
    }
    Ok(found)
}

pub(crate) fn replaced(target: &TableRef, cause: &str) -> Error {
    Refusal::new(
        "target_replaced",
        target.to_string(),
        cause,
        "Begin a new run: this one's checkpoints speak of a table that is no longer there.",
    )
    .into()
}
