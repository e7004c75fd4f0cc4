//! Recovery points: their steps, copies, verdicts and tables.

#![expect(
    unused_qualifications,
    reason = "utoipa qualifies the query types that it describes"
)]

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use recovery::archive::{ThawOption, Tier};
use recovery::ids::{Region, SourceId};
use recovery::page::Page;
use recovery::point::{RecoveryPoint, State as PointState};
use recovery::repair::Repaired;
use recovery::request::Draft;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use workflow::{PointQuery, Workflow};

use super::call::{Caller, Problems, id, whole};
use crate::serve::problem::Problem;

/// Days that thawed objects stay readable, where nothing is said.
const DAYS: u32 = 3;

/// Which recovery points.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
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
    /// Only those that this holds for: conditions on properties with = != : (contains) < <= > >=, joined by and, or and
    /// parentheses. One that is not understood is refused with what is possible
    #[param(example = "source = tvshows and state != verified")]
    filter: Option<String>,
    /// A property to sort by, `-` before it for the largest first; the newest first where it is missing. Any other order looks
    /// at 2,000 recovery points at most, and is refused where there are more
    #[param(example = "-size")]
    sort: Option<String>,
    /// `next_cursor` of the page before
    cursor: Option<String>,
    /// At most this many: 50 where it is missing, never more than 200
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// Recovery points, newest first where nothing else is said
#[utoipa::path(
    get,
    path = "/recovery-points",
    tag = "recovery points",
    operation_id = "list_recovery_points",
    params(Which),
    responses((status = 200, description = "A page", body = Page<RecoveryPoint>), Problems)
)]
pub async fn list(
    State(workflow): State<Workflow>,
    Query(which): Query<Which>,
) -> Result<Json<Page<RecoveryPoint>>, Problem> {
    let Which {
        source,
        state,
        from,
        to,
        filter,
        sort,
        cursor,
        limit,
    } = which;
    let query = PointQuery {
        source,
        state,
        from,
        to,
        filter,
        sort,
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

/// Which copy is to be repaired.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RepairOf {
    /// Only the copy in this Region; every incomplete one where it is missing
    #[schema(value_type = Option<String>, example = "us-west-2")]
    region: Option<Region>,
}

/// Copy what incomplete copies lack from a verified one, and check all of them again (needs the operator role)
///
/// Every object is copied within S3. Nothing is lost: an object goes only where none is, or over one whose version stays.
/// What cannot be repaired is told with the reason.
#[utoipa::path(
    post,
    path = "/recovery-points/{id}/repair",
    tag = "recovery points",
    operation_id = "repair_recovery_point",
    params(("id" = String, Path, description = "The recovery point's id")),
    request_body(content = Option<RepairOf>),
    responses((status = 200, description = "What was done, and the recovery point with its new verdicts", body = Repaired), Problems)
)]
pub async fn repair(
    State(workflow): State<Workflow>,
    Caller(ctx): Caller,
    Path(point): Path<String>,
    of: Option<Json<RepairOf>>,
) -> Result<Json<Repaired>, Problem> {
    let region = of.and_then(|Json(of)| of.region);
    let repaired = workflow.repair(&ctx, &id(&point)?, region.as_ref()).await?;
    Ok(Json(repaired))
}

/// How a copy is to be thawed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThawOf {
    /// The copy's Region
    #[schema(value_type = String, example = "us-west-2")]
    region: Region,
    /// How fast
    tier: Tier,
    /// Days that the thawed objects stay readable: 3 where it is missing, at most 365
    days: Option<u32>,
}

/// Ask S3 to make a copy readable that lies in Glacier (needs the operator role)
///
/// `copies[].archived` tells how far it is; `GET …/copies/{region}/thaw` what each tier takes and costs. Asking again
/// while S3 works on it changes nothing.
#[utoipa::path(
    post,
    path = "/recovery-points/{id}/thaw",
    tag = "recovery points",
    operation_id = "thaw_copy",
    params(("id" = String, Path, description = "The recovery point's id")),
    request_body = ThawOf,
    responses((status = 202, description = "The recovery point, whose copy S3 is thawing", body = RecoveryPoint), Problems)
)]
pub async fn thaw(
    State(workflow): State<Workflow>,
    Caller(ctx): Caller,
    Path(point): Path<String>,
    Json(ThawOf { region, tier, days }): Json<ThawOf>,
) -> Result<(StatusCode, Json<RecoveryPoint>), Problem> {
    let point = workflow
        .thaw(&ctx, &id(&point)?, &region, tier, days.unwrap_or(DAYS))
        .await?;
    Ok((StatusCode::ACCEPTED, Json(point)))
}

/// What each tier takes and costs to thaw a copy; nothing where it can be read at once
#[utoipa::path(
    get,
    path = "/recovery-points/{id}/copies/{region}/thaw",
    tag = "recovery points",
    operation_id = "thaw_options",
    params(
        ("id" = String, Path, description = "The recovery point's id"),
        ("region" = String, Path, description = "The copy's Region", example = "us-west-2")
    ),
    responses((status = 200, description = "The tiers, the fastest first", body = Page<ThawOption>), Problems)
)]
pub async fn thaw_options(
    State(workflow): State<Workflow>,
    Path((point, region)): Path<(String, String)>,
) -> Result<Json<Page<ThawOption>>, Problem> {
    let region: Region = id(&region)?;
    let point = workflow.recovery_point(&id(&point)?).await?;
    let copy = point
        .copy_in(&region)
        .ok_or_else(|| Problem::not_found(format!("{} has no copy in {region}", point.id)))?;
    Ok(Json(whole(workflow.thaw_options(copy))))
}

/// The evidence of a copy's last check, object by object: a JSON document that carries its own SHA-256
///
/// `data-restore evidence verify` holds it against that digest, as may any program that can sort JSON members.
#[utoipa::path(
    get,
    path = "/recovery-points/{id}/copies/{region}/evidence",
    tag = "recovery points",
    operation_id = "get_evidence",
    params(
        ("id" = String, Path, description = "The recovery point's id"),
        ("region" = String, Path, description = "The copy's Region", example = "us-west-2")
    ),
    responses(
        (status = 200, description = "The manifest, as it is stored beside the copy", content_type = "application/json"),
        Problems
    )
)]
pub async fn evidence(
    State(workflow): State<Workflow>,
    Path((point, region)): Path<(String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let json = workflow.manifest(&id(&point)?, &id(&region)?).await?;
    Ok(([(CONTENT_TYPE, "application/json")], json))
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
