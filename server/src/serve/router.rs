//! Which path leads where, and what every request passes on its way.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use http::StatusCode;
use leptos_axum::generate_route_list;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate as _, SizeAbove};
use tower_http::timeout::TimeoutLayer;

use super::headers::Https;
use super::state::App;
use super::{gate, headers, pages, problem, request_id};
use crate::auth::{identity, sign_in};
use crate::{openapi, routes};

/// A request's head must be answered within this: preflights read whole tables, and the rest is far below it.
/// Event streams answer their head at once.
const TIMEOUT: Duration = Duration::from_mins(10);

/// Bodies above this are refused. A plan names every object of a copy: 100,000 objects stay below.
const BODY_BYTES_MAX: usize = 32 << 20;
/// The sign-in form is all that somebody unknown can send.
const FORM_BYTES_MAX: usize = 16 << 10;

/// Answers below this size gain nothing by compression.
const COMPRESS_BYTES_MIN: u16 = 512;

/// The whole server.
pub fn router(app: App) -> Router {
    let (calls, description) = openapi::calls(&app);

    let mut pages = Router::new();
    for listing in generate_route_list(app::App) {
        pages = pages.route(listing.path(), get(pages::page));
    }
    let pages = pages
        .route_layer(from_fn(identity::require_for_page))
        .fallback(pages::file_or_not_found);

    let guarded = Router::new()
        .nest("/api/v1", calls.fallback(unknown_call))
        .route("/api/v1/openapi.json", get(async || axum::Json(description)))
        .route(
            "/ui/{*function}",
            get(pages::server_function)
                .post(pages::server_function)
                .layer(from_fn(identity::require_for_function)),
        )
        .route(
            "/sign-in",
            post(sign_in::sign_in).layer(DefaultBodyLimit::max(FORM_BYTES_MAX)),
        )
        .route("/sign-out", post(sign_in::sign_out))
        .merge(pages)
        .layer(from_fn_with_state(app.auth.clone(), identity::identify))
        .layer(from_fn_with_state(app.clone(), gate::hold));

    let https = Https(app.auth.is_https());
    Router::new()
        .route("/healthz", get(routes::health::healthz))
        .route("/readyz", get(routes::health::readyz))
        .route("/metrics", get(routes::health::metrics))
        .merge(guarded)
        .with_state(app)
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(request_id::follow))
                .layer(from_fn_with_state(https, headers::secure))
                .layer(compression())
                .layer(from_fn(problem::write))
                .layer(CatchPanicLayer::custom(panicked))
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::GATEWAY_TIMEOUT,
                    TIMEOUT,
                ))
                .layer(DefaultBodyLimit::max(BODY_BYTES_MAX)),
        )
}

async fn unknown_call() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// Everything but event streams, images and what is compressed already.
fn compression() -> CompressionLayer<impl tower_http::compression::Predicate> {
    CompressionLayer::new().compress_when(DefaultPredicate::new().and(SizeAbove::new(COMPRESS_BYTES_MIN)))
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is the layer's")]
fn panicked(cause: Box<dyn std::any::Any + Send + 'static>) -> axum::response::Response {
    let text = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(panic = text, "a handler panicked; this is a bug");
    axum::response::IntoResponse::into_response(StatusCode::INTERNAL_SERVER_ERROR)
}
