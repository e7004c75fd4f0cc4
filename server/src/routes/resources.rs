//! Whatever AWS Backup protects, of any type, and the databases that it does not.

use axum::Json;
use axum::extract::State;
use recovery::page::Page;
use recovery::resource::Inventory;
use workflow::Workflow;

use super::call::{Problems, whole};
use crate::serve::problem::Problem;

/// What AWS Backup holds and what it does not, per account and Region. At most five minutes old
#[utoipa::path(
    get,
    path = "/resources",
    tag = "policies",
    operation_id = "list_resources",
    responses((status = 200, description = "One inventory for each account and Region", body = Page<Inventory>), Problems)
)]
pub async fn list(State(workflow): State<Workflow>) -> Result<Json<Page<Inventory>>, Problem> {
    Ok(Json(whole(workflow.resources().await?.to_vec())))
}
