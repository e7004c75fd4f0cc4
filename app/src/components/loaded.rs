//! Data on their way, there, or not to be had.

use std::sync::Arc;

use leptos::prelude::*;

use super::failure_view::{FailureView, Stale};
use crate::api::Failure;

/// Renders data of a kind.
type View<T> = Arc<dyn Fn(T) -> AnyView + Send + Sync>;

/// Shows what `resource` holds. When it cannot be had again, the last data stay, and it is said how old they are.
#[component]
pub(crate) fn Loaded<T>(
    /// What is loaded.
    resource: Resource<Result<T, Failure>>,
    /// Whether it is the whole page, and its title the page's.
    #[prop(optional)]
    alone: bool,
    /// Shows it.
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    let view: View<T> = Arc::new(view);
    let last: StoredValue<Option<T>> = StoredValue::new(None);
    view! {
        <Transition fallback=|| view! { <p class="loading">"Loading…"</p> }>
            {move || {
                let view = Arc::clone(&view);
                Suspend::new(async move {
                    match resource.await {
                        Ok(data) => {
                            last.set_value(Some(data.clone()));
                            view(data)
                        }
                        Err(failure) => {
                            match last.get_value() {
                                Some(data) => view! {
                                    <Stale failure />
                                    {view(data)}
                                }
                                .into_any(),
                                None => view! { <FailureView failure alone /> }.into_any(),
                            }
                        }
                    }
                })
            }}
        </Transition>
    }
}

/// Asks for something again every so often, once the browser has taken over.
pub(crate) fn refresh(again: impl Fn() + 'static, seconds: u64) {
    #[cfg(feature = "hydrate")]
    {
        let every = std::time::Duration::from_secs(seconds);
        if let Ok(handle) = set_interval_with_handle(again, every) {
            on_cleanup(move || handle.clear());
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (again, seconds);
}
