//! Its content follows.
use leptos::prelude::*;
#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    view! { <h1>"AuditPage"</h1> }
}
