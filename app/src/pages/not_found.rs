//! An address that leads nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::empty_state::EmptyState;

/// Says so, with status 404, and shows a way on.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text="Not found" />
        <EmptyState title="There is no such page" alone=true>
            <p>"The address may be mistyped, or what it named has been removed."</p>
            <p>
                <a class="btn" href="/">
                    "Go to the overview"
                </a>
            </p>
        </EmptyState>
    }
}
