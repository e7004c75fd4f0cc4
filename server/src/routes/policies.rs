//! What is expected of sources, and what in the accounts contradicts it.

use axum::Json;
use axum::extract::{Path, State};
use recovery::page::Page;
use recovery::policy::PolicyCheck;
use workflow::Workflow;

use super::call::{Problems, id, whole};
use crate::serve::problem::Problem;

/// Every policy: the general one (`default`), then those of sources. At most a minute old
#[utoipa::path(
    get,
    path = "/policies",
    tag = "policies",
    operation_id = "list_policies",
    responses((status = 200, description = "Every policy with what accounts hold and what contradicts it", body = Page<PolicyCheck>), Problems)
)]
pub async fn list(State(workflow): State<Workflow>) -> Result<Json<Page<PolicyCheck>>, Problem> {
    Ok(Json(whole(workflow.policies().await?.to_vec())))
}

/// What is expected of one source, and what contradicts it
#[utoipa::path(
    get,
    path = "/policies/{source}",
    tag = "policies",
    operation_id = "get_policy",
    params(("source" = String, Path, description = "The source's id", example = "tvshows")),
    responses((status = 200, description = "The policy that holds for the source", body = PolicyCheck), Problems)
)]
pub async fn get(
    State(workflow): State<Workflow>,
    Path(source): Path<String>,
) -> Result<Json<PolicyCheck>, Problem> {
    Ok(Json(workflow.policy(&id(&source)?).await?))
}
