//! Who asks, and under which request.

use recovery::actor::{Actor, Role, Via};

/// The origin of a call that changes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ctx {
    /// Who acts.
    pub actor: Actor,
    /// The request that caused it, for the audit log.
    pub request_id: Option<String>,
}

impl Ctx {
    /// The product's own workers.
    pub fn worker() -> Self {
        Self {
            actor: Actor {
                name: "data-restore".to_owned(),
                role: Role::Operator,
                via: Via::Worker,
            },
            request_id: None,
        }
    }
}
