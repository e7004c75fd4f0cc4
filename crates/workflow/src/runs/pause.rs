//! Pausing a run, and resuming it, wherever it is executed. A paused run is nobody's: it survives every server.

use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::ids::RunId;
use recovery::run::{Pause, Run};

use crate::Workflow;
use crate::audit::Happened;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

impl Workflow {
    /// Asks a run to rest, wherever it is executed. What was written is recorded, and [`Workflow::resume`] goes on from
    /// there. Asking twice changes nothing.
    pub async fn pause(&self, ctx: &Ctx, id: &RunId) -> Result<Run> {
        let run = self.unended(ctx, id, "paused").await?;
        if run.cancel_requested {
            return Err(Error::Conflict(format!(
                "restore {id} is being cancelled, so it cannot be paused"
            )));
        }
        if run.pause != Pause::None {
            return Ok(run);
        }
        let said = "The restore rests as soon as the requests under way are answered.";
        let paused = self.set_pause(ctx, id, Pause::Asked, said).await?;
        self.shared.runs.stop(id);
        Ok(paused)
    }

    /// Lets a paused run go on. Refuses one that is not.
    pub async fn resume(&self, ctx: &Ctx, id: &RunId) -> Result<Run> {
        let run = self.unended(ctx, id, "resumed").await?;
        if run.pause == Pause::None {
            return Err(Error::Conflict(format!(
                "restore {id} is not paused, so it cannot be resumed"
            )));
        }
        let said = "The restore goes on from what is recorded as soon as a server takes it up.";
        self.set_pause(ctx, id, Pause::None, said).await
    }

    /// The run, if the actor may pause it and it has not ended.
    async fn unended(&self, ctx: &Ctx, id: &RunId, what: &str) -> Result<Run> {
        self.permit(ctx, Permission::Pause, id.as_str()).await?;
        let run = self.run(id).await?;
        if run.outcome.is_some() {
            return Err(Error::Conflict(format!(
                "restore {id} has ended already, so it cannot be {what}"
            )));
        }
        Ok(run)
    }

    /// Changes the run between two entries of the audit log.
    async fn set_pause(&self, ctx: &Ctx, id: &RunId, pause: Pause, said: &str) -> Result<Run> {
        self.record(Happened::new(ctx, Permission::Pause, id, Phase::Started))
            .await?;
        let outcome = self.change_run(id, |run| run.pause = pause).await;
        let happened = match &outcome {
            Ok(_) => Happened::new(ctx, Permission::Pause, id, Phase::Succeeded).detail(said),
            Err(error) => Happened::new(ctx, Permission::Pause, id, Phase::Failed).detail(error.to_string()),
        };
        self.record(happened).await?;
        self.shared.runs.wake.notify_one();
        outcome
    }
}
