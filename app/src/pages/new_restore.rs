//! Its content follows.
use leptos::prelude::*;
#[component]
pub(crate) fn NewRestorePage() -> impl IntoView {
    view! { <h1>"NewRestorePage"</h1> }
}
