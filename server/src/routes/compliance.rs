//! Which controls a source met on which day.

#![expect(
    unused_qualifications,
    reason = "utoipa qualifies the query types that it describes"
)]

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use futures::stream;
use jiff::civil::Date;
use recovery::compliance::{DAYS, Report};
use serde::Deserialize;
use utoipa::IntoParams;
use workflow::Workflow;

use super::call::{Problems, id};
use super::csv;
use crate::serve::problem::Problem;
use crate::serve::state::App;

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

/// The same as CSV: a line for each control and day
///
/// RFC 4180 with a header line. A value that a spreadsheet would take for a formula has an apostrophe before it.
#[utoipa::path(
    get,
    path = "/sources/{source}/compliance.csv",
    tag = "sources",
    operation_id = "export_source_compliance",
    params(("source" = String, Path, description = "The source's id", example = "tvshows"), Asked),
    responses((status = 200, description = "The table", content_type = "text/csv", body = String), Problems)
)]
pub async fn table(
    State(workflow): State<Workflow>,
    State(app): State<App>,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let days = asked.days.unwrap_or(DAYS);
    let report = workflow.compliance(&id(&source)?, days, asked.until).await?;
    Ok(csv::table(
        "compliance",
        HEADER,
        stream::iter(rows(report).map(Ok)),
        app.stop,
    ))
}

const HEADER: [&str; 8] = [
    "source", "day", "control", "standing", "evidence", "run", "looked_at", "requirement",
];

fn rows(report: Report) -> impl Iterator<Item = [String; 8]> + Send {
    let Report {
        source, days, rows, ..
    } = report;
    rows.into_iter().flat_map(move |row| {
        let (source, days) = (source.clone(), days.clone());
        let (control, requirement) = (row.control, row.requirement);
        days.into_iter().zip(row.cells).map(move |(day, cell)| {
            [
                source.to_string(),
                day.to_string(),
                control.name().to_owned(),
                cell.standing.name().to_owned(),
                cell.evidence,
                cell.run.map(|run| run.to_string()).unwrap_or_default(),
                cell.looked_at.map(|at| at.to_string()).unwrap_or_default(),
                requirement.clone(),
            ]
        })
    })
}
