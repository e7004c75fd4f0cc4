//! Finding and marking elements of the page.

use leptos::prelude::document;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, NodeList, Url};

/// Every element below the document that a selector means.
pub(super) fn all(selector: &str) -> Vec<Element> {
    document()
        .query_selector_all(selector)
        .map(|list| elements(&list))
        .unwrap_or_default()
}

/// The elements of a list.
pub(super) fn elements(list: &NodeList) -> Vec<Element> {
    (0..list.length())
        .filter_map(|index| list.get(index)?.dyn_into().ok())
        .collect()
}

/// The first element that a selector means.
pub(super) fn first(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// The element that an event happened to, or the nearest one around it, that a selector means.
pub(super) fn around(event: &Event, selector: &str) -> Option<Element> {
    event
        .target()?
        .dyn_into::<Element>()
        .ok()?
        .closest(selector)
        .ok()
        .flatten()
}

/// Where an attribute of a link or a form leads; an empty one to the page itself.
pub(super) fn address(element: &Element, attribute: &str) -> Option<Url> {
    let base = document().base_uri().ok()??;
    Url::new_with_base(&element.get_attribute(attribute).unwrap_or_default(), &base).ok()
}

/// Sets an attribute of the root element, which styles ask for.
pub(super) fn mark(name: &str, value: &str) {
    if let Some(root) = document().document_element() {
        // It fails only for names that are none.
        let _ = root.set_attribute(name, value);
    }
}

/// Takes it away again.
pub(super) fn unmark(name: &str) {
    if let Some(root) = document().document_element() {
        // As above.
        let _ = root.remove_attribute(name);
    }
}

/// Whether what is typed goes into a field.
pub(super) fn is_writing(event: &Event) -> bool {
    around(event, "input, textarea, select, [contenteditable]").is_some()
}
