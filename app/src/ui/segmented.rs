//! A choice of few, as links: each choice is an address.

use leptos::prelude::*;

/// Links side by side, one of them current.
#[component]
pub(crate) fn Segmented(
    /// What is chosen.
    label: &'static str,
    /// Address, name, and whether it is current.
    choices: Vec<(String, String, bool)>,
) -> impl IntoView {
    view! {
        <div class="seg" role="group" aria-label=label>
            {choices
                .into_iter()
                .map(|(href, name, is_current)| {
                    view! {
                        <a href=href aria-current=is_current.then_some("true")>
                            {name}
                        </a>
                    }
                })
                .collect_view()}
        </div>
    }
}
