//! Executing a run under its lease.

use std::sync::Arc;
use std::time::Duration;

use recovery::course::Sample;
use recovery::ids::RunId;
use recovery::plan::Plan;
use recovery::run::{Outcome, Pause, Phase, Run};
use restore::{Progress, TableResult};
use tokio::time::{Instant, interval, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use super::checkpoints::TableCheckpoints;
use super::end::End;
use super::thaw::Waited;
use crate::Workflow;
use crate::control::{Lease, Record};
use crate::error::Result;

/// How often progress is shown to watchers of this process.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// How often progress is recorded, and the record looked at for somebody who cancels.
const RECORD_EVERY: Duration = Duration::from_secs(1);

/// How often the engine is begun anew, from its checkpoints, after a fault that its own retries did not outlast.
const ATTEMPTS_MAX: u32 = 3;

/// Pause before it is begun anew.
const PAUSE: Duration = Duration::from_secs(5);

/// Why the work on a run stopped before the run ended.
pub(super) enum Left {
    /// Another process has it now.
    Lost,
    /// This process is stopping; the next one goes on.
    Stopped,
    /// Somebody pauses it.
    Paused,
    /// Its copy is being thawed.
    Thawing,
}

/// A run under execution.
struct Execution<'a> {
    workflow: &'a Workflow,
    record: Record<Run>,
    lease: &'a mut Lease,
    /// Ends the engine's work.
    cancel: CancellationToken,
    shown: Counted,
}

/// What was counted into the metrics already.
#[derive(Default)]
struct Counted {
    items: u64,
    retries: u64,
}

impl Workflow {
    /// Executes a run whose lease is held, and gives the lease back.
    pub(super) async fn execute_leased(&self, id: &RunId, mut lease: Lease, stop: &CancellationToken) {
        let outcome = self.execute_run(id, &mut lease, stop).await;
        self.shared.runs.end(id);
        match outcome {
            Ok(Some(Left::Lost)) => {
                tracing::warn!(run = %id, "another process has taken this restore over");
                return;
            }
            Ok(Some(Left::Paused)) => tracing::info!(run = %id, "the restore rests"),
            Ok(Some(Left::Thawing)) => tracing::debug!(run = %id, "the restore waits for a thaw"),
            Ok(Some(Left::Stopped)) => tracing::info!(run = %id, "leaving the restore to the next process"),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(run = %id, %error, "the restore cannot be recorded; it is taken up again");
                // Whoever takes it up next, this process included, waits a little.
                sleep(PAUSE).await;
            }
        }
        if let Err(error) = self.shared.leases.give_back(lease).await {
            tracing::warn!(run = %id, %error, "a lease could not be given back; it ends by itself");
        }
    }

    async fn execute_run(
        &self,
        id: &RunId,
        lease: &mut Lease,
        stop: &CancellationToken,
    ) -> Result<Option<Left>> {
        let mut record = self.run_record(id).await?;
        if record.value.outcome.is_some() {
            self.close_run(&record.value, true).await?;
            return Ok(None);
        }
        let waits = record.value.waits_for_thaw();
        if waits {
            let waited = tokio::select! {
                waited = Box::pin(self.await_thaw(&mut record)) => waited?,
                () = self.keep_lease(lease) => return Ok(Some(Left::Lost)),
                () = stop.cancelled() => return Ok(Some(Left::Stopped)),
            };
            match waited {
                Waited::Over => {}
                Waited::Left(left) => return Ok(Some(left)),
                Waited::Ended => return Ok(None),
            }
        }
        let plan = match self.stored_plan(id).await {
            Ok(plan) => Arc::new(plan),
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => {
                let end = End::failed(format!("its plan cannot be read: {error}"), error.hint());
                self.end_run(&mut record, end).await?;
                return Ok(None);
            }
        };
        // Recorded before anything is done, so that whoever comes after this process knows that it had begun. A run that
        // is to rest before anybody works on it is only told so.
        while record.value.pause == Pause::None || record.value.cancel_requested {
            if record.value.phase == Phase::Queued {
                record.value.enter(Phase::Checking, self.now());
            } else if !waits {
                record.value.resumed += 1;
            }
            if self.save_run(&mut record).await? {
                if record.value.resumed > 0 {
                    tracing::info!(run = %id, "going on with a restore that another process began");
                }
                break;
            }
        }
        let cancel = CancellationToken::new();
        self.shared.runs.begin(&record.value, cancel.clone());
        let mut execution = Execution {
            workflow: self,
            record,
            lease,
            cancel,
            shown: Counted::default(),
        };
        execution.run(&plan, stop).await
    }
}

impl Execution<'_> {
    async fn run(&mut self, plan: &Arc<Plan>, stop: &CancellationToken) -> Result<Option<Left>> {
        let mut attempt = 1;
        loop {
            let outcome = match self.attempt(plan, stop).await? {
                Ok(outcome) => outcome,
                Err(Left::Paused) => {
                    self.rest().await?;
                    return Ok(Some(Left::Paused));
                }
                Err(left) => return Ok(Some(left)),
            };
            let mut end = match outcome {
                Ok(results) => End::of_results(&mut self.record.value, &results),
                Err(restore::Error::Cancelled) if self.record.value.cancel_requested => End::cancelled(),
                Err(error) if error.is_transient() && attempt < ATTEMPTS_MAX => {
                    tracing::warn!(run = %self.record.value.run_id, %error, attempt, "beginning anew from the checkpoints");
                    attempt += 1;
                    sleep(PAUSE).await;
                    continue;
                }
                Err(error) => End::failed(error.to_string(), error.hint()),
            };
            if end.outcome != Outcome::Proven {
                // Nobody goes on with an ended run, so what it put into S3 for imports is of no use any more.
                let checkpoints = self.checkpoints();
                let cloud = &self.workflow.shared.cloud;
                end.leaves(restore::leave_work(cloud, plan, &checkpoints).await);
            }
            self.workflow.end_run(&mut self.record, end).await?;
            return Ok(None);
        }
    }

    fn checkpoints(&self) -> TableCheckpoints {
        TableCheckpoints {
            control: self.workflow.shared.control.clone(),
            run: self.record.value.run_id.clone(),
        }
    }

    /// Records that nobody works on it any more. Somebody may have resumed it meanwhile: then it is taken up again.
    async fn rest(&mut self) -> Result<()> {
        while self.record.value.pause == Pause::Asked {
            self.record.value.pause = Pause::Paused;
            if self.workflow.save_run(&mut self.record).await? {
                self.workflow.shared.runs.show(&self.record.value);
            }
        }
        Ok(())
    }

    /// The engine at work, its progress shown and recorded, the lease kept.
    async fn attempt(
        &mut self,
        plan: &Arc<Plan>,
        stop: &CancellationToken,
    ) -> Result<std::result::Result<std::result::Result<Vec<TableResult>, restore::Error>, Left>> {
        let cancel = self.cancel.child_token();
        if self.record.value.cancel_requested {
            cancel.cancel();
            return Ok(Ok(Err(restore::Error::Cancelled)));
        }
        if self.record.value.pause != Pause::None {
            return Ok(Err(Left::Paused));
        }
        let progress = Arc::new(Progress::new(plan));
        let checkpoints = self.checkpoints();
        let cloud = self.workflow.shared.cloud.clone();
        // A task of its own, so that it goes on while progress is recorded here. It ends with this call.
        let mut engine = AbortOnDropHandle::new(tokio::spawn({
            let (plan, progress, cancel) = (Arc::clone(plan), Arc::clone(&progress), cancel.clone());
            async move { restore::execute(&cloud, &plan, &checkpoints, &progress, cancel).await }
                .in_current_span()
        }));
        let mut show = interval(SHOW_EVERY);
        let mut record_at = Instant::now() + RECORD_EVERY;
        let renew_every = self.workflow.shared.leases.lasts() / 4;
        let mut renew_at = Instant::now() + renew_every;
        let mut recorded = self.record.value.clone();
        loop {
            tokio::select! {
                outcome = &mut engine => {
                    let outcome =
                        outcome.unwrap_or_else(|error| Err(restore::Error::Worker(error.to_string())));
                    self.sample(&progress);
                    let is_cancelled = matches!(outcome, Err(restore::Error::Cancelled));
                    if is_cancelled {
                        // Only the record says whether somebody asked for it.
                        self.reread(&cancel).await?;
                    }
                    if is_cancelled && stop.is_cancelled() && !self.record.value.cancel_requested {
                        return Ok(Err(Left::Stopped));
                    }
                    if is_cancelled && !self.record.value.cancel_requested {
                        return Ok(Err(Left::Paused));
                    }
                    return Ok(Ok(outcome));
                }
                () = stop.cancelled(), if !cancel.is_cancelled() => cancel.cancel(),
                _ = show.tick() => {
                    self.sample(&progress);
                    self.workflow.shared.runs.show(&self.record.value);
                    // A cancellation or a pause through this process ends the work before its record is read.
                    let is_known = self.record.value.cancel_requested || self.record.value.pause != Pause::None;
                    if self.cancel.is_cancelled() && !is_known {
                        self.reread(&cancel).await?;
                    }
                    if Instant::now() >= renew_at {
                        renew_at = Instant::now() + renew_every;
                        if !self.renew().await {
                            return Ok(Err(Left::Lost));
                        }
                    }
                    if Instant::now() >= record_at {
                        record_at = Instant::now() + RECORD_EVERY;
                        if self.record.value == recorded {
                            self.reread(&cancel).await?;
                        } else if !self.keep(&cancel).await? {
                            return Ok(Err(Left::Lost));
                        }
                        recorded = self.record.value.clone();
                    }
                }
            }
        }
    }

    /// Takes the engine's counters into the run. Phases only go forward: a run that is taken up again checks and
    /// creates in a moment what it had checked and created.
    fn sample(&mut self, progress: &Progress) {
        let now = self.workflow.now();
        let run = &mut self.record.value;
        let place = |phase: Phase| Phase::ALL.iter().position(|known| *known == phase);
        let phase = progress.phase();
        if phase != Phase::Ended && place(phase) > place(run.phase) {
            run.enter(phase, now);
        }
        let counts = progress.tables();
        let before: u64 = run
            .tables
            .iter()
            .map(|table| table.items_written + table.items_read_back)
            .sum();
        for copy in progress.copies() {
            if !run.went_on_from.contains(&copy) {
                run.went_on_from.push(copy);
            }
        }
        for (table, counts) in run.tables.iter_mut().zip(counts) {
            counts.show(table);
        }
        let after: u64 = run
            .tables
            .iter()
            .map(|table| table.items_written + table.items_read_back)
            .sum();
        if before != after {
            let phase = run.phase;
            run.enter(phase, now);
        }
        run.course.add(Sample {
            seconds: run.seconds,
            written: run.items_written(),
            read_back: run.tables.iter().map(|table| table.items_read_back).sum(),
            retries: run.tables.iter().map(|table| table.retries).sum(),
        });
        self.count();
    }

    fn count(&mut self) {
        let items: u64 = self.record.value.items_written();
        let retries: u64 = self.record.value.tables.iter().map(|table| table.retries).sum();
        let (more_items, more_retries) = (
            items.saturating_sub(self.shown.items),
            retries.saturating_sub(self.shown.retries),
        );
        self.shown = Counted {
            items: items.max(self.shown.items),
            retries: retries.max(self.shown.retries),
        };
        self.workflow.shared.meter.count(|metrics| {
            metrics.items_written += more_items;
            metrics.retries += more_retries;
        });
    }

    /// Records progress. `false`: the run was ended by another process.
    async fn keep(&mut self, cancel: &CancellationToken) -> Result<bool> {
        let sampled = self.record.value.clone();
        match self.workflow.save_run(&mut self.record).await {
            Ok(true) => Ok(true),
            Ok(false) => {
                // Somebody cancels or pauses it. Everything else in the record is ours to say.
                let theirs = self.record.value.clone();
                self.record.value = sampled;
                self.record.value.cancel_requested = theirs.cancel_requested;
                self.record.value.pause = theirs.pause;
                self.record.value.resumed = theirs.resumed;
                if theirs.cancel_requested || theirs.pause != Pause::None {
                    cancel.cancel();
                }
                Ok(theirs.outcome.is_none())
            }
            // Progress that is not recorded now is recorded later; the checkpoints do not depend on it.
            Err(error) if error.is_transient() => {
                tracing::warn!(run = %self.record.value.run_id, %error, "progress could not be recorded");
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    /// Looks whether somebody cancels or pauses it.
    async fn reread(&mut self, cancel: &CancellationToken) -> Result<()> {
        match self.workflow.run_record(&self.record.value.run_id).await {
            Ok(theirs) => {
                self.record.version = theirs.version;
                self.record.value.cancel_requested |= theirs.value.cancel_requested;
                self.record.value.pause = theirs.value.pause;
                if self.record.value.cancel_requested || self.record.value.pause != Pause::None {
                    cancel.cancel();
                }
                Ok(())
            }
            Err(error) if error.is_transient() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Keeps the lease. `false`: it is lost, or may be.
    async fn renew(&mut self) -> bool {
        match self.workflow.shared.leases.renew(self.lease).await {
            Ok(is_ours) => is_ours,
            Err(error) => {
                tracing::warn!(run = %self.record.value.run_id, %error, "a lease could not be renewed");
                !self.lease.may_be_lost()
            }
        }
    }
}
