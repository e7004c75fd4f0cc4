//! Which controls a source met on which day.

#![expect(
    unused_qualifications,
    reason = "utoipa qualifies the query types that it describes"
)]

use axum::Json;
use axum::extract::{Path, Query, State};
use jiff::civil::Date;
use recovery::compliance::Report;
use serde::Deserialize;
use utoipa::IntoParams;
use workflow::Workflow;

use super::call::{Problems, id};
use crate::serve::problem::Problem;

/// Days of a report where none are asked for.
const DAYS: usize = 35;

/// Which days.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// How many days: 35 where it is missing
    #[param(minimum = 1, maximum = 400)]
    days: Option<usize>,
    /// The last of them (UTC): today where it is missing
    #[param(value_type = Option<String>, format = Date, example = "2026-11-20")]
    until: Option<Date>,
}

/// Which controls a source met on which day, and what shows it
#[utoipa::path(
    get,
    path = "/sources/{source}/compliance",
    tag = "sources",
    operation_id = "get_source_compliance",
    params(("source" = String, Path, description = "The source's id", example = "tvshows"), Asked),
    responses(
        (status = 200, description = "Every control with one cell for each day", body = Report),
        Problems
    )
)]
pub async fn get(
    State(workflow): State<Workflow>,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Report>, Problem> {
    let days = asked.days.unwrap_or(DAYS);
    Ok(Json(workflow.compliance(&id(&source)?, days, asked.until).await?))
}
