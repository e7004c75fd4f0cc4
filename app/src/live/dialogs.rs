//! Dialogs that buttons open and close, and the keys that open the palette and the keyboard's help.

use leptos::ev;
use leptos::prelude::{document, window_event_listener};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlDialogElement, HtmlInputElement};

use super::document::{around, is_writing};

/// The dialog of the command palette, by its id.
const PALETTE: &str = "palette-dialog";
/// The dialog of the keyboard's help.
const HELP: &str = "keyboard-help";

pub(super) fn listen() {
    window_event_listener(ev::click, |event| {
        if let Some(button) = around(&event, "[data-closes]") {
            close_around(button.unchecked_ref());
        }
        if let Some(button) = around(&event, "[data-opens]") {
            event.prevent_default();
            open(&button.get_attribute("data-opens").unwrap_or_default());
        }
    });
    window_event_listener(ev::keydown, |event| {
        let is_palette = (event.ctrl_key() || event.meta_key())
            && !event.alt_key()
            && !event.shift_key()
            && event.key().eq_ignore_ascii_case("k");
        if is_palette {
            event.prevent_default();
            open(PALETTE);
        } else if event.key() == "?" && !is_writing(&event) {
            event.prevent_default();
            open(HELP);
        }
    });
}

fn open(id: &str) {
    let dialog = document()
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into::<HtmlDialogElement>().ok());
    if let Some(dialog) = dialog {
        // It fails only where it is open already.
        let _ = dialog.show_modal();
        // What was looked for before gives way to what is typed now.
        let field = dialog.query_selector("input[type=text]").ok().flatten();
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
            field.select();
        }
    }
}

/// Closes the dialog that an element is in, if it is in one.
pub(super) fn close_around(element: &web_sys::Element) {
    let dialog = element
        .closest("dialog")
        .ok()
        .flatten()
        .and_then(|dialog| dialog.dyn_into::<HtmlDialogElement>().ok());
    if let Some(dialog) = dialog {
        dialog.close();
    }
}
