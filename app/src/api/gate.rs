//! The way from a server function to a use case. Nobody who is signed out comes through.

use leptos::prelude::*;
use recovery::actor::Permission;
use recovery::scope::Scope;
use workflow::{Ctx, Workflow};

use super::Failure;
use super::session::{Session, session};

/// The use cases, for somebody who may read.
pub(super) fn reader() -> Result<Workflow, Failure> {
    enter(Permission::Read).map(|(workflow, _)| workflow)
}

/// The use cases, for somebody who may see the portal, and which databases are theirs.
pub(super) fn customer() -> Result<(Workflow, Scope), Failure> {
    enter(Permission::Portal).map(|(workflow, session)| (workflow, session.scope))
}

/// The use cases and who asks, for what changes something. The use case checks the permission, so that the audit
/// log holds the refusals too.
pub(super) fn actor() -> Result<(Workflow, Ctx), Failure> {
    enter(Permission::Read).map(|(workflow, session)| {
        let ctx = Ctx {
            actor: session.actor,
            request_id: Some(session.request_id),
        };
        (workflow, ctx)
    })
}

fn enter(permission: Permission) -> Result<(Workflow, Session), Failure> {
    let session = session().ok_or(Failure::SignedOut)?;
    if !session.actor.role.may(permission) {
        return Err(Failure::NotPermitted {
            needs: permission.needs(),
        });
    }
    let workflow = use_context::<Workflow>().ok_or_else(|| Failure::Unreachable {
        message: "The server is still starting.".to_owned(),
        hint: Some("Try again in a moment.".to_owned()),
        request_id: Some(session.request_id.clone()),
    })?;
    Ok((workflow, session))
}

/// Reads an id that came with an address; what is no id names nothing.
pub(super) fn id<T: std::str::FromStr>(kind: &str, text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::NotFound {
        subject: format!("{kind} {text:?}"),
    })
}

impl From<workflow::Error> for Failure {
    fn from(error: workflow::Error) -> Self {
        let hint = error.hint();
        match error {
            workflow::Error::NotPermitted { permission, .. } => Self::NotPermitted {
                needs: permission.needs(),
            },
            workflow::Error::NotFound { kind, id } => Self::NotFound {
                subject: format!("{} {id}", sentence_start(kind)),
            },
            workflow::Error::Filter(error) => Self::Filter(error),
            error @ (workflow::Error::Invalid(_)
            | workflow::Error::RegionNotConfigured { .. }
            | workflow::Error::NotRestorable { .. }
            | workflow::Error::NeedsThaw { .. }
            | workflow::Error::Blocked(_)
            | workflow::Error::Conflict(_)
            | workflow::Error::Contended { .. }) => Self::Refused {
                message: sentence(&error.to_string()),
                hint,
            },
            // What the engine refuses (an unknown column, a damaged object) is no outage.
            error @ workflow::Error::Restore(_) if !error.is_transient() => Self::Refused {
                message: sentence(&error.to_string()),
                hint,
            },
            error => Self::Unreachable {
                message: sentence(&error.to_string()),
                hint,
                request_id: session().map(|session| session.request_id),
            },
        }
    }
}

/// The thaw of that name.
pub(super) fn tier(name: &str) -> Result<recovery::archive::Tier, Failure> {
    let mut tiers = recovery::archive::Tier::ALL.into_iter();
    tiers
        .find(|known| known.name() == name)
        .ok_or_else(|| Failure::NotFound {
            subject: format!("Tier {name:?}"),
        })
}

/// An error's text as a sentence: errors begin small and end without a point.
fn sentence(text: &str) -> String {
    let mut sentence = sentence_start(text);
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

fn sentence_start(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
