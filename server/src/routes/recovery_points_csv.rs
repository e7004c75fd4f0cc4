//! Recovery points as CSV.

#![expect(
    unused_qualifications,
    reason = "utoipa qualifies the query types that it describes"
)]

use axum::extract::{Query, State};
use axum::response::Response;
use futures::TryStreamExt as _;
use jiff::Timestamp;
use recovery::ids::SourceId;
use recovery::point::{Copy, RecoveryPoint, State as PointState};
use serde::Deserialize;
use utoipa::IntoParams;
use workflow::{PointQuery, Workflow};

use super::call::Problems;
use super::csv;
use crate::serve::problem::Problem;
use crate::serve::state::App;

/// Which recovery points.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Only those that this holds for, as in `GET /recovery-points`
    #[param(example = "source = tvshows and state != verified")]
    filter: Option<String>,
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
}

/// Every recovery point that a filter holds for, as CSV: by source, the newest of each first
///
/// RFC 4180 with a header line. A value that a spreadsheet would take for a formula has an apostrophe before it. An answer that
/// cannot be written to its end is broken off.
#[utoipa::path(
    get,
    path = "/recovery-points.csv",
    tag = "recovery points",
    operation_id = "export_recovery_points",
    params(Which),
    responses((status = 200, description = "The table", content_type = "text/csv", body = String), Problems)
)]
pub async fn table(
    State(workflow): State<Workflow>,
    State(app): State<App>,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let query = PointQuery {
        source: which.source,
        state: which.state,
        from: which.from,
        to: which.to,
        filter: which.filter,
        ..PointQuery::default()
    };
    let points = workflow.every_recovery_point(&query).await?;
    Ok(csv::table(
        "recovery-points",
        HEADER,
        points.map_ok(|point| row(&point)),
        app.stop,
    ))
}

const HEADER: [&str; 16] = [
    "id", "source", "state", "made", "late_by_seconds", "region", "account", "vault", "arn", "expires",
    "ended", "copies_in", "verified_in", "rows", "parquet_bytes", "tables",
];

fn row(point: &RecoveryPoint) -> [String; 16] {
    let regions = |is: fn(&Copy) -> bool| {
        let regions = point.copies.iter().filter(|copy| is(copy));
        regions
            .map(|copy| copy.region.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    // Before its export is complete, nobody knows how large it is.
    let is_exported = !point.tables.is_empty();
    let of_export = |number: u64| {
        if is_exported {
            number.to_string()
        } else {
            String::new()
        }
    };
    [
        point.id.to_string(),
        point.source.to_string(),
        point.state.name().to_owned(),
        point.created_at.to_string(),
        point
            .late_by_seconds
            .map(|late| late.to_string())
            .unwrap_or_default(),
        point.region.to_string(),
        point.account.to_string(),
        point.vault.clone(),
        point.arn.to_string(),
        time(point.expires_at),
        time(point.ended_at),
        regions(|_| true),
        regions(|copy| copy.verdict.is_restorable()),
        of_export(point.rows()),
        of_export(point.bytes()),
        of_export(point.tables.len() as u64),
    ]
}
