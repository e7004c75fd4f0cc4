//! Repairing copies because somebody asked for it.

use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::ids::{RecoveryPointId, Region};
use recovery::point::{Copy, RecoveryPoint};
use recovery::repair::{Repaired, RepairedCopy};
use recovery::verdict::Verdict;

use super::looks::location;
use crate::Workflow;
use crate::audit::Happened;
use crate::catalogue::Export;
use crate::control::Lease;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::replication::repair::{execute, planned};
use crate::replication::{Checker, Readings, compare_copies};

impl Workflow {
    /// Copies what incomplete copies lack, or have otherwise, from a verified copy of the same recovery point, and checks
    /// all of them again. With `region`, only the copy there.
    ///
    /// It goes on when nobody waits for it any more. What a killed server has copied stays; asking again copies the rest.
    pub async fn repair(&self, ctx: &Ctx, id: &RecoveryPointId, region: Option<&Region>) -> Result<Repaired> {
        self.permit(ctx, Permission::Repair, id.as_str()).await?;
        let entry = self
            .shared
            .catalogue
            .entry(id)
            .await?
            .ok_or_else(|| Error::no_point(id))?
            .value;
        if !matches!(entry.pipeline.export, Export::Complete { .. }) {
            return Err(Error::Conflict(format!(
                "{id} is not exported yet, so it has no copies that can be repaired"
            )));
        }
        if let Some(region) = region
            && entry.point.copy_in(region).is_none()
        {
            return Err(Error::NotFound {
                kind: "copy",
                id: format!("of {id} in {region}"),
            });
        }
        let Some(lease) = self.shared.leases.try_take(&format!("repair-{id}")).await? else {
            return Err(Error::Conflict(format!(
                "copies of {id} are being repaired at this moment; or a server that did so was killed, and a few \
                 seconds have to pass"
            )));
        };
        self.record(Happened::new(ctx, Permission::Repair, id, Phase::Started))
            .await?;
        let (workflow, ctx, id, region) = (self.clone(), ctx.clone(), id.clone(), region.cloned());
        let repairing = tokio::spawn(async move {
            Box::pin(workflow.repair_and_record(&ctx, &id, region.as_ref(), lease)).await
        });
        repairing
            .await
            .map_err(|error| Error::Conflict(format!("the repair broke off: {error}")))?
    }

    async fn repair_and_record(
        &self,
        ctx: &Ctx,
        id: &RecoveryPointId,
        region: Option<&Region>,
        mut lease: Lease,
    ) -> Result<Repaired> {
        let outcome = tokio::select! {
            outcome = self.repair_copies(id, region) => outcome,
            () = self.keep_lease(&mut lease) => Err(Error::Contended { subject: format!("recovery point {id}") }),
        };
        if let Err(error) = self.shared.leases.give_back(lease).await {
            tracing::warn!(%error, "a repair's lease could not be given back; it ends by itself");
        }
        let happened = match &outcome {
            Ok(repaired) => {
                let is_whole = repaired
                    .copies
                    .iter()
                    .all(|copy| copy.refused.is_empty() && copy.failed.is_none());
                let phase = if is_whole { Phase::Succeeded } else { Phase::Failed };
                let said: Vec<String> = repaired.copies.iter().map(RepairedCopy::summary).collect();
                let said = if said.is_empty() {
                    "no copy needed it".to_owned()
                } else {
                    said.join("; ")
                };
                Happened::new(ctx, Permission::Repair, id, phase).detail(said)
            }
            Err(error) => Happened::new(ctx, Permission::Repair, id, Phase::Failed).detail(error.to_string()),
        };
        self.record(happened).await?;
        outcome
    }

    async fn repair_copies(&self, id: &RecoveryPointId, region: Option<&Region>) -> Result<Repaired> {
        // What was found some time ago is no ground to copy anything.
        let point = self.verify_copies(id).await?;
        let broken: Vec<&Copy> = point
            .copies
            .iter()
            .filter(|copy| region.is_none_or(|region| copy.region == *region))
            .filter(|copy| matches!(copy.verdict, Verdict::Incomplete { .. }))
            .collect();
        if broken.is_empty() {
            return Ok(Repaired {
                point,
                copies: Vec::new(),
            });
        }
        let from = whole(&point).ok_or_else(|| {
            Error::Conflict(format!(
                "no copy of {id} is verified, so there is nothing to repair from; earlier versions of its objects may \
                 still be in the buckets"
            ))
        })?;
        let mut copies = Vec::new();
        for copy in broken {
            copies.push(self.repair_copy(&point, from, copy).await?);
        }
        let point = self.verify_copies(id).await?;
        Ok(Repaired { point, copies })
    }

    async fn repair_copy(&self, point: &RecoveryPoint, from: &Copy, copy: &Copy) -> Result<RepairedCopy> {
        let readings = Readings::of(self.shared.control.clone(), point.id.clone(), self.now());
        let checker = Checker {
            cloud: &self.shared.cloud,
            pace: &self.shared.pace,
            readings: &readings,
        };
        let (source, target) = (location(from), location(copy));
        let compared = compare_copies(&checker, &source, &target)
            .await
            .map_err(|unread| unread.error)?;
        let plan = planned(&compared);
        tracing::info!(
            recovery_point = %point.id, from = %from.region, to = %copy.region, objects = plan.steps.len(), "repairing"
        );
        let whole_bytes_max = self.settings().copies.repair_whole_bytes_max;
        Ok(execute(&self.shared.cloud, &source, &target, plan, whole_bytes_max).await)
    }
}

/// The copy to repair from: the export where that is verified, any other verified one otherwise.
fn whole(point: &RecoveryPoint) -> Option<&Copy> {
    point
        .copies
        .iter()
        .filter(|copy| copy.verdict.is_restorable())
        .max_by_key(|copy| copy.is_export)
}
