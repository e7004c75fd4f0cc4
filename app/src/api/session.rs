//! Who is signed in.

use leptos::prelude::*;
use recovery::actor::{Actor, Role};
use recovery::scope::Scope;
use serde::{Deserialize, Serialize};

/// Who makes a request. The server gives `Option<Session>` by context, `None` when nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The person or token.
    pub actor: Actor,
    /// The sources that exist for them.
    pub scope: Scope,
    /// The request's id, for logs and the audit log.
    pub request_id: String,
}

/// What the pages know of the person who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name.
    pub name: String,
    /// What it may do.
    pub role: Role,
}

/// The session of this request. Always `None` in the browser.
pub fn session() -> Option<Session> {
    use_context::<Option<Session>>().flatten()
}

/// The user of this request. Always `None` in the browser, which gets it with the first page.
pub fn user() -> Option<User> {
    session().map(|session| User {
        name: session.actor.name,
        role: session.actor.role,
    })
}
