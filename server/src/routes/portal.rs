//! What customers see of their own databases.

#![expect(
    unused_qualifications,
    reason = "utoipa qualifies the query types that it describes"
)]

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use recovery::ids::{RecoveryPointId, Region, SourceId};
use recovery::page::Page;
use recovery::portal::{Database, Details};
use serde::Deserialize;
use utoipa::IntoParams;
use workflow::Workflow;

use super::call::{Problems, id};
use crate::auth::identity::Known;
use crate::serve::problem::Problem;

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// `next_cursor` of the page before
    cursor: Option<String>,
    /// At most this many: 50 where it is missing, never more than 200
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// Databases of whoever asks: whether their data is safe, and since when not
///
/// A customer's are those that the configuration names; everybody else sees all.
#[utoipa::path(
    get,
    path = "/portal",
    tag = "portal",
    operation_id = "list_portal",
    params(Which),
    responses((status = 200, description = "A page, by name", body = Page<Database>), Problems)
)]
pub async fn list(
    State(workflow): State<Workflow>,
    Known(person): Known,
    Query(which): Query<Which>,
) -> Result<Json<Page<Database>>, Problem> {
    let page = workflow.portal(&person.scope, which.cursor.as_deref(), which.limit);
    Ok(Json(page.await?))
}

/// Which backups.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// `older` of the page before
    before: Option<String>,
}

/// One database with its newest backups and restores
#[utoipa::path(
    get,
    path = "/portal/databases/{database}",
    tag = "portal",
    operation_id = "get_portal_database",
    params(("database" = String, Path, description = "The database's name", example = "tvshows"), Before),
    responses((status = 200, description = "The database", body = Details), Problems)
)]
pub async fn get(
    State(workflow): State<Workflow>,
    Known(person): Known,
    Path(database): Path<String>,
    Query(asked): Query<Before>,
) -> Result<Json<Details>, Problem> {
    let database: SourceId = id(&database)?;
    let details = workflow.portal_database(&person.scope, &database, asked.before.as_deref());
    Ok(Json(details.await?))
}

/// The evidence of the last check of a copy: a JSON document that carries its own SHA-256
///
/// `data-restore evidence verify` holds it against that digest, as may any program that can sort JSON members.
#[utoipa::path(
    get,
    path = "/portal/databases/{database}/backups/{backup}/copies/{region}/evidence",
    tag = "portal",
    operation_id = "get_portal_evidence",
    params(
        ("database" = String, Path, description = "The database's name", example = "tvshows"),
        ("backup" = String, Path, description = "The backup's id"),
        ("region" = String, Path, description = "The copy's Region", example = "us-west-2")
    ),
    responses(
        (status = 200, description = "The evidence, as it is stored beside the copy", content_type = "application/json"),
        Problems
    )
)]
pub async fn evidence(
    State(workflow): State<Workflow>,
    Known(person): Known,
    Path((database, backup, region)): Path<(String, String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let (database, backup, region): (SourceId, RecoveryPointId, Region) =
        (id(&database)?, id(&backup)?, id(&region)?);
    let json = workflow
        .portal_evidence(&person.scope, &database, &backup, &region)
        .await?;
    // Both parts of the name are ids, which hold nothing that a header could not.
    let file = format!("attachment; filename=\"evidence-{backup}-{region}.json\"");
    let headers = [
        (CONTENT_TYPE, "application/json".to_owned()),
        (CONTENT_DISPOSITION, file),
    ];
    Ok((headers, json))
}
