//! Plans over copies of the catalogue.

use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::estimate::Estimate;
use recovery::ids::Region;
use recovery::plan::CopyRef;
use recovery::point::RecoveryPoint;
use recovery::preflight::{Choice, Depth, Finding, Preflight, Severity};
use recovery::request::{PlanRequest, Planned};
use restore::Inquiry;
use tokio_util::sync::CancellationToken;

use crate::Workflow;
use crate::audit::Happened;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

impl Workflow {
    /// A plan and its preflight, over a verified copy. Writes nothing.
    ///
    /// Values in examples are shown to whoever may see them and asks for them, and that is in the audit log.
    pub async fn plan(&self, ctx: &Ctx, request: &PlanRequest) -> Result<Planned> {
        self.permit(ctx, Permission::Plan, request.recovery_point.as_str())
            .await?;
        self.settings().require_region(&request.region)?;
        self.settings().require_region(&request.target_region)?;
        let point = self.recovery_point(&request.recovery_point).await?;
        let copy = match restorable_copy(&point, &request.region) {
            Err(Error::NeedsThaw { .. }) => return Ok(self.frozen(&point, request)),
            copy => copy?,
        };
        if request.show_values {
            self.permit(ctx, Permission::ShowValues, point.id.as_str())
                .await?;
            let shown = Happened::new(ctx, Permission::ShowValues, &point.id, Phase::Started);
            let tables: Vec<_> = request
                .tables
                .iter()
                .map(|table| table.source.to_string())
                .collect();
            self.record(shown.detail(format!("examples of a preflight over {}", tables.join(", "))))
                .await?;
        }
        let planned = self.make_plan(&point, &copy, request).await;
        if request.show_values {
            let ended = match &planned {
                Ok(_) => Happened::new(ctx, Permission::ShowValues, &point.id, Phase::Succeeded),
                Err(error) => Happened::new(ctx, Permission::ShowValues, &point.id, Phase::Failed)
                    .detail(error.to_string()),
            };
            self.record(ended).await?;
        }
        let planned = planned?;
        if let Some(plan) = &planned.plan
            && request.preflight == Depth::Exact
            && !planned.preflight.is_blocked()
        {
            self.shared.runs.passed_preflight(plan.digest());
        }
        Ok(planned)
    }

    /// The plan and its preflight, with the other copies that there are.
    pub(super) async fn make_plan(
        &self,
        point: &RecoveryPoint,
        copy: &CopyRef,
        request: &PlanRequest,
    ) -> Result<Planned> {
        let inquiry = Inquiry {
            depth: request.preflight,
            show_values: request.show_values,
            ..self.inquiry()
        };
        let mut planned = self.survey(copy, request, &inquiry).await?;
        name_copies(&mut planned.preflight, point, &request.region);
        if let Some(plan) = &mut planned.plan {
            plan.fallbacks = fallbacks(point, &request.region);
        }
        Ok(planned)
    }

    /// What is answered where the copy has to be thawed before a plan can be made of it: the ways to do so.
    fn frozen(&self, point: &RecoveryPoint, request: &PlanRequest) -> Planned {
        let copy = point.copy_in(&request.region);
        let class = copy.and_then(|copy| Some(copy.archived.as_ref()?.class.clone()));
        let options = copy.map(|copy| self.thaw_options(copy)).unwrap_or_default();
        let message = format!(
            "The copy in {} lies in {} and cannot be read before it is thawed.",
            request.region,
            class.unwrap_or_default()
        );
        let finding = Finding::new(Severity::Blocks, "needs_thaw", message)
            .hint(
                "Start the restore with a thaw that you agree to: it waits for S3, and makes and checks the plan then. Or take \
                 a copy that can be read.",
            )
            .choices(
                [Choice::UseCopy { region: None }]
                    .into_iter()
                    .chain(options.into_iter().map(Choice::AgreeToThaw)),
            );
        let mut preflight = Preflight::new(request.preflight, vec![finding], Estimate::default());
        name_copies(&mut preflight, point, &request.region);
        Planned {
            plan: None,
            preflight,
        }
    }

    async fn survey(&self, copy: &CopyRef, request: &PlanRequest, inquiry: &Inquiry) -> Result<Planned> {
        let cloud = &self.shared.cloud;
        // Whoever asks and goes away drops the survey, and its work with it.
        let never = CancellationToken::new();
        let inspection = restore::inspect(cloud, copy).await?;
        let (region, tables) = (&request.target_region, &request.tables);
        let planned =
            restore::survey(cloud, &inspection, region, tables, self.now(), inquiry, &never).await?;
        Ok(planned)
    }

    /// An exact preflight with values masked, at this installation's prices.
    pub(super) fn inquiry(&self) -> Inquiry {
        Inquiry {
            prices: self.settings().prices.clone().unwrap_or_default(),
            ..Inquiry::default()
        }
    }
}

/// The other copies that may be restored, which a run goes on from while the one in `region` cannot be reached.
pub(super) fn fallbacks(point: &RecoveryPoint, region: &Region) -> Vec<CopyRef> {
    let others = point.copies.iter().filter(|copy| copy.region != *region);
    others
        .filter_map(|copy| restorable_copy(point, &copy.region).ok())
        .collect()
}

/// Says which other copies there are, where another one would do.
fn name_copies(preflight: &mut Preflight, point: &RecoveryPoint, region: &Region) {
    let others: Vec<Choice> = point
        .copies
        .iter()
        .filter(|copy| copy.region != *region && copy.is_ready())
        .map(|copy| Choice::UseCopy {
            region: Some(copy.region.clone()),
        })
        .collect();
    for finding in &mut preflight.findings {
        let unnamed = Choice::UseCopy { region: None };
        if let Some(at) = finding.choices.iter().position(|choice| *choice == unnamed) {
            finding.choices.splice(at..=at, others.iter().cloned());
        }
    }
}

/// The copy in `region`, if it may be restored and can be read now.
pub(super) fn restorable_copy(point: &RecoveryPoint, region: &Region) -> Result<CopyRef> {
    let copy = verified_copy(point, region)?;
    let archived = point.copy_in(region).and_then(|copy| copy.archived.as_ref());
    if let Some(archived) = archived.filter(|archived| archived.needs_thaw()) {
        return Err(Error::NeedsThaw {
            point: point.id.clone(),
            region: region.clone(),
            class: archived.class.clone(),
        });
    }
    Ok(copy)
}

/// The copy in `region`, if it may be restored, at once or once it is thawed.
pub(super) fn verified_copy(point: &RecoveryPoint, region: &Region) -> Result<CopyRef> {
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
