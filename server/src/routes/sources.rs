//! Sources with both RPOs per Region.

use axum::Json;
use axum::extract::{Path, State};
use recovery::lifecycle::Report;
use recovery::page::Page;
use recovery::source::SourceSummary;
use recovery::timings::Timings;
use workflow::Workflow;

use super::call::{Problems, id, whole};
use crate::serve::problem::Problem;

/// Every source, with the age of its newest recovery point and of its newest restorable copy per Region
#[utoipa::path(
    get,
    path = "/sources",
    tag = "sources",
    operation_id = "list_sources",
    responses((status = 200, description = "Every source, by name", body = Page<SourceSummary>), Problems)
)]
pub async fn list(State(workflow): State<Workflow>) -> Result<Json<Page<SourceSummary>>, Problem> {
    Ok(Json(whole(workflow.sources().await?)))
}

/// One source
#[utoipa::path(
    get,
    path = "/sources/{source}",
    tag = "sources",
    operation_id = "get_source",
    params(("source" = String, Path, description = "The source's id", example = "tvshows")),
    responses((status = 200, description = "The source", body = SourceSummary), Problems)
)]
pub async fn get(
    State(workflow): State<Workflow>,
    Path(source): Path<String>,
) -> Result<Json<SourceSummary>, Problem> {
    Ok(Json(workflow.source(&id(&source)?).await?))
}

/// How long a source's newest recovery points took to become verified copies: percentiles, sizes and durations of exports,
/// and when exports under way are likely to end
#[utoipa::path(
    get,
    path = "/sources/{source}/timings",
    tag = "sources",
    operation_id = "get_source_timings",
    params(("source" = String, Path, description = "The source's id", example = "tvshows")),
    responses((status = 200, description = "The figures of at most 200 recovery points", body = Timings), Problems)
)]
pub async fn timings(
    State(workflow): State<Workflow>,
    Path(source): Path<String>,
) -> Result<Json<Timings>, Problem> {
    Ok(Json(workflow.timings(&id(&source)?).await?))
}

/// What the policy's lifecycle asks for of a source's copies now: which move to Glacier, which end, and what is spared why
#[utoipa::path(
    get,
    path = "/sources/{source}/lifecycle",
    tag = "sources",
    operation_id = "get_source_lifecycle",
    params(("source" = String, Path, description = "The source's id", example = "tvshows")),
    responses((status = 200, description = "At most 100 copies that are due, and 100 that are spared; now, and when the server last acted", body = Report), Problems)
)]
pub async fn lifecycle(
    State(workflow): State<Workflow>,
    Path(source): Path<String>,
) -> Result<Json<Report>, Problem> {
    Ok(Json(workflow.lifecycle(&id(&source)?).await?))
}
