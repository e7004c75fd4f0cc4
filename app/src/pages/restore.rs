//! Its content follows.
use leptos::prelude::*;
#[component]
pub(crate) fn RestorePage() -> impl IntoView {
    view! { <h1>"RestorePage"</h1> }
}
