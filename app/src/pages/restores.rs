//! Its content follows.
use leptos::prelude::*;
#[component]
pub(crate) fn RestoresPage() -> impl IntoView {
    view! { <h1>"RestoresPage"</h1> }
}
