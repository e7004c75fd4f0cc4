//! What is found over a plan before anything is written. Nothing is changed.

mod added_key;
mod findings;
mod quick;
mod rows;
mod target;
mod unplannable;
mod way;

pub(crate) use target::key_difference;

use std::sync::{Arc, Mutex, PoisonError};

use aws::Cloud;
use jiff::Timestamp;
use recovery::estimate::{Estimate, Load};
use recovery::ids::Region;
use recovery::plan::{Capacity, Key, PLAN_VERSION, Plan, TablePlan};
use recovery::preflight::{Depth, Example, Finding, Preflight};
use recovery::prices::Prices;
use recovery::request::{Planned, TableRequest};
use recovery::synthetic_key::SyntheticKey;
use recovery::table::Column;
use tokio_util::sync::CancellationToken;

use self::findings::Found;
use crate::examples::{FindKeys, HashOf};
use crate::inspect::{Inspection, bucket_of};
use crate::key_proof::another_key;
use crate::keys::{Duplicates, KeyHash, KeySet};
use crate::read::{self, Stretch};
use crate::{Error, Refusal, plan, source};

/// What a preflight is to find out, and within which bounds.
#[derive(Clone, Debug)]
pub struct Inquiry {
    /// How far it looks.
    pub depth: Depth,
    /// Show values in examples, which are masked otherwise.
    pub show_values: bool,
    /// What DynamoDB costs.
    pub prices: Prices,
    /// Bytes of key hashes of one table in memory; beyond them they lie in a temporary file.
    pub key_memory: usize,
}

impl Default for Inquiry {
    fn default() -> Self {
        Self {
            depth: Depth::Exact,
            show_values: false,
            prices: Prices::default(),
            key_memory: KeySet::MEMORY_DEFAULT,
        }
    }
}

/// Plans a restore and reports everything that speaks against it: of the tables that can be planned by [`preflight`], of
/// the others why they cannot. The plan is `None` while there are others.
///
/// What contradicts itself or the copy (an unknown table or column, two tables with one target) is an error.
pub async fn survey(
    cloud: &Cloud,
    inspection: &Inspection,
    target_region: &Region,
    tables: &[TableRequest],
    now: Timestamp,
    inquiry: &Inquiry,
    cancel: &CancellationToken,
) -> Result<Planned, Error> {
    let asked: Vec<_> = tables.iter().map(|request| &request.source).collect();
    let mut found: Vec<Finding> = inspection
        .problems
        .iter()
        .map(|problem| unplannable::of_refusal(None, problem))
        .collect();
    // What a copy that is not whole holds is not worth reading.
    let is_whole = found.is_empty();
    let (mut sound, mut found_besides) = (Vec::new(), Vec::new());
    for request in tables {
        let problems = inspection
            .table(&request.source)
            .map(unplannable::of_table)
            .unwrap_or_default();
        if problems.is_empty() {
            found_besides.extend(inspection.table(&request.source).and_then(unplannable::warned_of));
            sound.push(request.clone());
        } else {
            found.extend(problems);
        }
    }
    let can_run = found.is_empty();
    let mut made = None;
    let mut estimate = Estimate::default();
    if is_whole && (can_run || !sound.is_empty()) {
        let plan = plan::plan_inspected(cloud, inspection, target_region, &sound, now).await?;
        let preflight = preflight(cloud, &plan, inquiry, cancel).await?;
        found.extend(preflight.findings);
        estimate = preflight.estimate;
        made = can_run.then_some(plan);
    }
    found.extend(found_besides);
    found.extend(unplannable::skipped_besides(inspection, &asked));
    Ok(Planned {
        plan: made,
        preflight: Preflight::new(inquiry.depth, found, estimate),
    })
}

/// Looks at the plan's targets and reads every row, or the footers alone.
///
/// Each table's keys are proven unique, present and short enough, each value representable, each item small enough, each
/// target free and of the right key. What speaks against the restore is a finding and not an error; an error means that
/// something could not be looked at.
pub async fn preflight(
    cloud: &Cloud,
    plan: &Plan,
    inquiry: &Inquiry,
    cancel: &CancellationToken,
) -> Result<Preflight, Error> {
    check_version(plan)?;
    let mut found = Vec::new();
    let mut loads = Vec::new();
    for table in &plan.tables {
        let (target, capacity) = target::look(cloud, plan, table, inquiry.depth, cancel).await?;
        found.push(target);
        found.extend(way::look(cloud, plan, table).await?);
        let outcome = match inquiry.depth {
            Depth::Quick => quick::look(cloud, plan, table, cancel).await,
            Depth::Exact => read_rows(cloud, plan, table, capacity, inquiry, cancel).await,
        };
        match outcome {
            Ok((findings, load)) => {
                found.extend(findings);
                loads.push((table, capacity, load));
            }
            Err(Error::Refused(refusal)) => {
                found.push(unplannable::of_refusal(Some(&table.source), &refusal));
            }
            Err(other) => return Err(other),
        }
    }
    let estimate = Estimate::new(loads, &plan.target_region, &inquiry.prices);
    Ok(Preflight::new(inquiry.depth, found, estimate))
}

/// A plan of another version may mean what this build does not know.
pub(crate) fn check_version(plan: &Plan) -> Result<(), Refusal> {
    if plan.version == PLAN_VERSION {
        return Ok(());
    }
    Err(Refusal::new(
        "plan_version",
        "plan",
        format!(
            "it is of version {}; this program makes and runs version {PLAN_VERSION}",
            plan.version
        ),
        "Make the plan again with this program.",
    ))
}

/// Reads every row and counts.
async fn count(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    inquiry: &Inquiry,
    cancel: &CancellationToken,
) -> Result<(rows::Tally, Duplicates), Error> {
    let table_shared = Arc::new(table.clone());
    let keys = Arc::new(Mutex::new(KeySet::new(inquiry.key_memory)));
    let checks = source::through(cloud, plan, table, cancel, || {
        rows::Check::new(
            &plan.copy.prefix,
            Arc::clone(&table_shared),
            Arc::clone(&keys),
            inquiry.show_values,
        )
    })
    .await?;
    let mut tally = rows::Tally::new(table.columns.len());
    for check in checks {
        tally.add(check.tally);
    }
    let duplicates = tokio::task::spawn_blocking(move || {
        let mut keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *keys, KeySet::new(1)).duplicates()
    })
    .await
    .map_err(|error| Error::from_join(&error))?
    .map_err(|error| crate::keys::spill_failed(&error))?;
    Ok((tally, duplicates))
}

async fn read_rows(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    capacity: Capacity,
    inquiry: &Inquiry,
    cancel: &CancellationToken,
) -> Result<(Vec<Finding>, Load), Error> {
    let (tally, duplicates) = count(cloud, plan, table, inquiry, cancel).await?;
    let found = explain(cloud, plan, table, tally, duplicates, inquiry, cancel).await?;
    let hottest = match found.hottest(table) {
        Some(top) if found.is_hot(table, capacity) => {
            let names = [table.key.partition.column.clone()];
            let wanted = [top.value.into()];
            find(
                cloud,
                plan,
                table,
                &names,
                &wanted,
                HashOf::Frequent,
                inquiry,
                cancel,
            )
            .await?
        }
        _ => Vec::new(),
    };
    let load = found.load(table);
    Ok((found.findings(table, capacity, hottest), load))
}

/// Where the key is none: the first rows that share one, and keys that are, or one that can be added.
async fn explain(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    tally: rows::Tally,
    duplicates: Duplicates,
    inquiry: &Inquiry,
    cancel: &CancellationToken,
) -> Result<Found, Error> {
    let mut found = Found {
        shared_keys: Vec::new(),
        other_keys: Vec::new(),
        addable: None,
        tally,
        duplicates,
    };
    if !found.duplicates.examples.is_empty() {
        let (names, hash_of) = if table.key.synthetic.is_some() {
            let every = table.columns.iter().map(|column| column.name.clone());
            (every.collect(), HashOf::Row)
        } else {
            (rows::key_columns(table), HashOf::Key)
        };
        let wanted = &found.duplicates.examples;
        found.shared_keys = find(cloud, plan, table, &names, wanted, hash_of, inquiry, cancel).await?;
    }
    // Where whole rows are identical, no column tells them apart either.
    if table.key.synthetic.is_none() && Found::refuses_key(&found.tally, &found.duplicates) {
        found.other_keys = another_key(cloud, &plan.copy, table, cancel).await?;
        if found.other_keys.is_empty() {
            found.addable = addable_key(cloud, plan, table, inquiry, cancel).await?;
        }
    }
    Ok(found)
}

/// The key that can be added to a table: the rows' digests where no row is identical to another one, else their places,
/// if the target holds nothing else.
async fn addable_key(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    inquiry: &Inquiry,
    cancel: &CancellationToken,
) -> Result<Option<SyntheticKey>, Error> {
    let name = SyntheticKey::free_name(&table.columns);
    let by_digest = TablePlan {
        key: Key::added(SyntheticKey::RowDigest, name),
        ..table.clone()
    };
    let (_, identical) = count(cloud, plan, &by_digest, inquiry, cancel).await?;
    Ok(match identical.rows {
        0 => Some(SyntheticKey::RowDigest),
        _ => table.existing.is_refuse().then_some(SyntheticKey::RowPlace),
    })
}

/// Reads the columns `names` once more, for the rows that hashes stand for.
#[expect(
    clippy::too_many_arguments,
    reason = "what is read, what is looked for, and how it may be told"
)]
async fn find(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    names: &[String],
    wanted: &[KeyHash],
    hash_of: HashOf,
    inquiry: &Inquiry,
    cancel: &CancellationToken,
) -> Result<Vec<Example>, Error> {
    let bucket = bucket_of(&plan.copy);
    let columns: Vec<Column> = table
        .columns
        .iter()
        .filter(|column| names.contains(&column.name))
        .cloned()
        .collect();
    let prefix = &plan.copy.prefix;
    let mut work = FindKeys::new(prefix, columns, names, wanted, hash_of, inquiry.show_values);
    for object in &table.objects {
        let mut stretch = Stretch::whole(cloud, &bucket, object);
        stretch.columns = Some(names.to_vec());
        work = read::through(&stretch, Some(&object.row_groups), cancel, work).await?;
        if work.is_done() {
            break;
        }
    }
    Ok(work.examples())
}
