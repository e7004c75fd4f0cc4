//! Who may do what: the people and tokens of the configuration.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::actor::Role;
use crate::ids::SourceId;
use crate::scope::Scope;

/// Everybody who may come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Access {
    /// People and tokens, by name.
    pub entries: Vec<Entry>,
    /// Where they are configured.
    pub configured_in: String,
}

/// A person or a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AccessEntry))]
pub struct Entry {
    /// The name, as the audit log has it.
    pub name: String,
    /// Whether a person signs in, or a script bears a token.
    pub kind: Kind,
    /// What they may do.
    pub role: Role,
    /// A customer's sources; `None`: every source.
    pub sources: Option<BTreeSet<SourceId>>,
    /// Of a person, when the newest session began that is still open at this server; `None` where none is.
    pub signed_in_at: Option<Timestamp>,
}

/// How somebody comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AccessKind))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// With a password.
    Person,
    /// With a token.
    Token,
}

impl Entry {
    /// Somebody with this role and scope.
    pub fn new(name: &str, kind: Kind, role: Role, scope: &Scope, signed_in_at: Option<Timestamp>) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            role,
            sources: match scope {
                Scope::All => None,
                Scope::Only(sources) => Some(sources.clone()),
            },
            signed_in_at,
        }
    }
}
