//! Sources as CSV: a line for each Region of each.

#![expect(
    unused_qualifications,
    reason = "utoipa qualifies the query types that it describes"
)]

use axum::extract::{Query, State};
use axum::response::Response;
use futures::stream;
use recovery::source::{RegionRpo, SourceSummary};
use serde::Deserialize;
use utoipa::IntoParams;
use workflow::{SourceQuery, Workflow};

use super::call::Problems;
use super::csv;
use crate::serve::problem::Problem;
use crate::serve::state::App;

/// Which sources.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Only those that this holds for, as in `GET /sources`
    #[param(example = "standing = behind")]
    filter: Option<String>,
    /// A property to sort by, `-` before it for the largest first
    sort: Option<String>,
}

/// Every source that a filter holds for, as CSV: a line for each of its Regions
///
/// RFC 4180 with a header line. A value that a spreadsheet would take for a formula has an apostrophe before it.
#[utoipa::path(
    get,
    path = "/sources.csv",
    tag = "sources",
    operation_id = "export_sources",
    params(Which),
    responses((status = 200, description = "The table", content_type = "text/csv", body = String), Problems)
)]
pub async fn table(
    State(workflow): State<Workflow>,
    State(app): State<App>,
    Query(Which { filter, sort }): Query<Which>,
) -> Result<Response, Problem> {
    let query = SourceQuery {
        filter,
        sort,
        ..SourceQuery::default()
    };
    let sources = workflow.every_source(&query).await?;
    let rows = sources.into_iter().flat_map(|source| -> Vec<_> {
        source
            .regions
            .iter()
            .map(|region| Ok(row(&source, region)))
            .collect()
    });
    Ok(csv::table("sources", HEADER, stream::iter(rows), app.stop))
}

const HEADER: [&str; 14] = [
    "source", "arn", "home_region", "account", "engine", "class", "interval_seconds", "region",
    "target_seconds", "within_target", "newest_recovery_point_age_seconds", "restorable_age_seconds",
    "newest_restorable", "newest_restorable_made",
];

fn row(summary: &SourceSummary, region: &RegionRpo) -> [String; 14] {
    let source = &summary.source;
    let age = |seconds: Option<i64>| seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
    [
        source.id.to_string(),
        source.arn.clone(),
        source.region.to_string(),
        source.account.to_string(),
        source.engine.clone().unwrap_or_default(),
        source.class.clone().unwrap_or_default(),
        source.interval_seconds.to_string(),
        region.region.to_string(),
        region.rpo.target_seconds.to_string(),
        region.rpo.within_target.to_string(),
        age(region.rpo.recovery_point_age_seconds),
        age(region.rpo.restorable_age_seconds),
        region
            .newest_restorable
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        region
            .newest_restorable_at
            .map(|at| at.to_string())
            .unwrap_or_default(),
    ]
}
