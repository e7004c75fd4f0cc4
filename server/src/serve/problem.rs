//! RFC 9457 problem documents: every error of the API in one form, with the request's id.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use recovery::preflight::Finding;
use serde::Serialize;
use utoipa::ToSchema;

use super::request_id::RequestId;

/// What went wrong, as RFC 9457 has it, with our own additions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status and `code` name the problem.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// A stable name for scripts: `not_found`, `forbidden`, `refused`, …
    #[schema(example = "not_found")]
    pub code: String,
    /// Operation, subject and cause.
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The id of this request, as in the `x-request-id` header, the logs and the audit log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What a preflight found, where that is why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub findings: Vec<Finding>,
}

impl Problem {
    /// A problem of this status.
    pub fn new(status: StatusCode, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            code: code.into(),
            detail: detail.into(),
            hint: None,
            request_id: None,
            findings: Vec::new(),
        }
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// Nobody is signed in, or the token is unknown.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
            .hint("Send Authorization: Bearer <token>, or sign in.")
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what a preflight found.
    #[must_use]
    pub fn findings(mut self, findings: Vec<Finding>) -> Self {
        self.findings = findings;
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    /// The document itself is written by [`write()`], which knows the request's id.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        let headers = response.headers_mut();
        match self.status() {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the problem documents of handlers, and gives every other error under `/api/v1` (unknown path, wrong
/// method, body too large, timeout, panic) the same form.
pub async fn write(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/v1/");
    let id = request.extensions().get::<RequestId>().cloned();
    let (mut parts, body) = next.run(request).await.into_parts();
    let is_error = parts.status.is_client_error() || parts.status.is_server_error();
    let mut problem = match parts.extensions.remove::<Problem>() {
        Some(problem) => problem,
        None if is_api && is_error => of_status(parts.status, body).await,
        None => return Response::from_parts(parts, body),
    };
    problem.request_id = id.map(|id| id.to_string());
    let json = serde_json::to_vec(&problem).unwrap_or_default();
    let headers = &mut parts.headers;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, json.into())
}

/// The problem of an answer that the framework gave: its text says why, where it has one.
async fn of_status(status: StatusCode, body: Body) -> Problem {
    const TEXT_MAX: usize = 4096;
    let text = axum::body::to_bytes(body, TEXT_MAX).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let (code, detail, hint) = match status {
        StatusCode::NOT_FOUND => (
            "not_found",
            "The API has no such path",
            Some("/api/v1/openapi.json describes every call."),
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "method_not_allowed",
            "The path does not take this method",
            Some("/api/v1/openapi.json describes every call."),
        ),
        StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "The request's body is too large", None),
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => (
            "timeout",
            "The request took too long and was given up",
            Some("Try again; if it stays, look at the server's logs for this request id."),
        ),
        status if status.is_server_error() => (
            "internal",
            "The server failed to answer",
            Some("Look at the server's logs for this request id."),
        ),
        _ => ("bad_request", "The request is not understood", None),
    };
    // What the framework says of a client's mistake is worth reading; of a server's fault it is not for clients.
    let detail = if status.is_client_error() && !text.trim().is_empty() {
        text.trim()
    } else {
        detail
    };
    let mut problem = Problem::new(status, code, detail);
    problem.hint = hint.map(str::to_owned);
    problem
}
