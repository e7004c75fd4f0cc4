//! Restores: choosing, planning, starting, watching, cancelling.

use jiff::Timestamp;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use recovery::awaited_thaw::ThawAgreement;
use recovery::page::Page;
use recovery::point::RecoveryPoint;
#[cfg(feature = "ssr")]
use recovery::request::Approval;
use recovery::request::{Draft, PlanRequest, Planned};
use recovery::run::Run;
use serde::{Deserialize, Serialize};

use super::Failure;

/// What the form of a new restore begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRestore {
    /// The recovery point with its copies.
    pub point: RecoveryPoint,
    /// What there is to choose from, or why there is nothing: the copy is not verified, or the role is too small.
    pub draft: Result<Draft, Failure>,
    /// When this was true.
    pub now: Timestamp,
}

/// A plan with its preflight, and how it is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The plan and the findings over it.
    pub planned: Planned,
    /// SHA-256 of the plan, where there is one.
    pub digest: Option<String>,
    /// What was asked for.
    pub request: PlanRequest,
}

/// A run as it is at `now`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    /// The run.
    pub run: Run,
    /// When this was true.
    pub now: Timestamp,
}

/// A page of runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunList {
    /// The page.
    pub page: Page<Run>,
    /// When this was true.
    pub now: Timestamp,
}

/// What somebody who begins a restore chooses from. Without a Region, the nearest verified copy is taken: the
/// recovery point's own Region first, then the others in the order of the copies.
pub async fn begin_restore(id: String, region: Option<String>) -> Result<NewRestore, Failure> {
    let (workflow, ctx) = super::gate::actor()?;
    let id = super::gate::id("Recovery point", &id)?;
    let point = workflow.recovery_point(&id).await?;
    let region = match region {
        Some(region) => Some(super::gate::id("Region", &region)?),
        None => recovery::request::nearest_restorable(&point)
            .or_else(|| point.copies.iter().find(|copy| copy.verdict.is_restorable()))
            .map(|copy| copy.region.clone()),
    };
    let draft = match &region {
        None => Err(Failure::Refused {
            message: "No copy of this recovery point is verified yet, and only verified copies are restored."
                .to_owned(),
            hint: Some(
                "Choose another recovery point, or come back when its copies have been checked.".to_owned(),
            ),
        }),
        Some(region) => workflow.draft(&ctx, &id, region).await.map_err(Failure::from),
    };
    Ok(NewRestore {
        point,
        draft,
        now: workflow.now(),
    })
}

/// A plan and its preflight. Writes nothing. Needs `Plan`.
pub async fn review_plan(request: PlanRequest) -> Result<Review, Failure> {
    let (workflow, ctx) = super::gate::actor()?;
    let planned = workflow.plan(&ctx, &request).await?;
    Ok(Review {
        digest: planned.plan.as_ref().map(recovery::plan::Plan::digest),
        planned,
        request,
    })
}

/// Starts a run of exactly the plan that was reviewed, and leads to its page. Needs `Restore`.
#[server(prefix = "/ui", endpoint = "start")]
pub async fn start_restore(
    /// The plan's JSON, as the review gave it.
    plan: String,
    /// Why, for the audit log.
    reason: String,
    /// The targets whose items may be overwritten, as they were typed.
    overwrite: Option<String>,
) -> Result<(), Failure> {
    let (workflow, ctx) = super::gate::actor()?;
    let plan: recovery::plan::Plan = serde_json::from_str(&plan).map_err(|error| Failure::Refused {
        message: "The plan cannot be read.".to_owned(),
        hint: Some(format!("Review the restore once more ({error}).")),
    })?;
    let run = workflow
        .start(&ctx, plan, approval(&reason, overwrite.as_deref()))
        .await?;
    leptos_axum::redirect(&format!("/restores/{}", run.run_id));
    Ok(())
}

/// Starts a run of a copy in Glacier, which waits for the thaw that is agreed to, and leads to its page. Needs `Restore` and
/// `Thaw`.
#[server(prefix = "/ui", endpoint = "start-thawed")]
pub async fn start_thawed(
    /// What is asked for, as JSON.
    request: String,
    /// How fast it is to be thawed: `expedited`, `standard`, `bulk`.
    tier: String,
    /// Why, for the audit log.
    reason: String,
    /// The targets whose items may be overwritten, as they were typed.
    overwrite: Option<String>,
) -> Result<(), Failure> {
    let (workflow, ctx) = super::gate::actor()?;
    let request: PlanRequest = serde_json::from_str(&request).map_err(|error| Failure::Refused {
        message: "The request cannot be read.".to_owned(),
        hint: Some(format!("Review the restore once more ({error}).")),
    })?;
    let tier = super::gate::tier(&tier)?;
    let approval = Approval {
        thaw: Some(ThawAgreement::new(tier)),
        ..approval(&reason, overwrite.as_deref())
    };
    let run = workflow.start_request(&ctx, request, approval).await?;
    leptos_axum::redirect(&format!("/restores/{}", run.run_id));
    Ok(())
}

/// What somebody says besides the plan.
#[cfg(feature = "ssr")]
fn approval(reason: &str, overwrite: Option<&str>) -> Approval {
    Approval {
        reason: Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty()),
        // What is no table's name confirms nothing.
        overwrite: overwrite
            .unwrap_or_default()
            .split([',', ' '])
            .filter_map(|name| name.parse().ok())
            .collect(),
        thaw: None,
    }
}

/// Asks a run to stop. What was written stays. Needs `Cancel`.
#[server(prefix = "/ui", endpoint = "cancel")]
pub async fn cancel_restore(
    /// The run's id.
    id: String,
) -> Result<RunView, Failure> {
    let (workflow, ctx) = super::gate::actor()?;
    let id = super::gate::id("Restore", &id)?;
    Ok(RunView {
        run: workflow.cancel(&ctx, &id).await?,
        now: workflow.now(),
    })
}

/// Asks a run to rest, or lets it go on. Needs `Pause`.
#[server(prefix = "/ui", endpoint = "pause")]
pub async fn pause_restore(
    /// The run's id.
    id: String,
    /// Whether it is to rest.
    rest: bool,
) -> Result<RunView, Failure> {
    let (workflow, ctx) = super::gate::actor()?;
    let id = super::gate::id("Restore", &id)?;
    let run = if rest {
        workflow.pause(&ctx, &id).await?
    } else {
        workflow.resume(&ctx, &id).await?
    };
    Ok(RunView {
        run,
        now: workflow.now(),
    })
}

/// One run.
pub async fn read_run(id: String) -> Result<RunView, Failure> {
    let workflow = super::gate::reader()?;
    let id = super::gate::id("Restore", &id)?;
    Ok(RunView {
        run: workflow.run(&id).await?,
        now: workflow.now(),
    })
}

/// A page of runs, newest first.
pub async fn list_runs(state: Option<String>, cursor: Option<String>) -> Result<RunList, Failure> {
    const PAGE_SIZE: usize = 50;
    let workflow = super::gate::reader()?;
    let state = match state.as_deref() {
        None => None,
        Some("active") => Some(workflow::RunState::Active),
        Some("proven") => Some(workflow::RunState::Proven),
        Some("failed") => Some(workflow::RunState::Failed),
        Some("cancelled") => Some(workflow::RunState::Cancelled),
        Some(name) => {
            return Err(Failure::NotFound {
                subject: format!("State {name:?}"),
            });
        }
    };
    let page = workflow
        .runs(&workflow::RunQuery {
            state,
            cursor,
            limit: Some(PAGE_SIZE),
        })
        .await?;
    Ok(RunList {
        page,
        now: workflow.now(),
    })
}
