//! A table that scrolls by itself where it is too wide, and can be reached by keyboard then.

use leptos::prelude::*;

/// Frames a `<table>`.
#[component]
pub(crate) fn TableFrame(
    /// What the table holds.
    #[prop(into)]
    label: String,
    /// The table.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-frame" role="region" aria-label=label tabindex="0">
            {children()}
        </div>
    }
}
