//! Where a page stands.

use leptos::prelude::*;

/// Links to the pages above, and this page's name.
#[component]
pub(crate) fn Crumbs(
    /// Address and name of each page above.
    above: Vec<(String, String)>,
    /// This page.
    #[prop(into)]
    here: String,
) -> impl IntoView {
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                {above
                    .into_iter()
                    .map(|(href, name)| {
                        view! {
                            <li>
                                <a href=href>{name}</a>
                            </li>
                        }
                    })
                    .collect_view()} <li>
                    <span aria-current="page">{here}</span>
                </li>
            </ol>
        </nav>
    }
}
