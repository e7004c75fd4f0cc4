//! Batches on their way to DynamoDB: sent, sent again, slowed down.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws::dynamodb::{Item, PutBatch, SinglePut, TableRef};
use aws::{Cloud, ErrorKind};
use recovery::plan::Plan;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::gate::Gate;
use crate::import::is_imported;
use crate::memory::Memory;
use crate::progress::TableProgress;
use crate::rate::Rate;
use crate::targets::table_ref;
use crate::{Error, Tuning, retry};

/// The first pause after a throttle; it doubles from there.
const PAUSE_BASE: Duration = Duration::from_millis(25);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// How often a table's capacity is looked at: somebody may raise it, or AWS by autoscaling.
const FOLLOW_EVERY: Duration = Duration::from_secs(30);

/// MiB of batches on their way, over all units, as the JSON that they are.
const BATCHES_MIB: u32 = 16;

/// MiB of row groups that are being read, over all units, as they lie in S3.
const ROW_GROUPS_MIB: u32 = 16;

/// Sends batches of any table, with a bound over all of them and an adaptive one for each table.
#[derive(Clone, Debug)]
pub struct Writer {
    cloud: Cloud,
    in_flight: Arc<Semaphore>,
    pub(crate) batches: Memory,
    pub(crate) row_groups: Memory,
    tables: Arc<Vec<Bounds>>,
    pub(crate) give_up_after: Duration,
}

/// What bounds the writing of one table.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    gate: Arc<Gate>,
    rate: Arc<Rate>,
}

/// What one unit has written so far.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) items: AtomicU64,
    /// Items that stay where they were.
    pub(crate) kept: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) retries: AtomicU64,
}

/// What a batch is written for.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub(crate) bounds: Bounds,
    pub(crate) progress: Arc<TableProgress>,
    pub(crate) written: Arc<Written>,
}

impl Writer {
    /// A writer for the tables of a plan.
    pub fn new(cloud: &Cloud, plan: &Plan, tuning: &Tuning) -> Self {
        let max = tuning.requests_in_flight.max(1);
        let bounds = |table| Bounds {
            gate: Gate::new(tuning.requests_at_start, max),
            rate: Arc::new(Rate::new(table, table.capacity)),
        };
        Self {
            cloud: cloud.clone(),
            in_flight: Arc::new(Semaphore::new(max)),
            batches: Memory::mib(BATCHES_MIB),
            row_groups: Memory::mib(ROW_GROUPS_MIB),
            tables: Arc::new(plan.tables.iter().map(bounds).collect()),
            give_up_after: tuning.give_up_after,
        }
    }

    /// The bounds of a planned table.
    pub(crate) fn bounds(&self, table: u32) -> Option<Bounds> {
        self.tables.get(table as usize).cloned()
    }

    /// Follows the write capacity that the tables really have, for as long as it is awaited.
    pub(crate) async fn follow_capacity(&self, plan: &Plan) -> std::convert::Infallible {
        loop {
            for (table, bounds) in plan.tables.iter().zip(self.tables.iter()) {
                // An import uses no capacity. What cannot be looked at now is looked at the next time.
                if !is_imported(table)
                    && let Ok(found) = self.cloud.describe_table(&table_ref(plan, table)).await
                {
                    bounds.rate.follow(table, found.capacity);
                }
            }
            tokio::time::sleep(FOLLOW_EVERY).await;
        }
    }

    /// Sends a batch until every item of it is acknowledged.
    ///
    /// Unprocessed items, throttles and faults are sent again after a growing, jittered pause, until no item has been
    /// taken for too long. Sending an item again is harmless: it is the same item under the same key.
    pub(crate) async fn put(
        &self,
        to: &Destination,
        batch: PutBatch,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let mut pending = batch;
        let mut patience = Patience::new();
        loop {
            let request = Request {
                table: pending.table(),
                items: pending.items() as u64,
                write_units: pending.write_units(),
            };
            let call = || self.cloud.batch_write(&pending);
            let answer = self.answered(to, &request, &mut patience, cancel, call).await?;
            let (left_items, left_bytes) = answer
                .unprocessed
                .as_ref()
                .map_or((0, 0), |left| (left.items(), left.item_bytes()));
            let taken = pending.items().saturating_sub(left_items) as u64;
            to.add(taken, pending.item_bytes().saturating_sub(left_bytes));
            let Some(left) = answer.unprocessed else {
                to.bounds.gate.succeeded();
                return Ok(());
            };
            to.bounds.gate.throttled();
            if taken > 0 {
                patience = Patience::new();
            }
            let request = Request {
                items: left.items() as u64,
                ..request
            };
            self.pause(to, &request, &mut patience, "items came back unprocessed", cancel)
                .await?;
            pending = left;
        }
    }

    /// Sends a put until it is answered, and gives what its key held before. What was put is for the caller to count.
    pub(crate) async fn put_single(
        &self,
        to: &Destination,
        put: &SinglePut,
        cancel: &CancellationToken,
    ) -> Result<Option<Item>, Error> {
        let request = Request {
            table: put.table(),
            items: 1,
            write_units: put.write_units(),
        };
        let call = || self.cloud.put_single(put);
        let before = self
            .answered(to, &request, &mut Patience::new(), cancel, call)
            .await?;
        to.bounds.gate.succeeded();
        Ok(before)
    }

    /// Makes a request, under every bound, until it is answered.
    async fn answered<T, F>(
        &self,
        to: &Destination,
        request: &Request<'_>,
        patience: &mut Patience,
        cancel: &CancellationToken,
        call: impl Fn() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, aws::Error>>,
    {
        loop {
            let outcome = {
                let calling = async {
                    to.bounds.rate.spend(request.write_units).await;
                    let _leave = to.bounds.gate.enter().await;
                    let _bound = self.in_flight.acquire().await;
                    call().await
                };
                tokio::select! {
                    () = cancel.cancelled() => return Err(Error::Cancelled),
                    outcome = calling => outcome,
                }
            };
            let error = match outcome {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if error.kind == ErrorKind::Throttled {
                to.bounds.gate.throttled();
            } else if !error.is_transient() {
                return Err(error.into());
            }
            self.pause(to, request, patience, &error.to_string(), cancel)
                .await?;
        }
    }

    /// Waits before a request is made again, unless DynamoDB has taken nothing for too long.
    async fn pause(
        &self,
        to: &Destination,
        request: &Request<'_>,
        patience: &mut Patience,
        cause: &str,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let waited = patience.since.elapsed();
        if waited > self.give_up_after {
            return Err(Error::Stalled {
                target: request.table.to_string(),
                seconds: waited.as_secs(),
                cause: cause.to_owned(),
            });
        }
        let attempt = patience.attempt;
        tracing::debug!(table = %request.table, items = request.items, attempt, cause, "sending again");
        to.retried(request.items);
        tokio::select! {
            () = cancel.cancelled() => return Err(Error::Cancelled),
            () = tokio::time::sleep(retry::pause(attempt, PAUSE_BASE, PAUSE_MAX)) => {}
        }
        patience.attempt += 1;
        Ok(())
    }
}

/// What a request writes.
struct Request<'a> {
    table: &'a TableRef,
    items: u64,
    write_units: u64,
}

/// How long nothing has been taken.
struct Patience {
    since: Instant,
    attempt: u32,
}

impl Patience {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            attempt: 0,
        }
    }
}

impl Destination {
    pub(crate) fn add(&self, items: u64, bytes: u64) {
        self.written.items.fetch_add(items, Ordering::Relaxed);
        self.written.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.progress.add_written(items, bytes);
    }

    /// Items that were there stay, in place of a row's.
    pub(crate) fn keep(&self, items: u64) {
        self.written.kept.fetch_add(items, Ordering::Relaxed);
        self.progress.add_kept(items);
    }

    fn retried(&self, items: u64) {
        self.written.retries.fetch_add(items, Ordering::Relaxed);
        self.progress.add_retries(items);
    }
}
