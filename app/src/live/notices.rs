//! A notice of the browser's when what a page shows has ended, for those who asked for one and look elsewhere.

use std::cell::Cell;

use leptos::ev;
use leptos::prelude::window_event_listener;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::Notification;

use super::document::{around, first};

thread_local! {
    /// Whether somebody asked for a notice on this page.
    static ASKED: Cell<bool> = const { Cell::new(false) };
}

pub(super) fn listen() {
    window_event_listener(ev::click, |event| {
        if around(&event, "button[data-notifies]").is_some() {
            spawn_local(ask());
        }
    });
}

/// Asks the reader's permission, which browsers give to https and to the own machine alone.
async fn ask() {
    if ASKED.replace(false) {
        write();
        return;
    }
    let answer = match Notification::request_permission() {
        Ok(promise) => JsFuture::from(promise).await.ok(),
        Err(_) => None,
    };
    let is_granted = answer.and_then(|answer| answer.as_string()).as_deref() == Some("granted");
    ASKED.set(is_granted);
    if is_granted {
        write();
    } else if let Some(button) = first("button[data-notifies]") {
        button.set_text_content(Some("Not allowed by the browser"));
    }
}

/// Says on the button whether there will be a notice, and gives it where the button is gone: what it waited for has ended.
pub(super) fn write() {
    let is_asked = ASKED.get();
    if let Some(button) = first("button[data-notifies]") {
        // It fails only for names that are none.
        let _ = button.set_attribute("aria-pressed", if is_asked { "true" } else { "false" });
    } else if is_asked {
        ASKED.set(false);
        let told = first("h1").and_then(|title| title.text_content());
        // A browser that refuses now shows nothing; the page says the same.
        let _ = Notification::new(&told.unwrap_or_default());
    }
}
