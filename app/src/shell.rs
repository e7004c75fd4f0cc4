//! The document around the pages.

use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::api::preferences::preferences;
use crate::preferences::{Preferences, Theme};
use crate::root::App;

/// The whole HTML document. The server renders it for every page.
///
/// Theme and zone come from cookies, so that the first paint is right.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let Preferences { theme, zone } = preferences();
    let theme = match theme {
        Theme::System => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    };
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme data-zone=zone.name()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="referrer" content="same-origin" />
                <meta name="robots" content="noindex" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() id="style" />
                <AutoReload options=options.clone() />
                <HydrationScripts options islands=true />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
