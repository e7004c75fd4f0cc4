//! Exports that somebody cancels, or asks for again.

use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::ids::RecoveryPointId;
use recovery::label::task_identifier;
use recovery::point::RecoveryPoint;

use super::pass::Pass;
use crate::Workflow;
use crate::audit::Happened;
use crate::catalogue::{Backup, Export, PointEntry};
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// Tries against a reconciler that works on the same recovery point.
const TRIES_MAX: u32 = 3;

/// Attempts that a label has room for.
const ATTEMPTS_MAX: u32 = 99;

/// Marks that one pass takes; the others wait for the next.
const LOOKS_MAX: usize = 1_000;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Cancel,
    Again,
}

impl Asked {
    fn words(self) -> &'static str {
        match self {
            Self::Cancel => "cancel the export",
            Self::Again => "export again",
        }
    }
}

impl Workflow {
    /// Stops the export of a recovery point, or its waiting for one. What RDS has written stays in the bucket.
    pub async fn cancel_export(&self, ctx: &Ctx, id: &RecoveryPointId) -> Result<RecoveryPoint> {
        self.ask_for_export(ctx, id, Asked::Cancel).await
    }

    /// Exports a recovery point again whose export failed, was cancelled, or waits for its next attempt: with a new
    /// identifier, as soon as RDS takes it.
    pub async fn export_again(&self, ctx: &Ctx, id: &RecoveryPointId) -> Result<RecoveryPoint> {
        self.ask_for_export(ctx, id, Asked::Again).await
    }

    async fn ask_for_export(&self, ctx: &Ctx, id: &RecoveryPointId, asked: Asked) -> Result<RecoveryPoint> {
        self.permit(ctx, Permission::Export, id.as_str()).await?;
        let happened = |phase| Happened::new(ctx, Permission::Export, id, phase);
        self.record(happened(Phase::Started).detail(asked.words()))
            .await?;
        let outcome = self.change_export(ctx, id, asked).await;
        let end = match &outcome {
            Ok(_) => happened(Phase::Succeeded).detail(asked.words()),
            Err(error) => happened(Phase::Failed).detail(error.to_string()),
        };
        self.record(end).await?;
        outcome
    }

    async fn change_export(&self, ctx: &Ctx, id: &RecoveryPointId, asked: Asked) -> Result<RecoveryPoint> {
        let catalogue = &self.shared.catalogue;
        for _ in 0..TRIES_MAX {
            let record = catalogue.entry(id).await?.ok_or_else(|| Error::no_point(id))?;
            let (mut entry, version) = (record.value, record.version);
            match asked {
                Asked::Cancel => self.stop_export(ctx, &mut entry).await?,
                Asked::Again => again(&mut entry)?,
            }
            entry.refresh();
            if catalogue.replace_and_look(&entry, version).await? {
                Pass::new(self).remember(&entry);
                self.shared.pipeline.wake.notify_one();
                return catalogue.whole(entry).await;
            }
        }
        Err(Error::Contended {
            subject: format!("recovery point {id}"),
        })
    }

    async fn stop_export(&self, ctx: &Ctx, entry: &mut PointEntry) -> Result<()> {
        let point = &entry.point;
        match &mut entry.pipeline.export {
            Export::Running { attempt, stage, .. } => {
                let identifier = task_identifier(&point.id, *attempt);
                self.shared
                    .cloud
                    .cancel_export_task(&point.region, &point.account, &identifier)
                    .await?;
                "Being cancelled".clone_into(stage);
            }
            Export::Waiting { attempt, .. } => {
                entry.pipeline.export = Export::Failed {
                    attempt: *attempt,
                    ended_at: self.now(),
                    cause: format!("{} cancelled it before it began.", ctx.actor.name),
                };
            }
            Export::Complete { .. } | Export::Failed { .. } => {
                return Err(Error::Conflict(format!(
                    "the export of {} has ended, so there is nothing to cancel",
                    point.id
                )));
            }
        }
        Ok(())
    }
}

/// The entry as it waits for its next attempt.
fn again(entry: &mut PointEntry) -> Result<()> {
    let id = &entry.point.id;
    let conflict = |why: &str| Err(Error::Conflict(format!("{id} cannot be exported again: {why}")));
    if entry.pipeline.backup != Backup::Completed {
        return conflict("AWS Backup does not hold it, whole, any more");
    }
    let next = match &entry.pipeline.export {
        Export::Running { .. } => return conflict("its export is under way"),
        Export::Complete { .. } => return conflict("its export is complete"),
        // A failed attempt has used its identifier, one that waits has not.
        Export::Failed { attempt, .. } => attempt + 1,
        Export::Waiting { attempt, .. } => *attempt,
    };
    if next > ATTEMPTS_MAX {
        return conflict("it was tried 99 times, and no identifier is left for another attempt");
    }
    entry.pipeline.export = Export::Waiting {
        attempt: next,
        obstacle: None,
        needs_help: false,
    };
    entry.pipeline.retry_at = None;
    Ok(())
}

impl Pass<'_> {
    /// Takes up what another server has marked to be looked at.
    pub(super) async fn look_again(&self) -> Result<()> {
        let catalogue = &self.shared().catalogue;
        for id in catalogue.looks(LOOKS_MAX).await? {
            if let Some(record) = catalogue.entry(&id).await? {
                self.remember(&record.value);
            }
            catalogue.forget_look(&id).await?;
        }
        Ok(())
    }
}
