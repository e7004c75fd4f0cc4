//! What this process remembers of runs: those that it executes, and plans whose preflight it made.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use recovery::ids::RunId;
use recovery::run::Run;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// A preflight counts for so long: the copy's objects are pinned by the plan, and targets are looked at again anyway.
const PREFLIGHT_LASTS: Duration = Duration::from_mins(15);

/// Plans that are remembered.
const PREFLIGHTS_MAX: usize = 256;

/// What one process remembers.
#[derive(Debug, Default)]
pub(crate) struct RunState {
    executing: Mutex<HashMap<RunId, Live>>,
    preflights: Mutex<HashMap<String, Instant>>,
    /// When runs that wait for a thaw were last looked at here.
    looks: Mutex<HashMap<RunId, Instant>>,
    /// Wakes the worker that takes up runs.
    pub(super) wake: Notify,
}

/// A run that this process executes.
#[derive(Debug)]
struct Live {
    seen: watch::Sender<Run>,
    cancel: CancellationToken,
}

impl RunState {
    /// How many runs this process executes.
    pub(super) fn executing(&self) -> usize {
        self.lock().len()
    }

    /// Whether this process executes the run.
    pub(super) fn is_executing(&self, id: &RunId) -> bool {
        self.lock().contains_key(id)
    }

    /// Begins to show a run that this process executes; `cancel` ends its work.
    pub(super) fn begin(&self, run: &Run, cancel: CancellationToken) {
        let live = Live {
            seen: watch::Sender::new(run.clone()),
            cancel,
        };
        self.lock().insert(run.run_id.clone(), live);
    }

    /// Shows it as it is now.
    pub(super) fn show(&self, run: &Run) {
        if let Some(live) = self.lock().get(&run.run_id) {
            live.seen.send_if_modified(|seen| {
                let is_changed = seen != run;
                if is_changed {
                    seen.clone_from(run);
                }
                is_changed
            });
        }
    }

    /// Ends showing it.
    pub(super) fn end(&self, id: &RunId) {
        self.lock().remove(id);
        self.wake.notify_one();
    }

    /// Follows a run that this process executes.
    pub(super) fn follow(&self, id: &RunId) -> Option<watch::Receiver<Run>> {
        self.lock().get(id).map(|live| live.seen.subscribe())
    }

    /// Ends the work on a run at once, if it is done here.
    pub(super) fn stop(&self, id: &RunId) {
        if let Some(live) = self.lock().get(id) {
            live.cancel.cancel();
        }
    }

    /// Remembers that a plan's preflight found nothing that blocks.
    pub(super) fn passed_preflight(&self, plan_digest: String) {
        let mut preflights = self.preflights.lock().unwrap_or_else(PoisonError::into_inner);
        preflights.retain(|_, at| at.elapsed() < PREFLIGHT_LASTS);
        if preflights.len() < PREFLIGHTS_MAX {
            preflights.insert(plan_digest, Instant::now());
        }
    }

    /// Whether it did so a short while ago.
    pub(super) fn has_passed_preflight(&self, plan_digest: &str) -> bool {
        let preflights = self.preflights.lock().unwrap_or_else(PoisonError::into_inner);
        preflights
            .get(plan_digest)
            .is_some_and(|at| at.elapsed() < PREFLIGHT_LASTS)
    }

    /// Whether a run that waits was looked at longer than `every` ago; it is looked at now then.
    pub(super) fn is_look_due(&self, id: &RunId, every: Duration) -> bool {
        let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        looks.retain(|_, at| at.elapsed() < every);
        let is_due = !looks.contains_key(id);
        if is_due {
            looks.insert(id.clone(), Instant::now());
        }
        is_due
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Live>> {
        self.executing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
