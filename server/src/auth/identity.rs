//! Who makes a request: the bearer of a token, or whoever is signed in.

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jiff::Timestamp;
use recovery::actor::Actor;

use super::{Auth, next, origin};
use crate::serve::problem::Problem;

/// The session cookie.
pub const COOKIE: &str = "data_restore_session";

/// Whoever makes this request, where that is known.
#[derive(Clone, Debug)]
pub struct Identity(pub Option<Actor>);

/// Finds out who makes the request, and refuses changing requests that a foreign page made a browser send.
///
/// A request that names a token is judged by it alone: a wrong token is refused even beside a good cookie.
pub async fn identify(State(auth): State<Auth>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let actor = if let Some(value) = headers.get(AUTHORIZATION) {
        let actor = value
            .to_str()
            .ok()
            .and_then(bearer)
            .and_then(|token| auth.directory.bearer(token));
        if actor.is_none() {
            return Problem::unauthorized("The Authorization header bears no known token").into_response();
        }
        actor
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
            .and_then(|name| Some(auth.directory.user(&name)?.actor()))
    };
    request.extensions_mut().insert(Identity(actor));
    next.run(request).await
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Lets pages be seen by those alone who are signed in; everybody else is led to the sign-in page and back.
pub async fn require_for_page(request: Request, next_handler: Next) -> Response {
    let known = matches!(request.extensions().get::<Identity>(), Some(Identity(Some(_))));
    let path = request.uri().path();
    if known || path == "/sign-in" {
        return next_handler.run(request).await;
    }
    let target = request.uri().path_and_query().map_or("/", |path| path.as_str());
    axum::response::Redirect::to(&next::sign_in(target, None)).into_response()
}

/// Lets calls be made by those alone who are known.
pub async fn require_for_call(request: Request, next: Next) -> Response {
    match request.extensions().get::<Identity>() {
        Some(Identity(Some(_))) => next.run(request).await,
        _ => Problem::unauthorized("The call needs a token or a session").into_response(),
    }
}

/// The known actor of a call.
#[derive(Clone, Debug)]
pub struct Known(pub Actor);

impl<S: Sync> FromRequestParts<S> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get::<Identity>() {
            Some(Identity(Some(actor))) => Ok(Self(actor.clone())),
            _ => Err(Problem::unauthorized("The call needs a token or a session")),
        }
    }
}
