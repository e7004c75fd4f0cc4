//! `POST /sign-in` and `POST /sign-out`: what the sign-in page's form is sent to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Form;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use jiff::Timestamp;
use serde::Deserialize;

use super::identity::COOKIE;
use super::{Auth, next, password};
use crate::serve::problem::Problem;

/// The form.
#[derive(Deserialize)]
pub struct Credentials {
    name: String,
    password: String,
    next: Option<String>,
}

/// Longer names belong to nobody.
const NAME_LENGTH_MAX: usize = 128;

/// Begins a session, or leads back to the form with `?error=invalid` or `?error=wait`.
pub async fn sign_in(
    State(auth): State<Auth>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    jar: CookieJar,
    Form(form): Form<Credentials>,
) -> Response {
    let target = next::path(form.next.as_deref()).to_owned();
    let again = |error: &str| Redirect::to(&next::sign_in(&target, Some(error))).into_response();
    let address = peer.map(|peer| peer.0.0.ip());
    if form.name.len() > NAME_LENGTH_MAX || form.password.len() > password::LENGTH_MAX {
        return again("invalid");
    }
    if let Some(wait) = auth.limiter.wait(&form.name, address, Instant::now()) {
        tracing::warn!(
            seconds = wait.as_secs(),
            "a sign-in came too soon after failed ones"
        );
        return again("wait");
    }
    let Ok(permit) = Arc::clone(&auth.checks).acquire_owned().await else {
        return again("wait");
    };
    let directory = Arc::clone(&auth.directory);
    let (name, given) = (form.name.clone(), form.password);
    let checked = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        directory.sign_in(&name, &given).map(|user| user.name.clone())
    });
    let Ok(Some(user)) = checked.await else {
        auth.limiter.failed(&form.name, address, Instant::now());
        // The name as typed may be a password typed into the wrong field: it is not logged.
        tracing::warn!(address = address.map(tracing::field::display), "a sign-in failed");
        return again("invalid");
    };
    auth.limiter.succeeded(&user);
    // A session from before this sign-in does not outlive it.
    if let Some(old) = jar.get(COOKIE)
        && let Err(error) = auth.sessions.end(old.value()).await
    {
        tracing::warn!(%error, "an old session could not be ended");
    }
    match auth.sessions.begin(&user, Timestamp::now()).await {
        Ok(id) => {
            tracing::info!(user, "signed in");
            (jar.add(cookie(&auth, id)), Redirect::to(&target)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a session could not be begun");
            Problem::new(
                http::StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "The session could not be kept",
            )
            .hint("Check the server's data folder and its logs.")
            .into_response()
        }
    }
}

/// Ends the session.
pub async fn sign_out(State(auth): State<Auth>, jar: CookieJar) -> Response {
    if let Some(old) = jar.get(COOKIE)
        && let Err(error) = auth.sessions.end(old.value()).await
    {
        tracing::error!(%error, "a session could not be ended");
    }
    let mut gone = cookie(&auth, String::new());
    gone.make_removal();
    (jar.add(gone), Redirect::to("/sign-in")).into_response()
}

/// A cookie that ends with the browser, at the latest; the server's own limit ends the session before that.
fn cookie(auth: &Auth, id: String) -> Cookie<'static> {
    Cookie::build((COOKIE, id))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(auth.is_https())
        .build()
}
