//! A text to be copied.

use leptos::prelude::*;

/// A line of code with a button that copies it. The button is there where the page is live; the text can be selected before.
#[component]
pub(crate) fn CopyLine(
    /// The text.
    #[prop(into)]
    text: String,
    /// What it is, for the button's name.
    what: &'static str,
    /// Whether long text is broken into lines instead of being cut.
    #[prop(optional)]
    wrap: bool,
) -> impl IntoView {
    let shown = text.clone();
    view! {
        <div class="copy-line" class:wrap=wrap>
            <code title=(!wrap).then(|| text.clone())>{shown}</code>
            <CopyButton text what />
        </div>
    }
}

/// A button that copies `text`.
#[component]
pub(crate) fn CopyButton(
    /// The text.
    text: String,
    /// What it is, for the button's name.
    what: &'static str,
) -> impl IntoView {
    view! {
        <button type="button" class="btn small when-live" aria-label=format!("Copy {what}") data-copy=text>
            "Copy"
        </button>
    }
}
