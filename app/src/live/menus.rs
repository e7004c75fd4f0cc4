//! Menus close when something else is done: another place is pressed, Escape, or their form is sent.

use leptos::ev;
use leptos::prelude::window_event_listener;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, Node};

use super::document::{all, around};

const OPEN: &str = "details.menu[open]";

pub(super) fn listen() {
    window_event_listener(ev::click, |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        for menu in all(OPEN) {
            if !menu.contains(target.as_ref()) {
                close(&menu);
            }
        }
    });
    window_event_listener(ev::keydown, |event| {
        if event.key() != "Escape" {
            return;
        }
        if let Some(menu) = around(&event, OPEN) {
            close(&menu);
            if let Ok(Some(summary)) = menu.query_selector("summary") {
                // A summary that cannot take the focus leaves it where it is.
                let _ = summary.unchecked_ref::<HtmlElement>().focus();
            }
        }
    });
}

/// Closes the menu that a form is in, unless it is one whose choices are sent each by itself.
pub(super) fn close_around(form: &Element) {
    if form.has_attribute("data-submits") {
        return;
    }
    if let Ok(Some(menu)) = form.closest(OPEN) {
        close(&menu);
    }
}

fn close(menu: &Element) {
    // It fails only for names that are none.
    let _ = menu.remove_attribute("open");
}
