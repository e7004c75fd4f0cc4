//! Times: absolute ones, and ages.
//!
//! The server writes UTC and ages as they are now. Where the page is live, times change to the reader's zone and ages
//! count on, by the attributes that are set here.

use jiff::Timestamp;
use leptos::prelude::*;

use super::format::{self, TimeForm};
use crate::preferences::Zone;

/// An absolute time.
#[component]
pub(crate) fn Time(
    /// When.
    at: Timestamp,
    /// How much of it is written.
    #[prop(default = TimeForm::Full)]
    form: TimeForm,
) -> impl IntoView {
    view! {
        <time datetime=at.to_string() title=format::time(at, 0, true, TimeForm::Seconds) data-form=form.name()>
            {format::time(at, 0, true, form)}
        </time>
    }
}

/// How long ago something was: `12 min ago`, with the absolute time at hand.
#[component]
pub(crate) fn Ago(
    /// When it was.
    at: Timestamp,
    /// Now, as the data say.
    now: Timestamp,
) -> impl IntoView {
    let seconds = now.duration_since(at).as_secs();
    view! {
        <time
            datetime=at.to_string()
            title=format::time(at, 0, true, TimeForm::Seconds)
            data-ago=seconds.to_string()
        >
            {format::ago(seconds)}
        </time>
    }
}

/// Chooses between UTC and the browser's own zone. Only the browser knows its own, so it is shown where the page is live.
#[component]
pub(crate) fn ZoneSwitch() -> impl IntoView {
    let button = |zone: Zone, name: &'static str| {
        view! {
            <button type="button" data-zone=zone.name() aria-pressed=(zone == Zone::Utc).to_string()>
                {name}
            </button>
        }
    };
    view! {
        <div class="seg when-live" role="group" aria-label="Times">
            {button(Zone::Utc, "UTC")}
            {button(Zone::Local, "Local")}
        </div>
    }
}
