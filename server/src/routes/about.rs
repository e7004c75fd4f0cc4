//! What the installation is and depends on, and who may come in.

use axum::Json;
use axum::extract::State;
use recovery::about::About;
use recovery::access::Access;

use super::call::Problems;
use crate::serve::problem::Problem;
use crate::serve::state::App;

/// Regions, accounts, versions, the configuration in force without its secrets, and when each service was last reached
///
/// What is told of services is what this server's process has seen; it asks AWS nothing for it.
#[utoipa::path(
    get,
    path = "/about",
    tag = "installation",
    operation_id = "get_about",
    responses((status = 200, description = "The installation", body = About), Problems)
)]
pub async fn get(State(app): State<App>) -> Result<Json<About>, Problem> {
    Ok(Json(app.workflow.about((*app.server).clone())))
}

/// People and tokens of the configuration: role, a customer's sources, and who is signed in
#[utoipa::path(
    get,
    path = "/access",
    tag = "installation",
    operation_id = "get_access",
    responses((status = 200, description = "Everybody who may come in, by name", body = Access), Problems)
)]
pub async fn access(State(app): State<App>) -> Result<Json<Access>, Problem> {
    Ok(Json(app.access()))
}
