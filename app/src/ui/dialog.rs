//! A dialog, opened by a button that says `data-opens`. Without scripts it stays closed.

use leptos::prelude::*;

/// A modal dialog. Escape and its buttons that say `data-closes` close it; focus returns to where it was.
#[component]
pub(crate) fn Dialog(
    /// Its id, by which it is opened.
    id: &'static str,
    /// What it asks.
    #[prop(into)]
    title: String,
    /// What it looks like besides.
    #[prop(optional)]
    class: &'static str,
    /// Explanation, and a row of buttons.
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <dialog id=id class=format!("dialog {class}") aria-labelledby=labelled_by>
            <h2 id=title_id>{title}</h2>
            {children()}
        </dialog>
    }
}
