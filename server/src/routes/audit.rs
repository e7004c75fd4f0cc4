//! The audit log.

#![expect(
    unused_qualifications,
    reason = "utoipa qualifies the query types that it describes"
)]

use axum::Json;
use axum::extract::{Query, State};
use recovery::audit::AuditEntry;
use recovery::page::Page;
use serde::Deserialize;
use utoipa::IntoParams;
use workflow::{AuditQuery, Workflow};

use super::call::Problems;
use crate::serve::problem::Problem;

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Only on this run or recovery point
    subject: Option<String>,
    /// `next_cursor` of the page before
    cursor: Option<String>,
    /// At most this many: 50 where it is missing, never more than 200
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// Audit entries, newest first; each carries the hash of the one before it
#[utoipa::path(
    get,
    path = "/audit",
    tag = "audit",
    operation_id = "list_audit_entries",
    params(Filter),
    responses((status = 200, description = "A page, newest first", body = Page<AuditEntry>), Problems)
)]
pub async fn list(
    State(workflow): State<Workflow>,
    Query(Filter {
        subject,
        cursor,
        limit,
    }): Query<Filter>,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    let query = AuditQuery {
        subject,
        cursor,
        limit,
    };
    Ok(Json(workflow.audit(&query).await?))
}
