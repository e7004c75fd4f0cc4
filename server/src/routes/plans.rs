//! Plans: what a restore would do, and everything found over it. Nothing is written.

use axum::Json;
use axum::extract::State;
use recovery::request::{PlanRequest, Planned};
use workflow::Workflow;

use super::call::{Caller, Problems};
use crate::serve::problem::Problem;

/// Plan a restore and check it; nothing is written (needs the operator role)
///
/// A plan that would be refused is answered too: `preflight.findings` with severity `blocks` say why, and their
/// `choices` say what to change of the request. `plan` is null where a table cannot be planned at all.
///
/// With `"preflight": "quick"` no row is read: what only rows tell is `not_checked`, and starting the plan reads them.
/// Values in examples are masked unless `show_values` asks for them, which is recorded in the audit log.
#[utoipa::path(
    post,
    path = "/plans",
    tag = "restores",
    operation_id = "make_plan",
    request_body = PlanRequest,
    responses((status = 200, description = "The plan and what was found over it", body = Planned), Problems)
)]
pub async fn make(
    State(workflow): State<Workflow>,
    Caller(ctx): Caller,
    Json(request): Json<PlanRequest>,
) -> Result<Json<Planned>, Problem> {
    Ok(Json(workflow.plan(&ctx, &request).await?))
}
