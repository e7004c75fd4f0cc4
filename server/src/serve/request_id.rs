//! Every request has an id: in its answer, in problem documents, in the logs and in the audit log.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tracing::Instrument as _;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The caller's own id, if it sent a decent one, else a new one.
    fn of(headers: &HeaderMap) -> Self {
        headers
            .get(HEADER)
            .and_then(|value| value.to_str().ok())
            .filter(|id| is_decent(id))
            .map_or_else(
                || Self(uuid::Uuid::new_v4().simple().to_string().into()),
                |id| Self(id.into()),
            )
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Foreign ids go into logs and the audit log, so they are short and plain.
fn is_decent(id: &str) -> bool {
    (8..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Gives the request its id and logs its end, once, with what it took.
pub async fn follow(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    // The route's pattern, not the path: labels and logs stay bounded, and ids in paths stay out of metrics.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-".into(), |path| Arc::<str>::from(path.as_str()));
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let span = tracing::info_span!("request", request_id = %id, %method, path);
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let elapsed = began.elapsed();
    let status = response.status();
    super::metrics::request(&method, &route, status, elapsed);
    span.in_scope(|| {
        let milliseconds = elapsed.as_millis();
        // Probes ask every few seconds; 503 is their ordinary answer until the server is ready.
        let is_probe = matches!(route.as_ref(), "/healthz" | "/readyz" | "/metrics");
        if is_probe && (status.is_success() || status == StatusCode::SERVICE_UNAVAILABLE) {
            tracing::debug!(status = status.as_u16(), milliseconds, "answered");
        } else if status.is_server_error() {
            tracing::error!(status = status.as_u16(), milliseconds, "answered");
        } else {
            tracing::info!(status = status.as_u16(), milliseconds, "answered");
        }
    });
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_id_is_taken_only_when_it_is_short_and_plain() {
        let id = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, value.parse().unwrap());
            RequestId::of(&headers).to_string()
        };
        assert_eq!(id("trace-1234.5_6"), "trace-1234.5_6");
        for bad in ["short", "has space in it", "{\"json\":1}", &"x".repeat(65)] {
            assert_ne!(id(bad), bad);
            assert_eq!(id(bad).len(), 32);
        }
    }
}
