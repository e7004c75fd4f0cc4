//! Its content follows.
use leptos::prelude::*;
#[component]
pub(crate) fn RecoveryPointsPage() -> impl IntoView {
    view! { <h1>"RecoveryPointsPage"</h1> }
}
