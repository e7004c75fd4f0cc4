//! The top of every page: where one is, and who one is.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use recovery::actor::Permission;

use super::keyboard_help::KeyboardHelp;
use super::viewer::viewer;
use crate::api::preferences::SetTheme;
use crate::api::session::User;
use crate::islands::palette::Palette;
use crate::preferences::{Preferences, Theme};
use crate::ui::combobox::Choice;
use crate::ui::dialog::Dialog;
use crate::ui::time::ZoneSwitch;

/// The places of the main navigation.
const PLACES: [(&str, &str); 7] = [
    ("/", "Overview"),
    ("/sources", "Sources"),
    ("/recovery-points", "Recovery points"),
    ("/restores", "Restores"),
    ("/policies", "Policies"),
    ("/compliance", "Compliance"),
    ("/audit", "Audit log"),
];

/// Whether `path` belongs to the place at `root`.
fn is_within(path: &str, root: &str) -> bool {
    match root {
        "/" => path == "/",
        _ => path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/')),
    }
}

/// Product name, navigation, and the menu of the person who is signed in.
#[component]
pub(crate) fn Header(
    /// The browser's preferences.
    preferences: Preferences,
) -> impl IntoView {
    let user = viewer();
    let path = use_location().pathname.get_untracked();
    // Customers have one place, which the product's name leads to.
    let reads = user.as_ref().is_some_and(|user| user.role.may(Permission::Read));
    let home = if user.is_none() || reads { "/" } else { "/portal" };
    view! {
        <header class="top">
            <a class="brand" href=home>
                <Logo />
                "Data Restore"
            </a>
            <nav aria-label="Main">
                {reads
                    .then(|| {
                        PLACES
                            .into_iter()
                            .map(|(href, name)| {
                                let current = is_within(&path, href).then_some("page");
                                view! {
                                    <a href=href aria-current=current>
                                        {name}
                                    </a>
                                }
                            })
                            .collect_view()
                    })}
            </nav>
            {reads.then(|| view! { <Search /> })}
            {user.map(|user| view! { <UserMenu user preferences /> })}
        </header>
    }
}

/// The mark: time turned back.
#[component]
pub(crate) fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
            <rect class="logo-tile" width="24" height="24" rx="6" />
            <path class="logo-line" d="M6.6 9.2A6.2 6.2 0 1 1 5.8 12" />
            <path class="logo-line" d="M6.1 5.9v3.5h3.5" />
            <path class="logo-line" d="M12 8.9v3.4l2.3 1.4" />
        </svg>
    }
}

/// Name and role, theme, time zone, sign-out.
#[component]
fn UserMenu(user: User, preferences: Preferences) -> impl IntoView {
    let role = user.role.name();
    let reads = user.role.may(Permission::Read);
    let set_theme = ServerAction::<SetTheme>::new();
    view! {
        <details class="menu">
            <summary>
                <span class="avatar" aria-hidden="true">
                    {user.name.chars().next().map(|c| c.to_uppercase().to_string())}
                </span>
                <span class="who">
                    <span class="visually-hidden">"Signed in as "</span>
                    {user.name.clone()}
                    <small>{(role != user.name).then_some(role)}</small>
                </span>
                <svg class="caret" viewBox="0 0 10 6" width="10" height="6" aria-hidden="true">
                    <path d="M1 1l4 4 4-4" />
                </svg>
            </summary>
            <div class="menu-body">
                <p class="menu-who">
                    <b>{user.name.clone()}</b>
                    <span>{role}</span>
                </p>
                <div class="menu-row">
                    <span id="menu-theme">"Theme"</span>
                    <ActionForm action=set_theme attr:class="seg" attr:role="group" attr:aria-labelledby="menu-theme">
                        {Theme::ALL
                            .into_iter()
                            .map(|theme| {
                                view! {
                                    <button
                                        name="theme"
                                        value=theme.name()
                                        aria-pressed=(preferences.theme == theme).to_string()
                                    >
                                        {theme.label()}
                                    </button>
                                }
                            })
                            .collect_view()}
                    </ActionForm>
                </div>
                <div class="menu-row when-live">
                    <span>"Times"</span>
                    <ZoneSwitch />
                </div>
                {reads
                    .then(|| {
                        view! {
                            <div class="menu-links">
                                <a href="/access">"Customers and access"</a>
                                <a href="/settings">"Settings and about"</a>
                                <a href="/portal">"Customer portal"</a>
                            </div>
                        }
                    })}
                <form method="post" action="/sign-out">
                    <button class="menu-action">"Sign out"</button>
                </form>
            </div>
        </details>
    }
}

/// The button, the palette and the keyboard's help: of use where the page is live.
#[component]
fn Search() -> impl IntoView {
    let places = PLACES
        .into_iter()
        .map(|(href, name)| Choice {
            value: href.to_owned(),
            label: name.to_owned(),
            detail: "page".to_owned(),
        })
        .collect();
    view! {
        <button type="button" class="palette-button when-live" aria-haspopup="dialog" data-opens="palette-dialog">
            <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
                <circle cx="7" cy="7" r="4.5" />
                <path d="M10.5 10.5 14 14" />
            </svg>
            <span>"Search"</span>
            <kbd>"Ctrl K"</kbd>
        </button>
        <Dialog id="palette-dialog" title="Go to" class="palette">
            <Palette places />
            <p class="palette-foot">
                <button type="button" class="as-link" data-closes="" data-opens="keyboard-help">
                    "Keyboard help"
                </button>
                <span class="keys">
                    <kbd>"↑"</kbd> <kbd>"↓"</kbd> " choose " <kbd>"Enter"</kbd> " go " <kbd>"Esc"</kbd> " close"
                </span>
            </p>
        </Dialog>
        <KeyboardHelp />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_holds_the_pages_below_it() {
        assert!(is_within("/restores/r-1", "/restores"));
        assert!(!is_within("/restores", "/"));
        assert!(!is_within("/restores-old", "/restores"));
    }
}
