//! While the server prepares itself, everything but its health and its pages' files is put off.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;

use super::problem::Problem;
use super::state::{App, Readiness};

/// Answers 503 and how far it is, until the server is ready.
pub async fn hold(State(app): State<App>, request: Request, next: Next) -> Response {
    let how_far = match &*app.readiness.borrow() {
        Readiness::Ready => None,
        Readiness::Preparing(how_far) => Some(how_far.clone()),
    };
    let Some(how_far) = how_far else {
        return next.run(request).await;
    };
    let wants_page = request
        .headers()
        .get(http::header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if !wants_page {
        return Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "preparing",
            format!("The server is preparing itself: {how_far}"),
        )
        .hint("Ask /readyz until it answers 200.")
        .into_response();
    }
    // The text is our own and holds no markup.
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"refresh\" content=\"2\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>Preparing · Data Restore</title></head><body><main><h1>Data Restore is preparing itself</h1>\
         <p role=\"status\">{how_far}</p><p>This page shows itself again every two seconds.</p></main></body></html>"
    );
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "2")], Html(page)).into_response()
}
