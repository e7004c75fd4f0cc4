//! Whether a page is up to date.

use jiff::Timestamp;
use leptos::prelude::*;

use crate::ui::format::TimeForm;
use crate::ui::status::{Status, Tone};
use crate::ui::time::Time;

/// Keeps the page up to date where it is live, and says whether that works. `html[data-news]` chooses what is shown.
#[component]
pub(crate) fn LiveStatus(
    /// How often the page is asked for again, seconds.
    every: u32,
    /// The address of a stream whose events say that there are news.
    #[prop(into, optional)]
    events: Option<String>,
    /// When the data were read.
    now: Timestamp,
) -> impl IntoView {
    view! {
        <span class="live when-live" role="status" data-every=every.to_string() data-events=events>
            <span class="news-live">
                <Status tone=Tone::Success>"Live"</Status>
            </span>
            <span class="news-reconnecting">
                <Status tone=Tone::Pending>"Reconnecting"</Status>
            </span>
            <span class="news-stale">
                <Status tone=Tone::Warning>"Stale since " <Time at=now form=TimeForm::ClockSeconds /></Status>
            </span>
        </span>
    }
}
