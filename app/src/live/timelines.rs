//! Keys on timelines: left and right within a lane, up and down between lanes, Home and End.
//!
//! Of each lane only one mark is reached by Tab, as in a grid: the one that had the focus last, else the selected or
//! the newest one.

use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::window_event_listener;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

use super::document::{all, around, elements};

pub(super) fn listen() {
    window_event_listener(ev::keydown, |event| {
        if let Some(mark) = around(&event, "a.mark") {
            move_focus(&mark, &event);
        }
    });
}

/// Leaves one mark of each lane to Tab.
pub(super) fn rove() {
    for lane in all("svg.strip") {
        let marks = marks(&lane);
        let active = leptos::prelude::document().active_element();
        let chosen = marks
            .iter()
            .find(|mark| active.as_ref() == Some(mark))
            .or_else(|| marks.iter().find(|mark| mark.has_attribute("aria-current")))
            .or_else(|| marks.last());
        for mark in &marks {
            reach(mark, chosen == Some(mark));
        }
    }
}

fn reach(mark: &Element, is_reached: bool) {
    // It fails only for names that are none.
    let _ = mark.set_attribute("tabindex", if is_reached { "0" } else { "-1" });
}

/// Moves the focus from the mark that has it.
fn move_focus(mark: &Element, event: &KeyboardEvent) {
    let Some(next) = next(mark, &event.key()) else {
        return;
    };
    event.prevent_default();
    if let (Ok(Some(from)), Ok(Some(to))) = (mark.closest("svg.strip"), next.closest("svg.strip")) {
        if from == to {
            reach(mark, false);
        }
        for other in marks(&to) {
            reach(&other, other == next);
        }
    }
    // Links of an SVG have the same `focus` as those of HTML. One that cannot take the focus leaves it where it is.
    let _ = next.unchecked_ref::<HtmlElement>().focus();
}

fn next(mark: &Element, key: &str) -> Option<Element> {
    let lane = mark.closest("svg.strip").ok().flatten()?;
    let marks = marks(&lane);
    let index = marks.iter().position(|other| other == mark)?;
    match key {
        "ArrowLeft" => marks.get(index.checked_sub(1)?).cloned(),
        "ArrowRight" => marks.get(index + 1).cloned(),
        "Home" => marks.first().cloned(),
        "End" => marks.last().cloned(),
        "ArrowUp" | "ArrowDown" => {
            let lanes = all("svg.strip");
            let position = lanes.iter().position(|other| *other == lane)?;
            let other = if key == "ArrowUp" {
                lanes.get(position.checked_sub(1)?)?
            } else {
                lanes.get(position + 1)?
            };
            let here = time(mark)?;
            self::marks(other)
                .into_iter()
                .min_by_key(|candidate| time(candidate).map_or(i64::MAX, |at| (at - here).abs()))
        }
        _ => None,
    }
}

fn marks(lane: &Element) -> Vec<Element> {
    lane.query_selector_all("a.mark")
        .map(|list| elements(&list))
        .unwrap_or_default()
}

fn time(mark: &Element) -> Option<i64> {
    mark.get_attribute("data-at")?.parse().ok()
}
