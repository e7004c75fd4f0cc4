//! Buttons that copy.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::{set_timeout, window, window_event_listener};
use web_sys::js_sys::Reflect;

use super::document::around;

/// For how long a button says that it has copied.
const SHOWN: Duration = Duration::from_secs(2);

pub(super) fn listen() {
    window_event_listener(ev::click, |event| {
        let Some(button) = around(&event, "button[data-copy]") else {
            return;
        };
        let text = button.get_attribute("data-copy").unwrap_or_default();
        let navigator = window().navigator();
        // Browsers have it for https and for the own machine alone; elsewhere the text is selected by hand.
        let is_there =
            Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| clipboard.is_object());
        if !is_there {
            return;
        }
        // One that refuses leaves the text to be selected by hand, too.
        let _ = navigator.clipboard().write_text(&text);
        let (words, name) = (
            button.text_content(),
            button.get_attribute("aria-label").unwrap_or_default(),
        );
        let what = name.strip_prefix("Copy ").unwrap_or(&name);
        if words.as_deref() == Some("Copied") {
            return;
        }
        button.set_text_content(Some("Copied"));
        // It fails only for names that are none.
        let _ = button.set_attribute("aria-label", &format!("{what} copied"));
        set_timeout(
            move || {
                button.set_text_content(words.as_deref());
                let _ = button.set_attribute("aria-label", &name);
            },
            SHOWN,
        );
    });
}
