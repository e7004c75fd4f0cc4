//! From a copy and requests to a plan. Reads and writes nothing but reads; what it refuses, it refuses by name.

use std::collections::BTreeMap;

use aws::Cloud;
use jiff::Timestamp;
use recovery::ids::Region;
use recovery::plan::{
    Capacity, CopyRef, Existing, Key, KeyAttribute, PLAN_VERSION, Pace, Plan, PlannedObject, TablePlan, Way,
};
use recovery::request::TableRequest;
use recovery::synthetic_key::SyntheticKey;
use recovery::table::Column;

use crate::inspect::{Inspection, TableInspection, bucket_of, inspect};
use crate::{Error, Refusal, column, concurrent};

/// Objects whose checksums are asked for at once.
const FACTS_IN_FLIGHT: usize = 24;

/// The most tables of one plan.
const TABLES_MAX: usize = 1_000;

/// Makes the plan that restores `tables` of `copy` into `target_region`. Nothing is written anywhere.
///
/// Every object is pinned by size, entity tag, checksum and row groups, so that a run reads what was planned or fails.
/// Whether the keys are unique and the targets are free is [`preflight`](crate::preflight())'s to find.
pub async fn plan(
    cloud: &Cloud,
    copy: &CopyRef,
    target_region: &Region,
    tables: &[TableRequest],
    now: Timestamp,
) -> Result<Plan, Error> {
    let inspection = inspect(cloud, copy).await?;
    plan_inspected(cloud, &inspection, target_region, tables, now).await
}

/// The same, over an inspection that was made a moment ago.
pub async fn plan_inspected(
    cloud: &Cloud,
    inspection: &Inspection,
    target_region: &Region,
    tables: &[TableRequest],
    now: Timestamp,
) -> Result<Plan, Error> {
    check_requests(tables)?;
    if let Some(problem) = inspection.problems.first() {
        return Err(problem.clone().into());
    }
    let mut planned = Vec::new();
    for request in tables {
        planned.push(plan_table(cloud, inspection, request).await?);
    }
    let mut copy = inspection.copy.clone();
    copy.prefix.truncate(copy.prefix.trim_end_matches('/').len());
    Ok(Plan {
        version: PLAN_VERSION,
        created_at: now,
        copy,
        fallbacks: Vec::new(),
        target_region: target_region.clone(),
        tables: planned,
    })
}

/// A table of a plan by its index.
pub(crate) fn planned(plan: &Plan, index: u32) -> Result<&TablePlan, Refusal> {
    plan.tables.get(index as usize).ok_or_else(|| {
        Refusal::new(
            "unknown_table",
            format!("table {index}"),
            "the plan has no such table",
            "Name a table of the plan.",
        )
    })
}

fn check_requests(tables: &[TableRequest]) -> Result<(), Refusal> {
    if tables.is_empty() || tables.len() > TABLES_MAX {
        return Err(Refusal::new(
            "no_tables",
            "plan",
            format!("{} tables are asked for; 1 to {TABLES_MAX} can be", tables.len()),
            "Name the tables to restore, each with its target and key.",
        ));
    }
    let mut targets = BTreeMap::new();
    for request in tables {
        if let Some(other) = targets.insert(&request.target, &request.source) {
            return Err(Refusal::new(
                "equal_targets",
                request.target.to_string(),
                format!("{other} and {} would both be written to it", request.source),
                "Give each table a target of its own.",
            ));
        }
    }
    Ok(())
}

async fn plan_table(
    cloud: &Cloud,
    inspection: &Inspection,
    request: &TableRequest,
) -> Result<TablePlan, Error> {
    let table = inspection
        .table(&request.source)
        .ok_or_else(|| unknown_table(inspection, request))?;
    if let Some(problem) = table.problems.first() {
        return Err(problem.clone().into());
    }
    let columns = columns(table, request)?;
    Ok(TablePlan {
        source: request.source.clone(),
        target: request.target.clone(),
        existing: existing(request)?,
        key: key(request, &columns)?,
        capacity: request.capacity,
        pace: pace(request)?,
        way: way(request)?,
        objects: pin(cloud, inspection, table).await?,
        columns,
        rows: table.summary.rows,
    })
}

/// What becomes of existing items, where the way allows for any.
fn existing(request: &TableRequest) -> Result<Existing, Refusal> {
    if request.existing.is_refuse() || request.way.is_write() {
        return Ok(request.existing);
    }
    Err(Refusal::new(
        "bad_way",
        request.source.to_string(),
        "DynamoDB imports into new tables only, so there are no existing items to keep or overwrite",
        "Restore the table by write.",
    ))
}

/// The pace as the plan has it: a bound of nothing is none, and only a table on demand is made ready.
fn pace(request: &TableRequest) -> Result<Pace, Refusal> {
    let refused = |cause: &str, hint: &str| {
        let subject = request.source.to_string();
        Err(Refusal::new("bad_pace", subject, cause, hint))
    };
    let Pace {
        max_write_units,
        warm_write_units,
    } = request.pace;
    if max_write_units == Some(0) || warm_write_units == Some(0) {
        return refused(
            "with 0 write units a second nothing would ever be written",
            "Name at least 1 write unit a second, or none.",
        );
    }
    if max_write_units.is_some() && !request.way.is_write() {
        return refused(
            "an import uses no write units that could be bounded",
            "Leave the bound out, or restore the table by write.",
        );
    }
    if warm_write_units.is_some() && request.capacity != Capacity::OnDemand {
        return refused(
            "only a table on demand is made ready; this one's capacity is provisioned",
            "Provision more write units instead.",
        );
    }
    Ok(request.pace)
}

/// The way as the plan names it: without slashes around the work prefix, so that one place has one name.
fn way(request: &TableRequest) -> Result<Way, Refusal> {
    match &request.way {
        Way::Write => Ok(Way::Write),
        Way::Import { bucket, .. } if bucket.is_empty() => Err(Refusal::new(
            "bad_work",
            request.source.to_string(),
            "an import needs a bucket to put the items into, and none is named",
            "Name a bucket of the target Region.",
        )),
        Way::Import { bucket, prefix } => Ok(Way::Import {
            bucket: bucket.clone(),
            prefix: prefix.trim_matches('/').to_owned(),
        }),
    }
}

fn unknown_table(inspection: &Inspection, request: &TableRequest) -> Refusal {
    let names: Vec<_> = inspection
        .tables
        .iter()
        .take(20)
        .map(|table| table.summary.name.to_string())
        .collect();
    let hint = if names.is_empty() {
        "The copy holds no tables: check the prefix.".to_owned()
    } else {
        format!("The copy holds {}.", names.join(", "))
    };
    Refusal::new(
        "unknown_table",
        request.source.to_string(),
        "the copy holds no such table",
        hint,
    )
}

/// The table's columns as the request wants their bytes taken.
fn columns(table: &TableInspection, request: &TableRequest) -> Result<Vec<Column>, Refusal> {
    let mut columns = table.summary.columns.clone();
    for (name, wish) in &request.treat_as {
        let place = columns.iter_mut().find(|column| column.name == *name);
        let place = place.ok_or_else(|| unknown_column(request, name, &table.summary.columns))?;
        *place = column::treated_as(place.clone(), *wish).ok_or_else(|| {
            Refusal::new(
                "bad_column_choice",
                format!("{}.{name}", request.source),
                format!("it holds {}, which is neither text nor bytes", place.parquet_type),
                "Leave the choice out: only columns of text or bytes can be taken as the other.",
            )
        })?;
    }
    if columns.is_empty() {
        return Err(Refusal::new(
            "unknown_columns",
            request.source.to_string(),
            "the table has no rows and the export does not tell its columns",
            "Leave the table out: there is nothing to restore.",
        ));
    }
    Ok(columns)
}

fn unknown_column(request: &TableRequest, name: &str, columns: &[Column]) -> Refusal {
    let names: Vec<_> = columns
        .iter()
        .take(50)
        .map(|column| column.name.as_str())
        .collect();
    Refusal::new(
        "unknown_column",
        format!("{}.{name}", request.source),
        "the table has no such column",
        format!("Its columns are {}.", names.join(", ")),
    )
}

fn key(request: &TableRequest, columns: &[Column]) -> Result<Key, Refusal> {
    if let Some(kind) = request.synthetic {
        return added_key(request, columns, kind);
    }
    let partition = key_attribute(request, columns, &request.partition)?;
    let sort = match &request.sort {
        None => None,
        Some(sort) if *sort == request.partition => {
            return Err(Refusal::new(
                "bad_key",
                format!("{}.{sort}", request.source),
                "one column cannot be both partition key and sort key",
                "Leave the sort key out, or name another column.",
            ));
        }
        Some(sort) => Some(key_attribute(request, columns, sort)?),
    };
    Ok(Key {
        partition,
        sort,
        synthetic: None,
    })
}

/// A key that no column is.
fn added_key(request: &TableRequest, columns: &[Column], kind: SyntheticKey) -> Result<Key, Refusal> {
    let name = &request.partition;
    let refuse = |cause: String, hint: String| {
        let subject = format!("{}, added key {name:?}", request.source);
        Err(Refusal::new("bad_key", subject, cause, hint))
    };
    if let Some(fault) = SyntheticKey::name_fault(name, columns) {
        let free = SyntheticKey::free_name(columns);
        return refuse(fault, format!("Name it otherwise, for example {free}."));
    }
    if let Some(sort) = &request.sort {
        let cause = format!("it is the whole key, and {sort} would be a sort key beside it");
        return refuse(cause, "Leave the sort key out.".to_owned());
    }
    if kind == SyntheticKey::RowPlace && !request.existing.is_refuse() {
        let cause = "items that are there already may have other rows' places as their keys";
        return refuse(
            cause.to_owned(),
            "Restore into a table of its own, or key the rows by their digest.".to_owned(),
        );
    }
    Ok(Key::added(kind, name))
}

fn key_attribute(request: &TableRequest, columns: &[Column], name: &str) -> Result<KeyAttribute, Refusal> {
    let column = columns
        .iter()
        .find(|column| column.name == name)
        .ok_or_else(|| unknown_column(request, name, columns))?;
    if !column.kind.can_be_key() {
        return Err(Refusal::new(
            "bad_key",
            format!("{}.{name}", request.source),
            format!("a column of {} cannot be a key", column.parquet_type),
            "Choose a column of whole numbers, decimals, text, bytes or times that is unique in every row.",
        ));
    }
    Ok(KeyAttribute {
        column: name.to_owned(),
        attribute_type: column.kind.attribute_type(),
    })
}

/// The table's objects with a full-object checksum each, where S3 holds one.
async fn pin(
    cloud: &Cloud,
    inspection: &Inspection,
    table: &TableInspection,
) -> Result<Vec<PlannedObject>, Error> {
    let bucket = bucket_of(&inspection.copy);
    let bucket = &bucket;
    let objects = table.objects.as_slice();
    concurrent::ordered(objects.len(), FACTS_IN_FLIGHT, |index| async move {
        let object = &objects[index];
        let fact = cloud.object_fact(bucket, &object.key, &object.key).await?;
        if fact.size != object.size {
            return Err(Refusal::new(
                "object_changed",
                bucket.uri(&object.key),
                "it changed while the plan was made",
                "Wait until the copy no longer changes, then plan again.",
            )
            .into());
        }
        Ok(PlannedObject {
            key: object.key.clone(),
            size: object.size,
            checksum: fact.checksums.into_iter().find(|checksum| checksum.full_object),
            etag: object.etag.clone(),
            row_groups: object.row_groups.clone(),
        })
    })
    .await
}
