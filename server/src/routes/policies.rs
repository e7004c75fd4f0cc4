//! What is expected of sources, and what in the accounts contradicts it.

#![expect(
    unused_qualifications,
    reason = "utoipa qualifies the query types that it describes"
)]

use axum::Json;
use axum::extract::{Path, Query, State};
use recovery::ids::SourceId;
use recovery::page::Page;
use recovery::policy::{PoliciesApplied, PolicyChanges, PolicyCheck};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use workflow::Workflow;

use super::call::{Caller, Problems, id, whole};
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

/// Whose policy.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Of {
    /// Only the policy that holds for this source
    source: Option<String>,
}

/// What the policies need of AWS Backup. Looked at anew; changes nothing
#[utoipa::path(
    get,
    path = "/policy-changes",
    tag = "policies",
    operation_id = "get_policy_changes",
    params(Of),
    responses((status = 200, description = "The changes with their digest", body = PolicyChanges), Problems)
)]
pub async fn changes(
    State(workflow): State<Workflow>,
    Query(Of { source }): Query<Of>,
) -> Result<Json<PolicyChanges>, Problem> {
    let of: Option<SourceId> = source.as_deref().map(id).transpose()?;
    Ok(Json(workflow.policy_changes(of.as_ref()).await?))
}

/// What is agreed to.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreedChanges {
    /// Only the policy that holds for this source
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    source: Option<SourceId>,
    /// `digest` of the changes that were looked at
    digest: String,
}

/// Make the changes that were looked at (needs the operator role)
///
/// Where the policies need anything else by now, nothing is done. No recovery point, vault, plan, rule, copy action or
/// selection is ever removed.
#[utoipa::path(
    post,
    path = "/policy-changes",
    tag = "policies",
    operation_id = "apply_policy_changes",
    request_body = AgreedChanges,
    responses((status = 200, description = "What was done, and how the policies stand now", body = PoliciesApplied), Problems)
)]
pub async fn apply(
    State(workflow): State<Workflow>,
    Caller(ctx): Caller,
    Json(AgreedChanges { source, digest }): Json<AgreedChanges>,
) -> Result<Json<PoliciesApplied>, Problem> {
    Ok(Json(
        workflow.apply_policies(&ctx, source.as_ref(), &digest).await?,
    ))
}
