//! Starting a run: the plan is made again and must be the same, then it is recorded.

use std::collections::BTreeMap;

use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::plan::{PLAN_VERSION, Plan, TablePlan};
use recovery::request::{Approval, TableRequest, TreatAs};
use recovery::run::Run;
use recovery::types::ColumnKind;
use tokio_util::sync::CancellationToken;

use super::id::new_run_id;
use super::planning::{fallbacks, restorable_copy};
use crate::Workflow;
use crate::audit::Happened;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// Longest reason that is kept.
const REASON_CHARS_MAX: usize = 2_000;

impl Workflow {
    /// Validates the plan again and records a run of it, which a worker takes up.
    ///
    /// The plan is made anew from the copy and must come out the same, so that a plan that was altered, or a copy that
    /// was, is noticed. Refuses a copy that is not `Verified`, a blocked preflight, a Region that is not configured, a
    /// target that another run is writing to, and one that would be overwritten without having been named. Every refusal is in the audit log.
    pub async fn start(&self, ctx: &Ctx, plan: Plan, approval: Approval) -> Result<Run> {
        let subject = match &plan.copy.recovery_point {
            Some(id) => id.to_string(),
            None => format!("s3://{}/{}", plan.copy.bucket, plan.copy.prefix),
        };
        self.permit(ctx, Permission::Restore, &subject).await?;
        let unconfirmed = approval.unconfirmed(&plan);
        let confirmed = unconfirmed.first().map_or(Ok(()), |target| {
            Err(Error::Conflict(format!(
                "the plan overwrites items of {target}, which nobody has confirmed; confirm it by the table's name"
            )))
        });
        let reason = approval
            .reason
            .map(|reason| reason.trim().chars().take(REASON_CHARS_MAX).collect::<String>())
            .filter(|reason| !reason.is_empty());
        let valid = match confirmed {
            Ok(()) => self.validate(&plan).await,
            refused => refused,
        };
        if let Err(error) = valid {
            let refused = Happened::new(ctx, Permission::Restore, &subject, Phase::Refused)
                .reason(reason)
                .detail(error.to_string());
            self.record(refused).await?;
            return Err(error);
        }
        let now = self.now();
        let run = Run::queued(new_run_id(now), &plan, ctx.actor.name.clone(), reason, now);
        let happened =
            |phase| Happened::new(ctx, Permission::Restore, &run.run_id, phase).reason(run.reason.clone());
        self.record(happened(Phase::Started).detail(stated(&run, &plan)))
            .await?;
        if let Err(error) = self.create_run(&run, &plan).await {
            self.record(happened(Phase::Failed).detail(error.to_string()))
                .await?;
            return Err(error);
        }
        tracing::info!(run = %run.run_id, plan = run.plan_digest, "recorded a restore");
        self.shared.runs.wake.notify_one();
        Ok(run)
    }

    async fn validate(&self, plan: &Plan) -> Result<()> {
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
        self.refuse_shared_targets(plan).await?;
        if self.shared.runs.has_passed_preflight(&plan.digest()) && self.are_targets_free(plan).await? {
            return Ok(());
        }
        let never = CancellationToken::new();
        let preflight = restore::preflight(cloud, plan, &self.inquiry(), &never).await?;
        if preflight.is_blocked() {
            return Err(Error::Blocked(Box::new(preflight)));
        }
        Ok(())
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

    /// Refuses a target that a run which has not ended writes to.
    async fn refuse_shared_targets(&self, plan: &Plan) -> Result<()> {
        for id in self.active_runs().await? {
            let run = self.run(&id).await?;
            if run.outcome.is_some() || run.target_region != plan.target_region {
                continue;
            }
            let shared = plan
                .tables
                .iter()
                .find(|table| run.tables.iter().any(|other| other.target == table.target));
            if let Some(table) = shared {
                return Err(Error::Conflict(format!(
                    "restore {id} is writing to table {} in {} at this moment; choose another target or wait for it",
                    table.target, plan.target_region
                )));
            }
        }
        Ok(())
    }
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
fn stated(run: &Run, plan: &Plan) -> String {
    let tables: Vec<String> = plan
        .tables
        .iter()
        .take(20)
        .map(|table| format!("{} to {}", table.source, table.target))
        .collect();
    let more = plan.tables.len() - tables.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!(
        "{} rows from {} ({}) into {}: {}{more}; plan {}",
        plan.rows(),
        run.copy,
        run.region,
        run.target_region,
        tables.join(", "),
        run.plan_digest
    )
}
