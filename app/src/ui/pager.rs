//! The way through a long list.

use leptos::prelude::*;

/// Links to the first page and the next one; nothing where all fits on one page.
#[component]
pub(crate) fn Pager(
    /// The first page, where this is another one.
    first: Option<String>,
    /// The next page, where there is one.
    next: Option<String>,
) -> impl IntoView {
    (first.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label="Pages">
                {first
                    .map(|href| {
                        view! {
                            <a class="btn" href=href>
                                "Newest"
                            </a>
                        }
                    })}
                {next
                    .map(|href| {
                        view! {
                            <a class="btn" href=href rel="next">
                                "Older"
                            </a>
                        }
                    })}
            </nav>
        }
    })
}
