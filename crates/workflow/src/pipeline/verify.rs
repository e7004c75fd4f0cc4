//! A replication check because somebody asked for it.

use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::ids::{RecoveryPointId, Region};
use recovery::point::RecoveryPoint;

use super::pass::Pass;
use crate::Workflow;
use crate::audit::Happened;
use crate::catalogue::Export;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// Tries against a reconciler that works on the same recovery point.
const TRIES_MAX: u32 = 3;

impl Workflow {
    /// Checks every copy of a recovery point now, verified ones included.
    pub async fn verify(&self, ctx: &Ctx, id: &RecoveryPointId) -> Result<RecoveryPoint> {
        self.permit(ctx, Permission::Verify, id.as_str()).await?;
        let record = self
            .shared
            .catalogue
            .entry(id)
            .await?
            .ok_or_else(|| Error::no_point(id))?;
        if !matches!(record.value.pipeline.export, Export::Complete { .. }) {
            return Err(Error::Conflict(format!(
                "{id} is not exported yet, so it has no copies that can be checked"
            )));
        }
        self.record(Happened::new(ctx, Permission::Verify, id, Phase::Started))
            .await?;
        let outcome = self.verify_copies(id).await;
        let happened = match &outcome {
            Ok(point) => {
                let verdicts: Vec<String> = point
                    .copies
                    .iter()
                    .map(|copy| format!("{}: {}", copy.region, copy.verdict.name()))
                    .collect();
                Happened::new(ctx, Permission::Verify, id, Phase::Succeeded).detail(verdicts.join(", "))
            }
            Err(error) => Happened::new(ctx, Permission::Verify, id, Phase::Failed).detail(error.to_string()),
        };
        self.record(happened).await?;
        outcome
    }

    pub(super) async fn verify_copies(&self, id: &RecoveryPointId) -> Result<RecoveryPoint> {
        let pass = Pass::new(self);
        for _ in 0..TRIES_MAX {
            let mut record = self
                .shared
                .catalogue
                .entry(id)
                .await?
                .ok_or_else(|| Error::no_point(id))?;
            let regions: Vec<Region> = record
                .value
                .point
                .copies
                .iter()
                .map(|copy| copy.region.clone())
                .collect();
            if pass.check_copies(&mut record, &regions, true).await? {
                return self.shared.catalogue.whole(record.value).await;
            }
        }
        Err(Error::Contended {
            subject: format!("recovery point {id}"),
        })
    }
}
