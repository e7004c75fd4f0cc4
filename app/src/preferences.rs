//! How somebody likes the pages: theme and time zone, kept in cookies so that the first paint is right.

#[cfg(feature = "ssr")]
use serde::{Deserialize, Serialize};

/// Light or dark.
#[cfg(feature = "ssr")]
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

#[cfg(feature = "ssr")]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// UTC.
    #[default]
    Utc,
    /// The browser's own.
    Local,
}

/// The preferences of one browser.
#[cfg(feature = "ssr")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Light or dark.
    pub theme: Theme,
    /// Zone of the times.
    pub zone: Zone,
}

/// The name of the theme's cookie.
#[cfg(feature = "ssr")]
pub const THEME_COOKIE: &str = "theme";
/// The name of the zone's cookie.
pub const ZONE_COOKIE: &str = "zone";

impl Zone {
    /// Its value in the cookie and in `data-zone`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utc => "utc",
            Self::Local => "local",
        }
    }

    /// The zone of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Utc, Self::Local]
            .into_iter()
            .find(|zone| zone.name() == name)
    }
}

#[cfg(feature = "ssr")]
impl Preferences {
    /// Reads a `Cookie` header; what it does not understand keeps its default.
    pub fn from_cookies(header: &str) -> Self {
        let mut preferences = Self::default();
        for pair in header.split(';') {
            match pair.trim().split_once('=') {
                Some((THEME_COOKIE, "light")) => preferences.theme = Theme::Light,
                Some((THEME_COOKIE, "dark")) => preferences.theme = Theme::Dark,
                Some((ZONE_COOKIE, zone)) => preferences.zone = Zone::named(zone).unwrap_or_default(),
                _ => {}
            }
        }
        preferences
    }
}

#[cfg(all(test, feature = "ssr"))]
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
