//! Who makes a request: the bearer of a token, or whoever is signed in.

use axum::extract::{FromRequestParts, OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jiff::Timestamp;
use recovery::actor::Permission;
use workflow::{Ctx, Workflow};

use super::directory::Person;
use super::{Auth, next, origin};
use crate::serve::problem::Problem;
use crate::serve::request_id::RequestId;

/// The session cookie.
pub const COOKIE: &str = "data_restore_session";

/// Where customers are led.
pub const PORTAL: &str = "/portal";

/// The server functions that ask for less than to read; every other one is refused to customers, and so is a new one.
const OPEN_FUNCTIONS: [&str; 1] = ["theme"];

/// A refused path in the audit log is cut off behind so many characters.
const SUBJECT_LENGTH_MAX: usize = 200;

/// Whoever makes this request, where that is known.
#[derive(Clone, Debug)]
pub struct Identity(pub Option<Person>);

/// Finds out who makes the request, and refuses changing requests that a foreign page made a browser send.
///
/// A request that names a token is judged by it alone: a wrong token is refused even beside a good cookie.
pub async fn identify(State(auth): State<Auth>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let person = if let Some(value) = headers.get(AUTHORIZATION) {
        let person = value
            .to_str()
            .ok()
            .and_then(bearer)
            .and_then(|token| auth.directory.bearer(token));
        if person.is_none() {
            return Problem::unauthorized("The Authorization header bears no known token").into_response();
        }
        person
    } else {
        // No browser sends an Authorization header across origins without asking; cookies it does.
        if !origin::is_safe(request.method()) && !origin::is_own(headers, auth.public_url.as_ref()) {
            return Problem::new(
                http::StatusCode::FORBIDDEN,
                "foreign_origin",
                "The request was sent by a page of another site",
            )
            .hint(
                "Use this server's own pages, or send a bearer token. Behind a proxy, set server.public_url.",
            )
            .into_response();
        }
        CookieJar::from_headers(headers)
            .get(COOKIE)
            .and_then(|cookie| auth.sessions.user(cookie.value(), Timestamp::now()))
            // A user who was removed from the configuration, or has another role now, has it at once.
            .and_then(|name| Some(auth.directory.user(&name)?.person()))
    };
    request.extensions_mut().insert(Identity(person));
    next.run(request).await
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Lets pages be seen by those alone who may: strangers are led to the sign-in page and back, customers to the portal.
pub async fn require_for_page(request: Request, next_handler: Next) -> Response {
    let path = request.uri().path();
    match request.extensions().get::<Identity>() {
        _ if path == "/sign-in" => next_handler.run(request).await,
        Some(Identity(Some(person))) if person.may_open(path) => next_handler.run(request).await,
        Some(Identity(Some(_))) => Redirect::to(PORTAL).into_response(),
        _ => {
            let target = request.uri().path_and_query().map_or("/", |path| path.as_str());
            Redirect::to(&next::sign_in(target, None)).into_response()
        }
    }
}

/// Lets server functions be called by those alone who may. Whoever is unknown is refused by each function in its own words,
/// and may choose a theme.
pub async fn require_for_function(request: Request, next: Next) -> Response {
    let function = request.uri().path().strip_prefix("/ui/").unwrap_or_default();
    match request.extensions().get::<Identity>() {
        Some(Identity(Some(person)))
            if !person.actor.role.may(Permission::Read) && !OPEN_FUNCTIONS.contains(&function) =>
        {
            forbidden(Permission::Read).into_response()
        }
        _ => next.run(request).await,
    }
}

/// Lets calls that need no more than to read be made by those alone who may. Use cases that change something ask for more.
pub async fn require_read(state: State<Workflow>, request: Request, next: Next) -> Response {
    require(Permission::Read, state, request, next).await
}

/// Lets the portal's calls be made by those alone who may.
pub async fn require_portal(state: State<Workflow>, request: Request, next: Next) -> Response {
    require(Permission::Portal, state, request, next).await
}

async fn require(
    permission: Permission,
    State(workflow): State<Workflow>,
    request: Request,
    next: Next,
) -> Response {
    let Some(Identity(Some(person))) = request.extensions().get::<Identity>() else {
        return Problem::unauthorized("The call needs a token or a session").into_response();
    };
    if person.actor.role.may(permission) {
        return next.run(request).await;
    }
    // Whoever tries to change something leaves a trace, as everywhere.
    if !origin::is_safe(request.method()) {
        let ctx = Ctx {
            actor: person.actor.clone(),
            request_id: request.extensions().get::<RequestId>().map(ToString::to_string),
        };
        // Below `/api/v1`, a request's own address lacks what leads there.
        let asked = request.extensions().get::<OriginalUri>();
        let path = asked.map_or(request.uri().path(), |asked| asked.0.path());
        let subject: String = path.chars().take(SUBJECT_LENGTH_MAX).collect();
        if let Err(error) = workflow.refuse(&ctx, permission, &subject).await {
            tracing::error!(%error, "a refusal could not be written into the audit log");
        }
    }
    forbidden(permission).into_response()
}

fn forbidden(permission: Permission) -> Problem {
    let needs = permission.needs().name();
    Problem::new(
        http::StatusCode::FORBIDDEN,
        "forbidden",
        format!("This needs the {needs} role"),
    )
    .hint(format!("Ask somebody with the {needs} role."))
}

impl Person {
    /// Whether a page is for them.
    pub fn may_open(&self, path: &str) -> bool {
        let role = self.actor.role;
        let is_portal = path
            .strip_prefix(PORTAL)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        role.may(Permission::Read) || (is_portal && role.may(Permission::Portal))
    }
}

/// The known maker of a call.
#[derive(Clone, Debug)]
pub struct Known(pub Person);

impl<S: Sync> FromRequestParts<S> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get::<Identity>() {
            Some(Identity(Some(person))) => Ok(Self(person.clone())),
            _ => Err(Problem::unauthorized("The call needs a token or a session")),
        }
    }
}
