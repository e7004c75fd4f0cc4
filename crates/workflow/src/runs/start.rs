//! Starting a run: the plan is made again and must be the same, then it is recorded.

use std::collections::BTreeMap;

use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::awaited_thaw::{AwaitedThaw, ThawAgreement};
use recovery::ids::{Region, RunId, TargetName};
use recovery::plan::{CopyRef, PLAN_VERSION, Plan, TablePlan};
use recovery::point::{Copy, RecoveryPoint};
use recovery::request::{Approval, PlanRequest, TableRequest, TreatAs};
use recovery::run::Run;
use recovery::table::TableSummary;
use recovery::types::ColumnKind;
use tokio_util::sync::CancellationToken;

use super::id::new_run_id;
use super::planning::{fallbacks, restorable_copy, verified_copy};
use super::store::{Asked, Basis};
use crate::Workflow;
use crate::audit::Happened;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// Longest reason that is kept.
const REASON_CHARS_MAX: usize = 2_000;

impl Workflow {
    /// Makes a plan from `request` and starts a run of it, unless its preflight blocks it. Of a copy that lies in Glacier,
    /// and where `approval` agrees to a thaw, the run waits for that and the plan is made then.
    pub async fn start_request(&self, ctx: &Ctx, request: PlanRequest, approval: Approval) -> Result<Run> {
        let point = self.recovery_point(&request.recovery_point).await?;
        let is_frozen = point.copy_in(&request.region).is_some_and(Copy::needs_thaw);
        if approval.thaw.is_some() && is_frozen {
            return self.start_frozen(ctx, &point, request, approval).await;
        }
        let planned = self.plan(ctx, &request).await?;
        match planned.plan {
            Some(plan) if !planned.preflight.is_blocked() => self.start(ctx, plan, approval).await,
            _ => Err(Error::Blocked(Box::new(planned.preflight))),
        }
    }

    /// Validates the plan again and records a run of it, which a worker takes up.
    ///
    /// The plan is made anew from the copy and must come out the same, so that a plan that was altered, or a copy that
    /// was, is noticed; where the copy lies in Glacier and `approval` agrees to a thaw, once that is over. Refuses a copy
    /// that is not `Verified`, a blocked preflight, a Region that is not configured, a target that another run is writing
    /// to, and one that would be overwritten without having been named. Every refusal is in the audit log.
    pub async fn start(&self, ctx: &Ctx, plan: Plan, approval: Approval) -> Result<Run> {
        let subject = match &plan.copy.recovery_point {
            Some(id) => id.to_string(),
            None => format!("s3://{}/{}", plan.copy.bucket, plan.copy.prefix),
        };
        self.permit(ctx, Permission::Restore, &subject).await?;
        let reason = reason_of(&approval);
        let valid = match confirmed(&approval.unconfirmed(&plan)) {
            Ok(()) => self.validate(&plan, approval.thaw, None).await,
            Err(error) => Err(error),
        };
        let thaw = self.or_refused(ctx, &subject, reason.as_ref(), valid).await?;
        let now = self.now();
        let mut run = Run::queued(new_run_id(now), &plan, ctx.actor.name.clone(), reason, now);
        run.thaw = thaw;
        self.begin(ctx, run, &Basis::Plan(&plan)).await
    }

    /// Records a run that waits for its copy's thaw and whose plan is made then.
    async fn start_frozen(
        &self,
        ctx: &Ctx,
        point: &RecoveryPoint,
        request: PlanRequest,
        approval: Approval,
    ) -> Result<Run> {
        self.permit(ctx, Permission::Restore, point.id.as_str()).await?;
        let reason = reason_of(&approval);
        let valid = match confirmed(&approval.unconfirmed_request(&request)) {
            Ok(()) => self.validate_request(point, &request, approval.thaw).await,
            Err(error) => Err(error),
        };
        let (copy, thaw) = self
            .or_refused(ctx, point.id.as_str(), reason.as_ref(), valid)
            .await?;
        let (now, name) = (self.now(), ctx.actor.name.clone());
        let mut run = Run::awaiting(new_run_id(now), &copy, &request, &point.tables, name, reason, now);
        run.thaw = thaw;
        let asked = Asked {
            request,
            overwrite: approval.overwrite,
        };
        self.begin(ctx, run, &Basis::Request(&asked)).await
    }

    /// Puts a refusal into the audit log.
    async fn or_refused<T>(
        &self,
        ctx: &Ctx,
        subject: &str,
        reason: Option<&String>,
        valid: Result<T>,
    ) -> Result<T> {
        if let Err(error) = &valid {
            let refused = Happened::new(ctx, Permission::Restore, subject, Phase::Refused)
                .reason(reason.cloned())
                .detail(error.to_string());
            self.record(refused).await?;
        }
        valid
    }

    /// Records the run between its first entry of the audit log and the worker that takes it up.
    async fn begin(&self, ctx: &Ctx, run: Run, basis: &Basis<'_>) -> Result<Run> {
        if run.thaw.is_some() {
            self.permit(ctx, Permission::Thaw, run.run_id.as_str()).await?;
        }
        let happened =
            |phase| Happened::new(ctx, Permission::Restore, &run.run_id, phase).reason(run.reason.clone());
        self.record(happened(Phase::Started).detail(stated(&run))).await?;
        if let Err(error) = self.create_run(&run, basis).await {
            self.record(happened(Phase::Failed).detail(error.to_string()))
                .await?;
            return Err(error);
        }
        tracing::info!(run = %run.run_id, plan = run.plan_digest, thaw = run.thaw.is_some(), "recorded a restore");
        self.shared.runs.wake.notify_one();
        Ok(run)
    }

    /// What can be said of a request before the copy can be read.
    async fn validate_request(
        &self,
        point: &RecoveryPoint,
        request: &PlanRequest,
        agreed: Option<ThawAgreement>,
    ) -> Result<(CopyRef, Option<AwaitedThaw>)> {
        self.settings().require_region(&request.region)?;
        self.settings().require_region(&request.target_region)?;
        let copy = verified_copy(point, &request.region)?;
        refuse_unknown(&point.tables, &request.tables)?;
        let thaw = self.thaw_to_await(point, &request.region, agreed)?;
        let targets: Vec<_> = request.tables.iter().map(|table| &table.target).collect();
        self.refuse_shared_targets(&request.target_region, &targets, None)
            .await?;
        Ok((copy, thaw))
    }

    /// Whether a run of the plan may begin. Gives the thaw that it has to wait for before that can be said in full. `own`
    /// is the run itself, where it is recorded already.
    pub(super) async fn validate(
        &self,
        plan: &Plan,
        agreed: Option<ThawAgreement>,
        own: Option<&RunId>,
    ) -> Result<Option<AwaitedThaw>> {
        if plan.version != PLAN_VERSION {
            return Err(Error::Invalid(format!(
                "the plan has version {}, and this server executes version {PLAN_VERSION}; make it again",
                plan.version
            )));
        }
        self.settings().require_region(&plan.copy.region)?;
        self.settings().require_region(&plan.target_region)?;
        let Some(id) = &plan.copy.recovery_point else {
            return Err(Error::Invalid(
                "the plan names no recovery point of the catalogue; make it with a recovery point, or run it with the \
                 command line"
                    .to_owned(),
            ));
        };
        let point = self.recovery_point(id).await?;
        let targets: Vec<_> = plan.tables.iter().map(|table| &table.target).collect();
        if let Some(thaw) = self.thaw_to_await(&point, &plan.copy.region, agreed)? {
            self.refuse_shared_targets(&plan.target_region, &targets, own)
                .await?;
            return Ok(Some(thaw));
        }
        let copy = restorable_copy(&point, &plan.copy.region)?;
        let requests: Vec<TableRequest> = plan
            .tables
            .iter()
            .map(|table| TableRequest::of(table, choices(table)))
            .collect();
        let cloud = &self.shared.cloud;
        let mut again = restore::plan(cloud, &copy, &plan.target_region, &requests, plan.created_at).await?;
        // Copies that were verified since are not the plan's; those that it names must be restorable still.
        let known = fallbacks(&point, &plan.copy.region);
        again.fallbacks = plan.fallbacks.clone();
        again.fallbacks.retain(|copy| known.contains(copy));
        if again != *plan {
            return Err(Error::Conflict(
                "the plan does not come out the same when it is made again: the copy or the plan was changed; make a \
                 new plan"
                    .to_owned(),
            ));
        }
        self.refuse_shared_targets(&plan.target_region, &targets, own)
            .await?;
        if self.shared.runs.has_passed_preflight(&plan.digest()) && self.are_targets_free(plan).await? {
            return Ok(None);
        }
        let never = CancellationToken::new();
        let preflight = restore::preflight(cloud, plan, &self.inquiry(), &never).await?;
        if preflight.is_blocked() {
            return Err(Error::Blocked(Box::new(preflight)));
        }
        Ok(None)
    }

    /// Whether no target is there with items in it. A preflight says it in full.
    async fn are_targets_free(&self, plan: &Plan) -> Result<bool> {
        for table in &plan.tables {
            let target = aws::dynamodb::TableRef::new(plan.target_region.clone(), table.target.clone());
            match self.shared.cloud.describe_table(&target).await {
                Err(error) if error.is_not_found() => {}
                // Its key may be another one: that, too, is for the preflight to say.
                Ok(_) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    /// Refuses a target that another run which has not ended writes to.
    pub(super) async fn refuse_shared_targets(
        &self,
        region: &Region,
        targets: &[&TargetName],
        own: Option<&RunId>,
    ) -> Result<()> {
        for id in self.active_runs().await? {
            if own == Some(&id) {
                continue;
            }
            let run = self.run(&id).await?;
            if run.outcome.is_some() || run.target_region != *region {
                continue;
            }
            let shared = targets
                .iter()
                .find(|target| run.tables.iter().any(|other| other.target == ***target));
            if let Some(target) = shared {
                return Err(Error::Conflict(format!(
                    "restore {id} is writing to table {target} in {region}, or is about to; choose another target or wait \
                     for it"
                )));
            }
        }
        Ok(())
    }
}

/// Refuses what the copy does not hold, as its last check saw it: a thaw costs money, and nothing would come of it.
fn refuse_unknown(known: &[TableSummary], asked: &[TableRequest]) -> Result<()> {
    let refused = |message: String| Err(Error::Invalid(message));
    if asked.is_empty() {
        return refused("the request names no table".to_owned());
    }
    if known.is_empty() {
        return Ok(());
    }
    for table in asked {
        let name = &table.source;
        let Some(there) = known.iter().find(|there| there.name == *name) else {
            return refused(format!("the copy has no table {name}"));
        };
        if let Some(why) = &there.skipped {
            return refused(format!("the copy lacks {name}, for RDS did not export it: {why}"));
        }
        let partition = table.synthetic.is_none().then_some(&table.partition);
        let mut keys = partition.into_iter().chain(&table.sort);
        if let Some(column) = keys.find(|key| !there.columns.iter().any(|column| column.name == **key)) {
            return refused(format!("{name} has no column {column}"));
        }
    }
    Ok(())
}

/// Refuses what would be overwritten and nobody has confirmed.
pub(super) fn confirmed(unconfirmed: &[&TargetName]) -> Result<()> {
    unconfirmed.first().map_or(Ok(()), |target| {
        Err(Error::Conflict(format!(
            "the plan overwrites items of {target}, which nobody has confirmed; confirm it by the table's name"
        )))
    })
}

fn reason_of(approval: &Approval) -> Option<String> {
    let reason = approval.reason.as_ref()?;
    let kept: String = reason.trim().chars().take(REASON_CHARS_MAX).collect();
    Some(kept).filter(|reason| !reason.is_empty())
}

/// How the plan takes columns of text or bytes, as choices that lead to the same plan.
fn choices(table: &TablePlan) -> BTreeMap<String, TreatAs> {
    table
        .columns
        .iter()
        .filter_map(|column| match column.kind {
            ColumnKind::Text => Some((column.name.clone(), TreatAs::Text)),
            ColumnKind::Binary => Some((column.name.clone(), TreatAs::Binary)),
            _ => None,
        })
        .collect()
}

/// What a run is to do, for the audit log.
fn stated(run: &Run) -> String {
    let tables: Vec<String> = run
        .tables
        .iter()
        .take(20)
        .map(|table| format!("{} to {}", table.source, table.target))
        .collect();
    let more = run.tables.len() - tables.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let plan = match &run.plan_digest {
        Some(digest) => format!("; plan {digest}"),
        None => String::new(),
    };
    let thaw = match &run.thaw {
        Some(thaw) => format!("; after a thaw: {}", thaw.terms()),
        None => String::new(),
    };
    format!(
        "{} rows from {} ({}) into {}: {}{more}{plan}{thaw}",
        run.rows_total(),
        run.copy,
        run.region,
        run.target_region,
        tables.join(", "),
    )
}
