//! Reads and keeps how somebody likes the pages.

#![expect(
    clippy::unused_async,
    reason = "a server function is async, even where it only sets a cookie"
)]

use super::Failure;
use crate::preferences::{Preferences, THEME_COOKIE, Theme};
use leptos::prelude::*;

/// The preferences that came with this request.
pub fn preferences() -> Preferences {
    if let Some(parts) = use_context::<http::request::Parts>() {
        let cookies: Vec<&str> = parts
            .headers
            .get_all(http::header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        return Preferences::from_cookies(&cookies.join("; "));
    }
    Preferences::default()
}

/// Keeps a theme. Needs no sign-in: it says nothing and changes nothing but the looks.
#[server(prefix = "/ui", endpoint = "theme")]
pub async fn set_theme(
    /// The theme.
    theme: Theme,
) -> Result<(), Failure> {
    let response = expect_context::<leptos_axum::ResponseOptions>();
    let cookie = format!(
        "{THEME_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax",
        theme.name()
    );
    if let Ok(value) = http::HeaderValue::from_str(&cookie) {
        response.append_header(http::header::SET_COOKIE, value);
    }
    Ok(())
}
