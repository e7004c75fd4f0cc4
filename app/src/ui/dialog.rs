//! A dialog that asks before something is done.

use leptos::html;
use leptos::prelude::*;

/// A modal dialog. Escape and its first button close it; focus returns to where it was.
#[component]
pub(crate) fn Dialog(
    /// Opens and closes it.
    node: NodeRef<html::Dialog>,
    /// What it asks.
    #[prop(into)]
    title: String,
    /// The title's id, where a page has several dialogs.
    #[prop(default = "dialog-title")]
    id: &'static str,
    /// What it looks like besides.
    #[prop(optional)]
    class: &'static str,
    /// Explanation, and a row of buttons.
    children: Children,
) -> impl IntoView {
    view! {
        <dialog class=format!("dialog {class}") node_ref=node aria-labelledby=id>
            <h2 id=id>{title}</h2>
            {children()}
        </dialog>
    }
}

/// Opens a dialog.
pub(crate) fn open(node: NodeRef<html::Dialog>) {
    if let Some(dialog) = node.get_untracked() {
        // It fails only where it is open already.
        let _ = dialog.show_modal();
    }
}

/// Closes a dialog.
pub(crate) fn close(node: NodeRef<html::Dialog>) {
    if let Some(dialog) = node.get_untracked() {
        dialog.close();
    }
}
