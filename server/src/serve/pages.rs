//! The pages: rendered by Leptos, with the use cases and the session in its context.

use std::sync::Arc;

use app::api::Session;
use app::api::host::Host;
use app::api::installation::Installation;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderValue;
use http::header::CONTENT_SECURITY_POLICY;
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;

use super::headers::page_policy;
use super::request_id::RequestId;
use super::site;
use super::state::App;
use crate::auth::directory::Person;
use crate::auth::identity::{Identity, PORTAL};
use crate::auth::next;

/// Renders the page that a request names; the app knows its own routes and its own "not found".
pub async fn page(State(app): State<App>, request: Request) -> Response {
    let context = context(&app, &request, true);
    let options = app.leptos.clone();
    let shell = move || app::shell(options.clone());
    leptos_axum::render_app_async_stream_with_context(context, shell)(request).await
}

/// A file of the site, to everybody (the sign-in page needs them); else the app's own "not found" page, to those
/// who are signed in.
pub async fn file_or_not_found(State(app): State<App>, request: Request) -> Response {
    if let Some(file) = site::file(
        &app.leptos.site_root,
        request.method(),
        request.uri(),
        request.headers(),
    )
    .await
    {
        return file;
    }
    let person = person(&request);
    if person.is_some_and(|person| !person.may_open(request.uri().path())) {
        return Redirect::to(PORTAL).into_response();
    }
    if person.is_none() {
        let wanted = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return Redirect::to(&next::sign_in(wanted, None)).into_response();
    }
    let mut response = page(State(app), request).await;
    if response.status() == http::StatusCode::OK {
        *response.status_mut() = http::StatusCode::NOT_FOUND;
    }
    response
}

/// Runs a server function.
pub async fn server_function(State(app): State<App>, request: Request) -> Response {
    let context = context(&app, &request, false);
    leptos_axum::handle_server_fns_with_context(context, request)
        .await
        .into_response()
}

/// What pages and server functions find in Leptos' context.
fn context(app: &App, request: &Request, is_page: bool) -> impl Fn() + Clone + Send + Sync + 'static {
    let workflow = app.workflow.clone();
    let session = session(request);
    let options: LeptosOptions = app.leptos.clone();
    let installation = Installation {
        is_aws: workflow.is_on_aws(),
    };
    let host = host(app);
    move || {
        provide_context(host.clone());
        provide_context(installation);
        provide_context(workflow.clone());
        provide_context(session.clone());
        provide_context(options.clone());
        if is_page
            && let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>())
            && let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce))
        {
            response.insert_header(CONTENT_SECURITY_POLICY, policy);
        }
    }
}

/// How pages ask the server about itself; nothing is made before they do.
fn host(app: &App) -> Host {
    let (asked, known) = (app.clone(), app.clone());
    Host {
        about: Arc::new(move || asked.workflow.about((*asked.server).clone())),
        access: Arc::new(move || known.access()),
    }
}

fn person(request: &Request) -> Option<&Person> {
    request.extensions().get::<Identity>()?.0.as_ref()
}

fn session(request: &Request) -> Option<Session> {
    let person = person(request)?;
    Some(Session {
        actor: person.actor.clone(),
        scope: person.scope.clone(),
        request_id: request
            .extensions()
            .get::<RequestId>()
            .map(ToString::to_string)
            .unwrap_or_default(),
    })
}
