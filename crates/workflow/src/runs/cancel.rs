//! Cancelling a run, wherever it is executed.

use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::ids::RunId;
use recovery::run::Run;

use crate::Workflow;
use crate::audit::Happened;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// Tries against an executing process that writes progress into the same record every second.
const TRIES_MAX: u32 = 20;

impl Workflow {
    /// Asks a run to stop, wherever it is executed. What was written stays. Asking twice changes nothing.
    pub async fn cancel(&self, ctx: &Ctx, id: &RunId) -> Result<Run> {
        self.permit(ctx, Permission::Cancel, id.as_str()).await?;
        let run = self.run_record(id).await?.value;
        if run.outcome.is_some() {
            return Err(Error::Conflict(format!(
                "restore {id} has ended already, so it cannot be cancelled"
            )));
        }
        if run.cancel_requested {
            return Ok(run);
        }
        self.record(Happened::new(ctx, Permission::Cancel, id, Phase::Started))
            .await?;
        let outcome = self.request_cancel(id).await;
        let happened = match &outcome {
            Ok(_) => Happened::new(ctx, Permission::Cancel, id, Phase::Succeeded)
                .detail("The restore stops as soon as the requests under way are answered."),
            Err(error) => Happened::new(ctx, Permission::Cancel, id, Phase::Failed).detail(error.to_string()),
        };
        self.record(happened).await?;
        outcome
    }

    async fn request_cancel(&self, id: &RunId) -> Result<Run> {
        let run = self.change_run(id, |run| run.cancel_requested = true).await?;
        self.shared.runs.stop(id);
        self.shared.runs.wake.notify_one();
        Ok(run)
    }

    /// Changes the record of a run that has not ended, beside whoever executes it and writes progress into it.
    pub(super) async fn change_run(&self, id: &RunId, change: impl Fn(&mut Run)) -> Result<Run> {
        let mut record = self.run_record(id).await?;
        for _ in 0..TRIES_MAX {
            if record.value.outcome.is_some() {
                return Err(Error::Conflict(format!("restore {id} has ended meanwhile")));
            }
            change(&mut record.value);
            if self.save_run(&mut record).await? {
                return Ok(record.value);
            }
        }
        Err(Error::Contended {
            subject: format!("restore {id}"),
        })
    }
}
