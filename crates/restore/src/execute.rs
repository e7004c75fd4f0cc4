//! A run: targets, units, proof.

use std::collections::BTreeMap;
use std::time::Duration;

use aws::Cloud;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use recovery::differences::{DIFFERENCES_MAX, Differences};
use recovery::digest::TableDigest;
use recovery::ids::{TableName, TargetName};
use recovery::plan::{Plan, Unit};
use recovery::run::{HeldBefore, Phase};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::existing::{self, look_before};
use crate::fallback::{Source, is_copy_lost};
use crate::import::{self, import_table, is_imported};
use crate::plan::planned;
use crate::preflight::check_version;
use crate::unit::execute_unit_from;
use crate::{
    Checkpoints, Error, Progress, Recorded, Refusal, TableSum, UnitBefore, UnitResult, Writer, concurrent,
    create_targets, find_differences, prove_table,
};

/// How a run uses the machine and AWS. None of it changes what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// Units under way at once.
    pub units_in_flight: usize,
    /// BatchWriteItem requests in flight at once, over all tables.
    pub requests_in_flight: usize,
    /// Requests in flight to each table at first; it adapts from there.
    pub requests_at_start: usize,
    /// Scan segments read at once.
    pub segments_in_flight: usize,
    /// How long DynamoDB may take nothing of a batch, or answer no page, until the run gives up.
    pub give_up_after: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            units_in_flight: 4,
            requests_in_flight: 64,
            requests_at_start: 16,
            segments_in_flight: 4,
            give_up_after: Duration::from_mins(5),
        }
    }
}

/// What became of one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableResult {
    /// `db.table` in the copy.
    pub source: TableName,
    /// The DynamoDB table.
    pub target: TargetName,
    /// Rows read.
    pub rows_read: u64,
    /// Items acknowledged.
    pub items_written: u64,
    /// Bytes of those items, by DynamoDB's item size rules.
    pub bytes_written: u64,
    /// What the rows' keys held before the run, where the plan allows that they hold anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_before: Option<HeldBefore>,
    /// Items that were sent again after a throttle or a fault.
    pub retries: u64,
    /// Digest of the copy's rows.
    pub digest_source: TableDigest,
    /// Digest of what DynamoDB holds.
    pub digest_target: TableDigest,
    /// Where the digests differ: the rows that do.
    #[serde(default)]
    pub differences: Option<Differences>,
}

impl TableResult {
    /// Whether DynamoDB holds the rows of the copy, all of them, unaltered, and nothing else. Of a plan that allows for
    /// items that were there before: all rows but those that gave way, and whatever else.
    pub fn is_proven(&self) -> bool {
        self.digest_source == self.digest_target
    }
}

/// Imports under way at once. AWS allows an account 50.
const IMPORTS_IN_FLIGHT: usize = 16;

/// How often a unit is begun anew after a fault that its own retries did not outlast.
const UNIT_ATTEMPTS_MAX: u32 = 3;

/// Runs `plan`, from the beginning or from what `checkpoints` hold, and proves it.
///
/// It makes no choices and asks no questions: preflight comes before. It returns when every row has been written, read
/// back and digested; whether the digests are equal is [`TableResult::is_proven`]. After an error or a cancellation, the
/// same call goes on with the units that have not been recorded.
pub async fn execute(
    cloud: &Cloud,
    plan: &Plan,
    checkpoints: &dyn Checkpoints,
    progress: &Progress,
    cancel: CancellationToken,
) -> Result<Vec<TableResult>, Error> {
    execute_tuned(cloud, plan, checkpoints, progress, cancel, &Tuning::default()).await
}

/// The same, tuned.
pub async fn execute_tuned(
    cloud: &Cloud,
    plan: &Plan,
    checkpoints: &dyn Checkpoints,
    progress: &Progress,
    cancel: CancellationToken,
    tuning: &Tuning,
) -> Result<Vec<TableResult>, Error> {
    progress.enter(Phase::Checking);
    check_version(plan)?;
    let mut recorded = checkpoints.load().await?;
    let units = plan.units();
    check_recorded(&units, &recorded)?;

    progress.enter(Phase::CreatingTables);
    create_targets(cloud, plan, checkpoints, &recorded, &cancel).await?;

    progress.enter(Phase::Writing);
    let mut source = Source::new(plan);
    let mut sums = loop {
        let reads = source.plan();
        let open = units.clone();
        match write_units(
            cloud, plan, reads, open, &recorded, checkpoints, progress, &cancel, tuning,
        )
        .await
        {
            Err(error) if is_copy_lost(&error) => source.go_on(cloud, error, progress, &cancel).await?,
            done => break done?,
        }
        recorded = checkpoints.load().await?;
    };
    let imported = imported(plan);
    let items = concurrent::ordered(imported.len(), IMPORTS_IN_FLIGHT, |position| {
        let (table, recorded, cancel) = (imported[position], &recorded, &cancel);
        let counters = progress.table(table);
        async move { import_table(cloud, plan, table, checkpoints, recorded, &counters, cancel).await }
    })
    .await?;
    for (table, items) in imported.iter().zip(items) {
        let sum = sums.entry(*table).or_default();
        sum.items_written = items;
        progress.table(*table).add_written(0, sum.bytes_written);
    }

    progress.enter(Phase::Proving);
    let mut tables = Vec::new();
    let mut told = 0;
    for (index, _) in (0_u32..).zip(&plan.tables) {
        let sum = sums.remove(&index).unwrap_or_default();
        let left = DIFFERENCES_MAX - told;
        let result = loop {
            let reads = source.plan();
            match prove(cloud, reads, index, &sum, left, tuning, progress, &cancel).await {
                Err(error) if is_copy_lost(&error) => source.go_on(cloud, error, progress, &cancel).await?,
                done => break done?,
            }
        };
        told += result.differences.as_ref().map_or(0, |found| found.first.len());
        tables.push(result);
    }
    for table in imported {
        import::clear(cloud, plan, table).await;
    }
    progress.enter(Phase::Ended);
    Ok(tables)
}

/// Reads a table back and compares; where it differs, at most `told` rows are told by key.
#[expect(clippy::too_many_arguments, reason = "all of it is one run's own")]
async fn prove(
    cloud: &Cloud,
    plan: &Plan,
    index: u32,
    sum: &TableSum,
    told: usize,
    tuning: &Tuning,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<TableResult, Error> {
    let table = planned(plan, index)?;
    let digest_target = prove_table(cloud, plan, index, tuning, progress, cancel).await?;
    let digest_source = sum.hash.digest();
    let mut differences = None;
    if digest_source != digest_target {
        differences = Some(find_differences(cloud, plan, index, told, tuning, cancel).await?);
    }
    Ok(TableResult {
        source: table.source.clone(),
        target: table.target.clone(),
        rows_read: sum.rows_read,
        items_written: sum.items_written,
        bytes_written: sum.bytes_written,
        held_before: sum.held,
        retries: sum.retries,
        digest_source,
        digest_target,
        differences,
    })
}

/// The tables that come by import.
fn imported(plan: &Plan) -> Vec<u32> {
    (0_u32..)
        .zip(&plan.tables)
        .filter(|(_, table)| is_imported(table))
        .map(|(index, _)| index)
        .collect()
}

#[expect(clippy::too_many_arguments, reason = "all of it is one run's own")]
async fn write_units(
    cloud: &Cloud,
    plan: &Plan,
    reads: &Plan,
    units: Vec<Unit>,
    recorded: &Recorded,
    checkpoints: &dyn Checkpoints,
    progress: &Progress,
    cancel: &CancellationToken,
    tuning: &Tuning,
) -> Result<BTreeMap<u32, TableSum>, Error> {
    let writer = &Writer::new(cloud, plan, tuning);
    let mut sums = recorded.sums.clone();
    let imported = imported(plan);
    for (table, sum) in &sums {
        let counters = progress.table(*table);
        if imported.contains(table) {
            // Nothing of it is written yet.
            counters.add_rows(sum.rows_read);
        } else {
            counters.add_recorded(sum);
        }
    }
    let open = units
        .into_iter()
        .filter(|unit| !recorded.units.contains_key(&unit.index));
    let mut done = stream::iter(open)
        .map(|unit| async move {
            let before = recorded.before.get(&unit.index);
            let before =
                look_before_writing(cloud, reads, &unit, before, checkpoints, writer, cancel).await?;
            let result = execute_persistently(cloud, plan, reads, &unit, writer, progress, cancel).await?;
            let existing = planned(plan, unit.table)?.existing;
            let result = existing::settle(existing, &before, result);
            checkpoints.record_unit(&result).await?;
            Ok::<_, Error>(result)
        })
        .buffer_unordered(tuning.units_in_flight.max(1));
    let writing = async {
        while let Some(result) = done.try_next().await? {
            sums.entry(result.table).or_default().add(&result);
        }
        Ok(())
    };
    let outcome: Result<(), Error> = tokio::select! {
        outcome = writing => outcome,
        never = writer.follow_capacity(plan) => match never {},
    };
    drop(done);
    outcome.map(|()| sums)
}

/// What the unit's keys held before the run: as recorded, or looked at and recorded now.
async fn look_before_writing(
    cloud: &Cloud,
    plan: &Plan,
    unit: &Unit,
    recorded: Option<&UnitBefore>,
    checkpoints: &dyn Checkpoints,
    writer: &Writer,
    cancel: &CancellationToken,
) -> Result<UnitBefore, Error> {
    if let Some(before) = recorded {
        return Ok(before.clone());
    }
    let before = look_before(cloud, plan, unit, writer, cancel).await?;
    if !planned(plan, unit.table)?.existing.is_refuse() {
        checkpoints.record_before(&before).await?;
    }
    Ok(before)
}

async fn execute_persistently(
    cloud: &Cloud,
    plan: &Plan,
    reads: &Plan,
    unit: &Unit,
    writer: &Writer,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<UnitResult, Error> {
    let mut attempt = 1;
    loop {
        match execute_unit_from(cloud, plan, reads, unit, writer, progress, cancel).await {
            // Where there is another copy to go on from, one that cannot be read is not waited for.
            Err(error) if is_copy_lost(&error) && !plan.fallbacks.is_empty() => return Err(error),
            Err(error @ Error::Aws(_)) if error.is_transient() && attempt < UNIT_ATTEMPTS_MAX => {
                tracing::warn!(unit = unit.index, %error, attempt, "beginning the unit anew");
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

/// Records that do not fit the plan's units are of another plan.
fn check_recorded(units: &[Unit], recorded: &Recorded) -> Result<(), Refusal> {
    let fits = recorded.units.iter().all(|(index, rows)| {
        let unit = units.get(*index as usize);
        unit.is_some_and(|unit| unit.rows == *rows)
    });
    if fits {
        return Ok(());
    }
    Err(Refusal::new(
        "foreign_checkpoints",
        "checkpoints",
        "they record units that this plan does not have",
        "Begin a new run of this plan.",
    ))
}
