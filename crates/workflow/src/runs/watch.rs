//! Following a run, here or in another process.

use std::time::Duration;

use futures::{Stream, stream};
use recovery::ids::RunId;
use recovery::run::{Phase, Run};
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::Workflow;
use crate::error::Result;

/// At least so long between two changes that are told.
const SPACING: Duration = Duration::from_millis(200);

/// How often a run is read that another process executes.
const POLL: Duration = Duration::from_millis(700);

/// Reads that may fail one after the other before a watcher is told.
const FAILURES_MAX: u32 = 10;

struct Watcher {
    workflow: Workflow,
    id: RunId,
    told: Option<Run>,
    told_at: Instant,
    here: Option<Receiver<Run>>,
    is_done: bool,
}

impl Workflow {
    /// The run as it is, then each change (at most five a second), until it has ended. Also follows a run that
    /// another process executes. After an error, nothing follows.
    pub fn watch(&self, id: &RunId) -> impl Stream<Item = Result<Run>> + Send + 'static + use<> {
        let watcher = Watcher {
            workflow: self.clone(),
            id: id.clone(),
            told: None,
            told_at: Instant::now(),
            here: None,
            is_done: false,
        };
        stream::unfold(watcher, |mut watcher| async move {
            if watcher.is_done {
                return None;
            }
            let next = watcher.next().await;
            watcher.is_done = next.as_ref().map_or(true, |run| run.phase == Phase::Ended);
            Some((next, watcher))
        })
    }
}

impl Watcher {
    async fn next(&mut self) -> Result<Run> {
        let mut failures = 0;
        loop {
            if self.told.is_some() {
                self.wait().await;
            }
            match self.workflow.run(&self.id).await {
                Ok(run) if self.told.as_ref() != Some(&run) => {
                    self.told = Some(run.clone());
                    self.told_at = Instant::now();
                    return Ok(run);
                }
                Ok(_) => failures = 0,
                Err(error) if self.told.is_some() && error.is_transient() && failures < FAILURES_MAX => {
                    failures += 1;
                    tracing::debug!(run = %self.id, %error, "a watcher reads again");
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Until something may have changed, and not too soon.
    async fn wait(&mut self) {
        if self.here.is_none() {
            self.here = self.workflow.shared.runs.follow(&self.id);
        }
        match &mut self.here {
            Some(here) => {
                // The sender is dropped when this process ends its work on the run, done or not.
                if let Ok(Err(_)) = timeout(POLL, here.changed()).await {
                    self.here = None;
                    sleep(SPACING).await;
                }
            }
            None => sleep(POLL).await,
        }
        sleep_until(self.told_at + SPACING).await;
    }
}
