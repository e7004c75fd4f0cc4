//! The workers of one process: reconciler, events, re-checks, lifecycles, surveys, runs.

use std::time::Duration;

use futures::future::join;
use recovery::run::Pause;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::Workflow;
use crate::control::Lease;
use crate::error::Result;

/// The lease under which one process at a time reconciles and receives events.
const PIPELINE_LEASE: &str = "pipeline";

/// How often active runs are looked for that nobody executes.
const LOOK_FOR_RUNS_EVERY: Duration = Duration::from_secs(1);

/// How often verified copies are looked for that are due for a re-check.
const RECHECK_EVERY: Duration = Duration::from_mins(1);

/// How long after its start a server first follows the lifecycles of copies: what there is has been looked at by then.
const LIFECYCLE_AFTER: Duration = Duration::from_mins(5);

/// How often our buckets are looked into for exports that the catalogue does not know.
const SURVEY_EVERY: Duration = Duration::from_hours(1);

/// How often it is kept what plans and vaults show of policies.
const OBSERVE_EVERY: Duration = Duration::from_hours(1);

/// How long one receive waits for messages.
const RECEIVE_WAIT: Duration = Duration::from_secs(10);

/// Pause after a receive that failed, or where there are no queues.
const RECEIVE_PAUSE: Duration = Duration::from_secs(5);

/// At least so long between two passes, however many events come.
const PASS_SPACING: Duration = Duration::from_millis(500);

/// How long runs may take to stop: requests under way are answered first.
const STOP_PATIENCE: Duration = Duration::from_secs(20);

impl Workflow {
    /// Reconciles, receives events and executes runs until `stop` is cancelled; then lets go of its leases.
    ///
    /// Several processes may do so at once: one of them reconciles, and each run is executed by one.
    pub async fn run_workers(&self, stop: CancellationToken) {
        join(
            Box::pin(self.pipeline_worker(&stop)),
            Box::pin(self.run_worker(&stop)),
        )
        .await;
    }

    async fn pipeline_worker(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let lease = match self.shared.leases.try_take(PIPELINE_LEASE).await {
                Ok(lease) => lease,
                Err(error) => {
                    tracing::warn!(%error, "the pipeline's lease could not be asked for");
                    None
                }
            };
            let Some(mut lease) = lease else {
                pause(stop, self.shared.leases.lasts() / 4).await;
                continue;
            };
            tracing::info!("this process reconciles");
            let is_held = tokio::select! {
                () = self.keep_lease(&mut lease) => false,
                () = self.reconcile_forever() => true,
                () = self.receive_forever() => true,
                () = self.recheck_forever() => true,
                () = self.follow_lifecycles_forever() => true,
                () = self.survey_forever() => true,
                () = self.observe_policies_forever() => true,
                () = stop.cancelled() => true,
            };
            if is_held && let Err(error) = self.shared.leases.give_back(lease).await {
                tracing::warn!(%error, "the pipeline's lease could not be given back; it ends by itself");
            }
        }
    }

    /// Renews a lease until it is lost.
    pub(crate) async fn keep_lease(&self, lease: &mut Lease) {
        loop {
            sleep(self.shared.leases.lasts() / 4).await;
            match self.shared.leases.renew(lease).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "a lease could not be renewed");
                    if lease.may_be_lost() {
                        break;
                    }
                }
            }
        }
        tracing::warn!("a lease is lost; another process may do now what it guards");
    }

    async fn reconcile_forever(&self) {
        loop {
            match self.reconcile().await {
                Ok(done) => tracing::debug!(?done, "a pass of the reconciler"),
                Err(error) => tracing::error!(%error, "a pass of the reconciler failed"),
            }
            sleep(PASS_SPACING.min(self.settings().reconcile_every)).await;
            let rest = self.settings().reconcile_every.saturating_sub(PASS_SPACING);
            // An event, or the end of the interval: the reconciler looks in either case.
            let _ = timeout(rest, self.shared.pipeline.wake.notified()).await;
        }
    }

    async fn receive_forever(&self) {
        loop {
            let counts = self.receive_events(RECEIVE_WAIT).await;
            if !counts.errors.is_empty() || self.settings().queues.is_empty() {
                sleep(RECEIVE_PAUSE).await;
            }
        }
    }

    async fn recheck_forever(&self) {
        loop {
            sleep(RECHECK_EVERY).await;
            match self.recheck().await {
                Ok(done) => tracing::debug!(?done, "verified copies were checked again"),
                Err(error) => tracing::warn!(%error, "verified copies could not be checked again"),
            }
        }
    }

    async fn follow_lifecycles_forever(&self) {
        let every = Duration::try_from(self.settings().copies.lifecycle_every).unwrap_or(Duration::MAX);
        sleep(every.min(LIFECYCLE_AFTER)).await;
        loop {
            match Box::pin(self.follow_lifecycles()).await {
                Ok(went) => tracing::debug!(?went, "followed the lifecycles of copies"),
                Err(error) => tracing::warn!(%error, "the lifecycles of copies could not be followed"),
            }
            sleep(every).await;
        }
    }

    async fn survey_forever(&self) {
        while !self.shared.pipeline.has_passed() {
            sleep(PASS_SPACING).await;
        }
        loop {
            match self.survey_buckets().await {
                Ok(done) => tracing::debug!(?done, "our buckets were looked into"),
                Err(error) => tracing::warn!(%error, "our buckets could not be looked into"),
            }
            sleep(SURVEY_EVERY).await;
        }
    }

    async fn observe_policies_forever(&self) {
        loop {
            match Box::pin(self.observe_policies()).await {
                Ok(policies) => tracing::debug!(policies, "kept what plans and vaults show of policies"),
                Err(error) => {
                    tracing::warn!(%error, "what plans and vaults show of policies could not be kept");
                }
            }
            sleep(OBSERVE_EVERY).await;
        }
    }

    async fn run_worker(&self, stop: &CancellationToken) {
        let mut runs = JoinSet::new();
        while !stop.is_cancelled() {
            if let Err(error) = self.take_up_runs(stop, &mut runs).await {
                tracing::warn!(%error, "active restores could not be looked for");
            }
            while let Some(ended) = runs.try_join_next() {
                report(ended);
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.shared.runs.wake.notified() => {}
                () = sleep(LOOK_FOR_RUNS_EVERY) => {}
            }
        }
        let all = async {
            while let Some(ended) = runs.join_next().await {
                report(ended);
            }
        };
        if timeout(STOP_PATIENCE, all).await.is_err() {
            tracing::warn!(
                "leaving restores behind that did not stop in time; the next process takes them over"
            );
        }
    }

    /// Takes up active runs that nobody executes, as many as this process may.
    async fn take_up_runs(&self, stop: &CancellationToken, runs: &mut JoinSet<()>) -> Result<()> {
        let active = self.active_runs().await?;
        let names: Vec<String> = active
            .iter()
            .map(lease_name)
            .chain([PIPELINE_LEASE.to_owned()])
            .collect();
        self.shared.leases.watch_only(&names);
        for id in active {
            // A run counts from the moment at which its task is spawned, before it shows itself.
            if runs.len().max(self.shared.runs.executing()) >= self.settings().runs_at_once {
                break;
            }
            if self.shared.runs.is_executing(&id) {
                continue;
            }
            let run = self.run(&id).await?;
            if run.pause == Pause::Paused && !run.cancel_requested {
                continue;
            }
            if self.still_thaws(&run).await? {
                continue;
            }
            let Some(lease) = self.shared.leases.try_take(&lease_name(&id)).await? else {
                continue;
            };
            let (workflow, stop) = (self.clone(), stop.clone());
            runs.spawn(async move { workflow.execute_leased(&id, lease, &stop).await });
        }
        Ok(())
    }
}

fn lease_name(id: &recovery::ids::RunId) -> String {
    format!("run-{id}")
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a restore's task broke off; its lease ends by itself");
    }
}

async fn pause(stop: &CancellationToken, duration: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = sleep(duration) => {}
    }
}
