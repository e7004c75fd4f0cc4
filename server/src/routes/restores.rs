//! Restores: started, listed, watched, cancelled.

#![expect(
    unused_qualifications,
    reason = "utoipa qualifies the query types that it describes"
)]

use axum::Json;
use axum::extract::{Path, Query, State};
use http::header::LOCATION;
use http::{HeaderName, StatusCode};
use recovery::page::Page;
use recovery::plan::Plan;
use recovery::run::Run;
use recovery::schema_record::SchemaRecord;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use workflow::{RunQuery, RunState, Workflow};

use super::call::{Caller, Problems, id};
use super::restore_request::{RestoreRequest, What};
use crate::serve::problem::Problem;

/// Start a restore (needs the operator role)
///
/// Takes a plan that was reviewed, or what a plan is made from. A copy that is not verified and a plan that its
/// preflight blocks are refused; nothing is written then. Of a copy in Glacier, a run begins where `thaw` agrees to one:
/// it asks S3, waits (`thaw` of the run says until about when), and makes or checks the plan once all can be read.
#[utoipa::path(
    post,
    path = "/restores",
    tag = "restores",
    operation_id = "start_restore",
    request_body = RestoreRequest,
    responses(
        (
            status = 202,
            description = "The run, which a worker takes up",
            body = Run,
            headers(("Location" = String, description = "The run's path"))
        ),
        Problems
    )
)]
pub async fn start(
    State(workflow): State<Workflow>,
    Caller(ctx): Caller,
    Json(RestoreRequest { what, approval }): Json<RestoreRequest>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<Run>), Problem> {
    let run = match what {
        What::Plan(plan) => workflow.start(&ctx, *plan, approval).await?,
        What::Request(request) => workflow.start_request(&ctx, request, approval).await?,
    };
    let location = format!("/api/v1/restores/{}", run.run_id);
    Ok((StatusCode::ACCEPTED, [(LOCATION, location)], Json(run)))
}

/// In which state.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateFilter {
    /// Not ended.
    Active,
    /// Ended proven.
    Proven,
    /// Ended failed.
    Failed,
    /// Ended cancelled.
    Cancelled,
}

/// Which restores.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Only in this state
    #[param(inline)]
    state: Option<StateFilter>,
    /// `next_cursor` of the page before
    cursor: Option<String>,
    /// At most this many: 50 where it is missing, never more than 200
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// Restores, newest first
#[utoipa::path(
    get,
    path = "/restores",
    tag = "restores",
    operation_id = "list_restores",
    params(Filter),
    responses((status = 200, description = "A page, newest first", body = Page<Run>), Problems)
)]
pub async fn list(
    State(workflow): State<Workflow>,
    Query(Filter { state, cursor, limit }): Query<Filter>,
) -> Result<Json<Page<Run>>, Problem> {
    let state = state.map(|state| match state {
        StateFilter::Active => RunState::Active,
        StateFilter::Proven => RunState::Proven,
        StateFilter::Failed => RunState::Failed,
        StateFilter::Cancelled => RunState::Cancelled,
    });
    let query = RunQuery { state, cursor, limit };
    Ok(Json(workflow.runs(&query).await?))
}

/// One restore and how far it is
#[utoipa::path(
    get,
    path = "/restores/{id}",
    tag = "restores",
    operation_id = "get_restore",
    params(("id" = String, Path, description = "The run's id", example = "r-01kx3v8m2p")),
    responses((status = 200, description = "The run", body = Run), Problems)
)]
pub async fn get(State(workflow): State<Workflow>, Path(run): Path<String>) -> Result<Json<Run>, Problem> {
    Ok(Json(workflow.run(&id(&run)?).await?))
}

/// The plan that a restore executes
#[utoipa::path(
    get,
    path = "/restores/{id}/plan",
    tag = "restores",
    operation_id = "get_plan_of_restore",
    params(("id" = String, Path, description = "The run's id")),
    responses((status = 200, description = "The plan", body = Plan), Problems)
)]
pub async fn plan(State(workflow): State<Workflow>, Path(run): Path<String>) -> Result<Json<Plan>, Problem> {
    Ok(Json(workflow.plan_of(&id(&run)?).await?))
}

/// What a restore's tables were: original types, keys, representations
///
/// There from the moment that the run takes its first table. `data-restore export-rows` makes Parquet of the tables
/// again with it.
#[utoipa::path(
    get,
    path = "/restores/{id}/schema",
    tag = "restores",
    operation_id = "get_schema_of_restore",
    params(("id" = String, Path, description = "The run's id")),
    responses((status = 200, description = "The schema record", body = SchemaRecord), Problems)
)]
pub async fn schema(
    State(workflow): State<Workflow>,
    Path(run): Path<String>,
) -> Result<Json<SchemaRecord>, Problem> {
    Ok(Json(workflow.schema_of(&id(&run)?).await?))
}

/// Pause a restore; it goes on when it is resumed (needs the operator role)
#[utoipa::path(
    post,
    path = "/restores/{id}/pause",
    tag = "restores",
    operation_id = "pause_restore",
    params(("id" = String, Path, description = "The run's id")),
    responses((status = 202, description = "The run, which rests soon", body = Run), Problems)
)]
pub async fn pause(
    State(workflow): State<Workflow>,
    Caller(ctx): Caller,
    Path(run): Path<String>,
) -> Result<(StatusCode, Json<Run>), Problem> {
    let run = workflow.pause(&ctx, &id(&run)?).await?;
    Ok((StatusCode::ACCEPTED, Json(run)))
}

/// Let a paused restore go on (needs the operator role)
#[utoipa::path(
    post,
    path = "/restores/{id}/resume",
    tag = "restores",
    operation_id = "resume_restore",
    params(("id" = String, Path, description = "The run's id")),
    responses((status = 202, description = "The run, which goes on soon", body = Run), Problems)
)]
pub async fn resume(
    State(workflow): State<Workflow>,
    Caller(ctx): Caller,
    Path(run): Path<String>,
) -> Result<(StatusCode, Json<Run>), Problem> {
    let run = workflow.resume(&ctx, &id(&run)?).await?;
    Ok((StatusCode::ACCEPTED, Json(run)))
}

/// Cancel a restore; what was written stays (needs the operator role)
#[utoipa::path(
    post,
    path = "/restores/{id}/cancel",
    tag = "restores",
    operation_id = "cancel_restore",
    params(("id" = String, Path, description = "The run's id")),
    responses((status = 202, description = "The run, which ends soon", body = Run), Problems)
)]
pub async fn cancel(
    State(workflow): State<Workflow>,
    Caller(ctx): Caller,
    Path(run): Path<String>,
) -> Result<(StatusCode, Json<Run>), Problem> {
    Ok((
        StatusCode::ACCEPTED,
        Json(workflow.cancel(&ctx, &id(&run)?).await?),
    ))
}
