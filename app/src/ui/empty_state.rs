//! What stands where there is nothing to show.

use leptos::prelude::*;

/// A title and what to do about it.
#[component]
pub(crate) fn EmptyState(
    /// What there is not.
    #[prop(into)]
    title: String,
    /// Whether it is the whole page and its title the page's.
    #[prop(optional)]
    alone: bool,
    /// Why, and what to do.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="empty">
            <svg class="empty-mark" viewBox="0 0 48 32" width="48" height="32" aria-hidden="true">
                <rect x="1" y="8" width="46" height="16" rx="4" />
                <path d="M8 8v16M16 8v16M24 8v16" />
            </svg>
            {if alone {
                view! { <h1>{title}</h1> }.into_any()
            } else {
                view! { <h2>{title}</h2> }.into_any()
            }}
            <div class="empty-body">{children()}</div>
        </section>
    }
}
