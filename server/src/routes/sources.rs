//! Sources with both RPOs per Region.

#![expect(
    unused_qualifications,
    reason = "utoipa qualifies the query types that it describes"
)]

use axum::Json;
use axum::extract::{Path, Query, State};
use recovery::lifecycle::Report;
use recovery::page::Page;
use recovery::source::SourceSummary;
use recovery::timings::Timings;
use serde::Deserialize;
use utoipa::IntoParams;
use workflow::{SourceQuery, Workflow};

use super::call::{Problems, id};
use crate::serve::problem::Problem;

/// Which sources.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Only those that this holds for: conditions on properties with = != : (contains) < <= > >=, joined by and, or and
    /// parentheses. One that is not understood is refused with what is possible
    #[param(example = "standing = behind")]
    filter: Option<String>,
    /// A property to sort by, `-` before it for the largest first; by name where it is missing
    #[param(example = "-restorable_age")]
    sort: Option<String>,
    /// `next_cursor` of the page before
    cursor: Option<String>,
    /// At most this many: 50 where it is missing, never more than 200
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// Sources, with the age of the newest recovery point and of the newest restorable copy per Region
///
/// Filtered or sorted, a large number of sources is answered as it was seen some seconds ago.
#[utoipa::path(
    get,
    path = "/sources",
    tag = "sources",
    operation_id = "list_sources",
    params(Which),
    responses((status = 200, description = "A page", body = Page<SourceSummary>), Problems)
)]
pub async fn list(
    State(workflow): State<Workflow>,
    Query(which): Query<Which>,
) -> Result<Json<Page<SourceSummary>>, Problem> {
    let Which {
        filter,
        sort,
        cursor,
        limit,
    } = which;
    let query = SourceQuery {
        filter,
        sort,
        cursor,
        limit,
    };
    Ok(Json(workflow.source_page(&query).await?))
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
