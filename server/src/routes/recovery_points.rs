//! Recovery points: their steps, copies, verdicts and tables.

#![expect(
    unused_qualifications,
    reason = "utoipa qualifies the query types that it describes"
)]

use axum::Json;
use axum::extract::{Path, Query, State};
use jiff::Timestamp;
use recovery::ids::{Region, SourceId};
use recovery::page::Page;
use recovery::point::{RecoveryPoint, State as PointState};
use recovery::request::Draft;
use serde::Deserialize;
use utoipa::IntoParams;
use workflow::{PointQuery, Workflow};

use super::call::{Caller, Problems, id};
use crate::serve::problem::Problem;

/// Which recovery points.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Only of this source
    #[param(value_type = Option<String>, example = "tvshows")]
    source: Option<SourceId>,
    /// Only in this state
    #[param(inline)]
    state: Option<PointState>,
    /// Made at or after this time (RFC 3339)
    from: Option<Timestamp>,
    /// Made before this time (RFC 3339)
    to: Option<Timestamp>,
    /// `next_cursor` of the page before
    cursor: Option<String>,
    /// At most this many: 50 where it is missing, never more than 200
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// Recovery points, newest first
#[utoipa::path(
    get,
    path = "/recovery-points",
    tag = "recovery points",
    operation_id = "list_recovery_points",
    params(Filter),
    responses((status = 200, description = "A page, newest first", body = Page<RecoveryPoint>), Problems)
)]
pub async fn list(
    State(workflow): State<Workflow>,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<RecoveryPoint>>, Problem> {
    let Filter {
        source,
        state,
        from,
        to,
        cursor,
        limit,
    } = filter;
    let query = PointQuery {
        source,
        state,
        from,
        to,
        cursor,
        limit,
    };
    Ok(Json(workflow.recovery_points(&query).await?))
}

/// One recovery point: its steps, its copy in every Region with the verdict and what it rests on, its tables
#[utoipa::path(
    get,
    path = "/recovery-points/{id}",
    tag = "recovery points",
    operation_id = "get_recovery_point",
    params(("id" = String, Path, description = "The recovery point's id", example = "tvshows-20261120t080000z-3f9a2c")),
    responses((status = 200, description = "The recovery point", body = RecoveryPoint), Problems)
)]
pub async fn get(
    State(workflow): State<Workflow>,
    Path(point): Path<String>,
) -> Result<Json<RecoveryPoint>, Problem> {
    Ok(Json(workflow.recovery_point(&id(&point)?).await?))
}

/// Check every copy of a recovery point now (needs the operator role)
#[utoipa::path(
    post,
    path = "/recovery-points/{id}/verify",
    tag = "recovery points",
    operation_id = "verify_recovery_point",
    params(("id" = String, Path, description = "The recovery point's id")),
    responses((status = 200, description = "The recovery point with its new verdicts", body = RecoveryPoint), Problems)
)]
pub async fn verify(
    State(workflow): State<Workflow>,
    Caller(ctx): Caller,
    Path(point): Path<String>,
) -> Result<Json<RecoveryPoint>, Problem> {
    Ok(Json(workflow.verify(&ctx, &id(&point)?).await?))
}

/// Export a recovery point again whose export failed, was cancelled, or waits for its next attempt (needs the operator role)
#[utoipa::path(
    post,
    path = "/recovery-points/{id}/export",
    tag = "recovery points",
    operation_id = "export_recovery_point",
    params(("id" = String, Path, description = "The recovery point's id")),
    responses((status = 200, description = "The recovery point, which waits for its export", body = RecoveryPoint), Problems)
)]
pub async fn export(
    State(workflow): State<Workflow>,
    Caller(ctx): Caller,
    Path(point): Path<String>,
) -> Result<Json<RecoveryPoint>, Problem> {
    Ok(Json(workflow.export_again(&ctx, &id(&point)?).await?))
}

/// Cancel a recovery point's export (needs the operator role)
#[utoipa::path(
    post,
    path = "/recovery-points/{id}/export/cancel",
    tag = "recovery points",
    operation_id = "cancel_export",
    params(("id" = String, Path, description = "The recovery point's id")),
    responses((status = 200, description = "The recovery point, whose export ends", body = RecoveryPoint), Problems)
)]
pub async fn cancel_export(
    State(workflow): State<Workflow>,
    Caller(ctx): Caller,
    Path(point): Path<String>,
) -> Result<Json<RecoveryPoint>, Problem> {
    Ok(Json(workflow.cancel_export(&ctx, &id(&point)?).await?))
}

/// Which copy.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DraftOf {
    /// The copy's Region
    #[param(value_type = String, example = "us-west-2")]
    region: Region,
}

/// What a restore of one copy chooses from: tables, key candidates, free target names (needs the operator role)
#[utoipa::path(
    get,
    path = "/recovery-points/{id}/draft",
    tag = "recovery points",
    operation_id = "draft_restore",
    params(("id" = String, Path, description = "The recovery point's id"), DraftOf),
    responses((status = 200, description = "What there is to choose from", body = Draft), Problems)
)]
pub async fn draft(
    State(workflow): State<Workflow>,
    Caller(ctx): Caller,
    Path(point): Path<String>,
    Query(of): Query<DraftOf>,
) -> Result<Json<Draft>, Problem> {
    Ok(Json(workflow.draft(&ctx, &id(&point)?, &of.region).await?))
}
