//! Its content follows.
use leptos::prelude::*;
#[component]
pub(crate) fn RecoveryPointPage() -> impl IntoView {
    view! { <h1>"RecoveryPointPage"</h1> }
}
