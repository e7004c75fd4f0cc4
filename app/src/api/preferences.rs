//! How somebody likes the pages: theme and time zone, kept in cookies so that the first paint is right.

#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::unused_async,
        reason = "a server function is async, even where it only sets a cookie"
    )
)]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Failure;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the operating system is set.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Every theme, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its value in the cookie and in `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Its name on the switch.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// Which zone times are shown in. The browser alone knows its own, so the server always writes UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Zone {
    /// UTC.
    #[default]
    Utc,
    /// The browser's own.
    Local,
}

/// The preferences of one browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Light or dark.
    pub theme: Theme,
    /// Zone of the times.
    pub zone: Zone,
}

/// The name of the theme's cookie.
pub const THEME_COOKIE: &str = "theme";
/// The name of the zone's cookie.
pub const ZONE_COOKIE: &str = "zone";

impl Preferences {
    /// Reads a `Cookie` header; what it does not understand keeps its default.
    pub fn from_cookies(header: &str) -> Self {
        let mut preferences = Self::default();
        for pair in header.split(';') {
            match pair.trim().split_once('=') {
                Some((THEME_COOKIE, "light")) => preferences.theme = Theme::Light,
                Some((THEME_COOKIE, "dark")) => preferences.theme = Theme::Dark,
                Some((ZONE_COOKIE, "local")) => preferences.zone = Zone::Local,
                _ => {}
            }
        }
        preferences
    }
}

/// The preferences that came with this request. The default in the browser, which gets them with the first page.
pub fn preferences() -> Preferences {
    #[cfg(feature = "ssr")]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_that_are_not_understood_keep_the_default() {
        let read = Preferences::from_cookies("session=abc; theme=dark; zone=mars");
        assert_eq!(
            read,
            Preferences {
                theme: Theme::Dark,
                zone: Zone::Utc
            }
        );
        assert_eq!(Preferences::from_cookies(""), Preferences::default());
    }
}
