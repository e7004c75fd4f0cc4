//! Batches on their way to DynamoDB: sent, sent again, slowed down.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws::dynamodb::PutBatch;
use aws::{Cloud, ErrorKind};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::gate::Gate;
use crate::memory::Memory;
use crate::progress::TableProgress;
use crate::{Error, Tuning, retry};

/// The first pause after a throttle; it doubles from there.
const PAUSE_BASE: Duration = Duration::from_millis(25);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(5);

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
    gates: Arc<Vec<Arc<Gate>>>,
    give_up_after: Duration,
}

/// What one unit has written so far.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) items: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) retries: AtomicU64,
}

/// What a batch is written for.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub(crate) gate: Arc<Gate>,
    pub(crate) progress: Arc<TableProgress>,
    pub(crate) written: Arc<Written>,
}

impl Writer {
    /// A writer for a plan of `tables` tables.
    pub fn new(cloud: &Cloud, tables: usize, tuning: &Tuning) -> Self {
        let max = tuning.requests_in_flight.max(1);
        Self {
            cloud: cloud.clone(),
            in_flight: Arc::new(Semaphore::new(max)),
            batches: Memory::mib(BATCHES_MIB),
            row_groups: Memory::mib(ROW_GROUPS_MIB),
            gates: Arc::new(
                (0..tables)
                    .map(|_| Gate::new(tuning.requests_at_start, max))
                    .collect(),
            ),
            give_up_after: tuning.give_up_after,
        }
    }

    pub(crate) fn gate(&self, table: u32) -> Arc<Gate> {
        let gate = self.gates.get(table as usize);
        gate.map_or_else(|| Gate::new(1, 1), Arc::clone)
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
        let mut attempt = 0;
        let mut progress_at = Instant::now();
        loop {
            let outcome = {
                let _leave = to.gate.enter().await;
                let _bound = self.in_flight.acquire().await;
                tokio::select! {
                    () = cancel.cancelled() => return Err(Error::Cancelled),
                    outcome = self.cloud.batch_write(&pending) => outcome,
                }
            };
            let cause = match outcome {
                Ok(answer) => {
                    let (left_items, left_bytes) = answer
                        .unprocessed
                        .as_ref()
                        .map_or((0, 0), |left| (left.items(), left.item_bytes()));
                    let taken = pending.items().saturating_sub(left_items) as u64;
                    to.add(taken, pending.item_bytes().saturating_sub(left_bytes));
                    let Some(left) = answer.unprocessed else {
                        to.gate.succeeded();
                        return Ok(());
                    };
                    to.gate.throttled();
                    if taken > 0 {
                        progress_at = Instant::now();
                        attempt = 0;
                    }
                    pending = left;
                    "items came back unprocessed".to_owned()
                }
                Err(error) if error.kind == ErrorKind::Throttled => {
                    to.gate.throttled();
                    error.to_string()
                }
                Err(error) if error.is_transient() => error.to_string(),
                Err(error) => return Err(error.into()),
            };
            if progress_at.elapsed() > self.give_up_after {
                return Err(Error::Stalled {
                    target: pending.table().to_string(),
                    seconds: progress_at.elapsed().as_secs(),
                    cause,
                });
            }
            tracing::debug!(table = %pending.table(), items = pending.items(), attempt, cause, "sending again");
            to.retried(pending.items() as u64);
            tokio::select! {
                () = cancel.cancelled() => return Err(Error::Cancelled),
                () = tokio::time::sleep(retry::pause(attempt, PAUSE_BASE, PAUSE_MAX)) => {}
            }
            attempt += 1;
        }
    }
}

impl Destination {
    fn add(&self, items: u64, bytes: u64) {
        self.written.items.fetch_add(items, Ordering::Relaxed);
        self.written.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.progress.add_written(items, bytes);
    }

    fn retried(&self, items: u64) {
        self.written.retries.fetch_add(items, Ordering::Relaxed);
        self.progress.add_retries(items);
    }
}
