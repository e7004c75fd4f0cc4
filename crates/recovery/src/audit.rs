//! One entry of the audit log.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::actor::{Actor, Permission};

/// Whether an entry records that something began or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AuditPhase))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Written before the first change is made.
    Started,
    /// It was done as asked.
    Succeeded,
    /// It was tried and failed; `detail` says why.
    Failed,
    /// It was not permitted, or its plan was blocked; nothing was changed.
    Refused,
}

/// Who did what to what, when, why, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Position in the log, from 1, without gaps.
    pub sequence: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who acted.
    pub actor: Actor,
    /// The permission that was used or refused.
    pub permission: Permission,
    /// What was acted on: a run id, a recovery point id.
    pub subject: String,
    /// Begun or ended.
    pub phase: Phase,
    /// The reason given by the actor, if any.
    pub reason: Option<String>,
    /// Outcome in words; identifiers of what was made.
    pub detail: String,
    /// The request that caused it, if one did.
    pub request_id: Option<String>,
    /// SHA-256 (hex) of the entry before this one, 64 zeros for the first.
    pub previous: String,
    /// SHA-256 (hex) of this entry: of its canonical JSON without this field.
    pub hash: String,
}
