//! A panel beside a list, with the details of what is selected.

use leptos::prelude::*;

/// Header, body and actions. Closing it is a link to the page without the selection.
#[component]
pub(crate) fn SplitPanel(
    /// What it shows, for assistive technology.
    label: &'static str,
    /// Where closing leads.
    close: String,
    /// Above the title.
    crumb: AnyView,
    /// The title.
    title: AnyView,
    /// A status below the title.
    status: AnyView,
    /// The details.
    children: Children,
    /// What can be done.
    actions: AnyView,
) -> impl IntoView {
    view! {
        <aside class="panel" aria-label=label id="panel">
            <header>
                <div class="panel-crumb">{crumb}</div>
                <h2>{title}</h2>
                {status}
                <a class="close" href=close aria-label="Close details">
                    <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
                        <path d="M2 2l8 8M10 2l-8 8" />
                    </svg>
                </a>
            </header>
            <div class="panel-body">{children()}</div>
            <footer class="panel-actions">{actions}</footer>
        </aside>
    }
}
