//! Arrow keys: left and right within a lane, up and down between lanes, Home and End.

use leptos::ev::KeyboardEvent;
use leptos::prelude::document;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, NodeList};

/// Moves the focus from the mark that has it.
pub(super) fn move_focus(event: &KeyboardEvent) {
    let Some(mark) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .and_then(|element| element.closest("a.mark").ok().flatten())
    else {
        return;
    };
    let Some(next) = next(&mark, &event.key()) else {
        return;
    };
    event.prevent_default();
    // Links of an SVG have the same `focus` as those of HTML. One that cannot take the focus leaves it where it is.
    let _ = next.unchecked_ref::<HtmlElement>().focus();
}

fn next(mark: &Element, key: &str) -> Option<Element> {
    let lane = mark.closest("svg.strip").ok().flatten()?;
    let marks = elements(&lane.query_selector_all("a.mark").ok()?);
    let index = marks.iter().position(|other| other == mark)?;
    match key {
        "ArrowLeft" => marks.get(index.checked_sub(1)?).cloned(),
        "ArrowRight" => marks.get(index + 1).cloned(),
        "Home" => marks.first().cloned(),
        "End" => marks.last().cloned(),
        "ArrowUp" | "ArrowDown" => {
            let lanes = elements(&document().query_selector_all("svg.strip").ok()?);
            let position = lanes.iter().position(|other| *other == lane)?;
            let other = if key == "ArrowUp" {
                lanes.get(position.checked_sub(1)?)?
            } else {
                lanes.get(position + 1)?
            };
            let here = time(mark)?;
            elements(&other.query_selector_all("a.mark").ok()?)
                .into_iter()
                .min_by_key(|candidate| time(candidate).map_or(i64::MAX, |at| (at - here).abs()))
        }
        _ => None,
    }
}

fn time(mark: &Element) -> Option<i64> {
    mark.get_attribute("data-at")?.parse().ok()
}

fn elements(list: &NodeList) -> Vec<Element> {
    (0..list.length())
        .filter_map(|index| list.get(index)?.dyn_into().ok())
        .collect()
}
