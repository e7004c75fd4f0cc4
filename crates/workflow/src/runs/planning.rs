//! Plans over copies of the catalogue.

use recovery::actor::Permission;
use recovery::ids::Region;
use recovery::plan::CopyRef;
use recovery::point::RecoveryPoint;
use recovery::request::{PlanRequest, Planned};

use crate::Workflow;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

impl Workflow {
    /// A plan and its preflight, over a verified copy. Writes nothing.
    pub async fn plan(&self, ctx: &Ctx, request: &PlanRequest) -> Result<Planned> {
        self.permit(ctx, Permission::Plan, request.recovery_point.as_str())
            .await?;
        self.settings().require_region(&request.region)?;
        self.settings().require_region(&request.target_region)?;
        let point = self.recovery_point(&request.recovery_point).await?;
        let copy = restorable_copy(&point, &request.region)?;
        let cloud = &self.shared.cloud;
        let plan = restore::plan(cloud, &copy, &request.target_region, &request.tables, self.now()).await?;
        let preflight = restore::preflight(cloud, &plan).await?;
        if !preflight.is_blocked() {
            self.shared.runs.passed_preflight(plan.digest());
        }
        Ok(Planned { plan, preflight })
    }
}

/// The copy in `region`, if it may be restored.
pub(super) fn restorable_copy(point: &RecoveryPoint, region: &Region) -> Result<CopyRef> {
    let copy = point.copy_in(region).ok_or_else(|| Error::NotFound {
        kind: "copy",
        id: format!("of {} in {region}", point.id),
    })?;
    if !copy.verdict.is_restorable() {
        return Err(Error::NotRestorable {
            point: point.id.clone(),
            region: region.clone(),
            verdict: copy.verdict.name(),
            explanation: copy.verdict.explanation(),
        });
    }
    Ok(CopyRef {
        recovery_point: Some(point.id.clone()),
        source: Some(point.source.clone()),
        data_as_of: Some(point.created_at),
        region: copy.region.clone(),
        account: Some(copy.account.clone()),
        bucket: copy.bucket.clone(),
        prefix: copy.prefix.clone(),
    })
}
