//! A progress bar.

use leptos::prelude::*;

/// How a bar is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BarTone {
    /// Under way.
    Running,
    /// Done.
    Done,
    /// Ended before it was done.
    Stopped,
}

impl BarTone {
    fn class(self) -> &'static str {
        match self {
            Self::Running => "bar running",
            Self::Done => "bar done",
            Self::Stopped => "bar stopped",
        }
    }
}

/// A bar that is `percent` full. An SVG, because its width is data and the page's policy allows no inline styles.
#[component]
pub(crate) fn Bar(
    /// 0 to 100.
    percent: u64,
    /// How it is coloured.
    tone: BarTone,
    /// What makes progress.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <svg
            class=tone.class()
            width="100%"
            height="6"
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=percent.to_string()
        >
            <rect class="bar-rest" width="100%" height="6" rx="3" />
            <rect class="bar-part" width=format!("{}%", percent.min(100)) height="6" rx="3" />
        </svg>
    }
}
