//! What every handler needs: who calls, ids from paths, lists, and failures as problem documents.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;
use recovery::page::Page;
use workflow::{Ctx, Error};

use crate::auth::identity::Known;
use crate::failure::code_of;
use crate::serve::problem::Problem;
use crate::serve::request_id::RequestId;

/// Who calls, under which request.
#[derive(Clone, Debug)]
pub struct Caller(pub Ctx);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Known(person) = Known::from_request_parts(parts, state).await?;
        Ok(Self(Ctx {
            actor: person.actor,
            request_id: parts.extensions.get::<RequestId>().map(ToString::to_string),
        }))
    }
}

/// Reads an id from a path. What is no id of its kind names nothing that exists.
#[expect(
    clippy::result_large_err,
    reason = "a problem is made once a failed request and moved once"
)]
pub fn id<T>(text: &str) -> Result<T, Problem>
where
    T: FromStr<Err: Display>,
{
    text.parse()
        .map_err(|error: T::Err| Problem::not_found(error.to_string()))
}

/// A whole list as one page.
pub fn whole<T>(items: Vec<T>) -> Page<T> {
    Page {
        items,
        next_cursor: None,
    }
}

/// The problem documents that every call may answer.
#[derive(utoipa::IntoResponses)]
#[expect(dead_code, reason = "it describes answers and is never built")]
pub enum Problems {
    /// The request is not understood.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// No session, or an unknown token.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// The role does not allow it, or a foreign page sent it. Nothing was changed.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// There is no such thing.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// The state of things does not allow it. Nothing was changed.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
    /// It is understood and cannot be done; `findings` say why. Nothing was changed.
    #[response(status = 422, content_type = "application/problem+json")]
    Unprocessable(Problem),
    /// The server failed; its logs have the request id.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(Problem),
    /// AWS refused or failed a call that this needed.
    #[response(status = 502, content_type = "application/problem+json")]
    BadGateway(Problem),
    /// Not now: the server prepares itself, or AWS does not answer. Try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (status, code) = kind(&error);
        let mut problem = Self::new(status, code, error.to_string());
        problem.hint = error.hint();
        if status.is_server_error() {
            tracing::error!(%error, code, "a use case failed");
        }
        match error {
            Error::Blocked(preflight) => problem.findings(preflight.findings),
            _ => problem,
        }
    }
}

fn kind(error: &Error) -> (StatusCode, &'static str) {
    match error {
        Error::NotPermitted { .. } => (StatusCode::FORBIDDEN, "forbidden"),
        Error::NotFound { .. } => (StatusCode::NOT_FOUND, "not_found"),
        Error::Invalid(_) => (StatusCode::BAD_REQUEST, "invalid"),
        Error::Filter(_) => (StatusCode::BAD_REQUEST, "invalid_filter"),
        Error::RegionNotConfigured { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "region_not_configured"),
        Error::NotRestorable { .. } => (StatusCode::CONFLICT, "not_restorable"),
        Error::NeedsThaw { .. } => (StatusCode::CONFLICT, "needs_thaw"),
        Error::Blocked(_) => (StatusCode::UNPROCESSABLE_ENTITY, "blocked"),
        Error::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
        Error::Contended { .. } => (StatusCode::SERVICE_UNAVAILABLE, "contended"),
        Error::Aws(error) if error.is_transient() => (StatusCode::SERVICE_UNAVAILABLE, code_of(error.kind)),
        Error::Aws(error) => (StatusCode::BAD_GATEWAY, code_of(error.kind)),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}
