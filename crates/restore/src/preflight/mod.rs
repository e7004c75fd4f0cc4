//! What is found over a plan before anything is written: every row is read, nothing is changed.

mod findings;
mod rows;
mod target;
mod way;

pub(crate) use target::key_difference;

use std::sync::{Arc, Mutex, PoisonError};

use aws::Cloud;
use recovery::plan::{PLAN_VERSION, Plan, TablePlan};
use recovery::preflight::{Finding, Preflight, Severity};
use tokio_util::sync::CancellationToken;

use crate::inspect::bucket_of;
use crate::keys::KeySet;
use crate::read::{self, Stretch};
use crate::{Error, Refusal, concurrent};

/// Objects of one table read at once.
const OBJECTS_IN_FLIGHT: usize = 4;

/// The bounds of a preflight.
#[derive(Clone, Copy, Debug)]
pub struct PreflightLimits {
    /// Bytes of key hashes of one table in memory; beyond them they lie in a temporary file.
    pub key_memory: usize,
}

impl Default for PreflightLimits {
    fn default() -> Self {
        Self {
            key_memory: KeySet::MEMORY_DEFAULT,
        }
    }
}

/// Reads every row of the plan and looks at its targets.
///
/// Each table's keys are proven unique, present and short enough, each value representable, each item small enough, each
/// target free and of the right key. What speaks against the restore is a finding and not an error; an error means that
/// something could not be looked at.
pub async fn preflight(cloud: &Cloud, plan: &Plan) -> Result<Preflight, Error> {
    let cancel = CancellationToken::new();
    preflight_within(cloud, plan, PreflightLimits::default(), &cancel).await
}

/// The same within other bounds, until `cancel`.
pub async fn preflight_within(
    cloud: &Cloud,
    plan: &Plan,
    limits: PreflightLimits,
    cancel: &CancellationToken,
) -> Result<Preflight, Error> {
    check_version(plan)?;
    let mut found = Vec::new();
    for table in &plan.tables {
        found.extend(target::look(cloud, plan, table).await?);
        found.extend(way::look(cloud, plan, table).await?);
        match read_rows(cloud, plan, table, limits, cancel).await {
            Ok(rows) => found.extend(rows),
            Err(Error::Refused(refusal)) => found.push(of_refusal(table, &refusal)),
            Err(other) => return Err(other),
        }
    }
    Ok(Preflight::new(found))
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

async fn read_rows(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    limits: PreflightLimits,
    cancel: &CancellationToken,
) -> Result<Vec<Finding>, Error> {
    let bucket = bucket_of(&plan.copy);
    let table_shared = Arc::new(table.clone());
    let keys = Arc::new(Mutex::new(KeySet::new(limits.key_memory)));
    let parts = concurrent::ordered(table.objects.len(), OBJECTS_IN_FLIGHT, |index| {
        let object = &table.objects[index];
        let stretch = Stretch::whole(cloud, &bucket, object);
        let work = rows::Check::new(Arc::clone(&table_shared), Arc::clone(&keys));
        async move {
            let work = read::through(&stretch, Some(&object.row_groups), cancel, work).await?;
            Ok::<_, Error>(work.tally)
        }
    })
    .await?;
    let mut tally = rows::Tally::new(table.columns.len());
    for part in parts {
        tally.add(part);
    }
    let duplicates = tokio::task::spawn_blocking(move || {
        let mut keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *keys, KeySet::new(1)).duplicates()
    })
    .await
    .map_err(|error| Error::from_join(&error))?
    .map_err(|error| crate::keys::spill_failed(&error))?;
    let examples = if duplicates.examples.is_empty() {
        Vec::new()
    } else {
        find_examples(cloud, plan, table, &duplicates.examples, cancel).await?
    };
    Ok(findings::of_rows(table, &tally, &duplicates, examples))
}

/// Reads the keys once more, for the text of those that occur twice.
async fn find_examples(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    wanted: &[crate::keys::KeyHash],
    cancel: &CancellationToken,
) -> Result<Vec<String>, Error> {
    let bucket = bucket_of(&plan.copy);
    let mut work = rows::FindKeys::new(table, wanted);
    for object in &table.objects {
        let mut stretch = Stretch::whole(cloud, &bucket, object);
        stretch.columns = Some(rows::key_columns(table));
        work = read::through(&stretch, Some(&object.row_groups), cancel, work).await?;
        if work.is_done() {
            break;
        }
    }
    Ok(work.texts())
}

fn of_refusal(table: &TablePlan, refusal: &Refusal) -> Finding {
    Finding {
        severity: Severity::Blocks,
        code: refusal.code.to_owned(),
        table: Some(table.source.clone()),
        column: None,
        count: None,
        message: refusal.to_string(),
        hint: Some(refusal.hint.clone()),
        examples: Vec::new(),
    }
}
