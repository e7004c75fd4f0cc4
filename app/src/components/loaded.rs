//! Data that are there, or not to be had.

use leptos::prelude::*;

use super::failure_view::FailureView;
use crate::api::Failure;

/// Shows what `resource` holds, or why it cannot be had. A page that is live keeps the last data that came (`live::news`).
#[component]
pub(crate) fn Loaded<T>(
    /// What is loaded.
    resource: Resource<Result<T, Failure>>,
    /// Whether it is the whole page, and its title the page's.
    #[prop(optional)]
    alone: bool,
    /// Shows it.
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    view! {
        <Suspense fallback=|| ()>
            {move || {
                let view = view.clone();
                Suspend::new(async move {
                    match resource.await {
                        Ok(data) => view(data),
                        Err(failure) => view! { <FailureView failure alone /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}
