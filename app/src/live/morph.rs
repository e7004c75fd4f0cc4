//! Changes a part of the document into another, and touches nothing that is the same already.
//!
//! Children answer each other by their `id`, else by their order and their name. What the reader did to an element
//! stays where the server says the same of it as before: text in fields, menus and dialogs that are open.

use leptos::prelude::document;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlInputElement, HtmlOptionElement, Node};

/// Makes `old` like `new`. Islands that were added or have other properties go to `islands`, not hydrated yet.
pub(super) fn morph(old: &Element, new: &Element, islands: &mut Vec<Element>) {
    attributes(old, new);
    children(old, new, islands);
}

fn children(old: &Element, new: &Element, islands: &mut Vec<Element>) {
    let mut next = old.first_child();
    for wanted in nodes(new) {
        let found = answering(next.as_ref(), &wanted, new);
        let Some(found) = found else {
            insert(old, &wanted, next.as_ref(), islands);
            continue;
        };
        // What stands before it and is not wanted any more goes.
        while let Some(stale) = next.take() {
            if stale.is_same_node(Some(&found)) {
                break;
            }
            next = stale.next_sibling();
            remove(old, &stale);
        }
        next = found.next_sibling();
        node(old, &found, &wanted, islands);
    }
    while let Some(stale) = next {
        next = stale.next_sibling();
        remove(old, &stale);
    }
}

/// The node that is to become `wanted`: the element of its id; without one, the next node of its kind that no other id claims.
fn answering(next: Option<&Node>, wanted: &Node, new: &Element) -> Option<Node> {
    let mut candidate = next.cloned();
    if let Some(id) = id_of(wanted) {
        while let Some(node) = candidate {
            if id_of(&node).as_ref() == Some(&id) && node.node_name() == wanted.node_name() {
                return Some(node);
            }
            candidate = node.next_sibling();
        }
        return None;
    }
    while let Some(node) = candidate {
        match id_of(&node) {
            // It is wanted later on, and stays for that.
            Some(id) if child(new, &id) => return None,
            None if node.node_name() == wanted.node_name() => return Some(node),
            Some(_) | None => candidate = node.next_sibling(),
        }
    }
    None
}

fn node(parent: &Element, old: &Node, new: &Node, islands: &mut Vec<Element>) {
    let (Some(old_element), Some(new_element)) = (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) else {
        if old.node_value() != new.node_value() {
            old.set_node_value(new.node_value().as_deref());
        }
        return;
    };
    // Its content is text where scripts run, and elements in a document that was only parsed.
    if old_element.tag_name() == "NOSCRIPT" {
        return;
    }
    if is_island(old_element) {
        let is_same = ["data-component", "data-props"]
            .into_iter()
            .all(|name| old_element.get_attribute(name) == new_element.get_attribute(name));
        if !is_same {
            insert(parent, new, Some(old), islands);
            remove(parent, old);
        }
        return;
    }
    if !old.is_equal_node(Some(new)) {
        morph(old_element, new_element, islands);
    }
}

fn insert(parent: &Element, wanted: &Node, before: Option<&Node>, islands: &mut Vec<Element>) {
    // Both fail only for documents and for nodes that are no children; neither is one here.
    let Ok(copy) = document().import_node_with_deep(wanted, true) else {
        return;
    };
    if parent.insert_before(&copy, before).is_err() {
        return;
    }
    if let Some(element) = copy.dyn_ref::<Element>() {
        if is_island(element) {
            islands.push(element.clone());
        } else if let Ok(list) = element.query_selector_all("leptos-island") {
            islands.extend(super::document::elements(&list));
        }
    }
}

fn remove(parent: &Element, stale: &Node) {
    // It fails only for a node that is gone already.
    let _ = parent.remove_child(stale);
}

fn attributes(old: &Element, new: &Element) {
    let is_opened = matches!(old.tag_name().as_str(), "DETAILS" | "DIALOG");
    for name in names(old) {
        let is_readers = is_opened && name == "open";
        if !is_readers && !new.has_attribute(&name) {
            attribute(old, new, &name);
        }
    }
    for name in names(new) {
        attribute(old, new, &name);
    }
}

/// Gives an element an attribute as another has it.
pub(super) fn attribute(old: &Element, new: &Element, name: &str) {
    let (before, wanted) = (old.get_attribute(name), new.get_attribute(name));
    if before == wanted {
        return;
    }
    // Names of attributes that are there are valid.
    let _ = match &wanted {
        Some(value) => old.set_attribute(name, value),
        None => old.remove_attribute(name),
    };
    // The attribute is what a field begins with; what it holds follows where the server changed its mind.
    let is_set = wanted.is_some();
    if let Some(field) = old.dyn_ref::<HtmlInputElement>() {
        match name {
            "value" => field.set_value(&wanted.unwrap_or_default()),
            "checked" => field.set_checked(is_set),
            _ => {}
        }
    } else if let Some(option) = old.dyn_ref::<HtmlOptionElement>()
        && name == "selected"
        && is_set
    {
        option.set_selected(true);
    }
}

fn names(element: &Element) -> Vec<String> {
    element
        .get_attribute_names()
        .iter()
        .filter_map(|name| name.as_string())
        .collect()
}

fn nodes(parent: &Element) -> Vec<Node> {
    let list = parent.child_nodes();
    (0..list.length()).filter_map(|index| list.get(index)).collect()
}

fn id_of(node: &Node) -> Option<String> {
    // The attribute, for the property `id` of a form is its field of that name.
    node.dyn_ref::<Element>()?
        .get_attribute("id")
        .filter(|id| !id.is_empty())
}

/// Whether an element has a child of this id.
fn child(parent: &Element, id: &str) -> bool {
    let list = parent.children();
    (0..list.length())
        .filter_map(|index| list.item(index))
        .any(|child| id_of(&child).as_deref() == Some(id))
}

fn is_island(element: &Element) -> bool {
    element.tag_name() == "LEPTOS-ISLAND"
}
