//! Times in the reader's zone, and ages that count on.
//!
//! The server writes UTC, and ages as they were when it answered; only the browser knows its own zone.

use std::cell::Cell;
use std::time::Duration;

use leptos::ev;
use leptos::prelude::{document, set_interval, window_event_listener};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::HtmlDocument;
use web_sys::js_sys::Date;

use super::document::{all, around, mark};
use crate::preferences::{ZONE_COOKIE, Zone};
use crate::ui::format::{self, TimeForm};

/// How often ages are counted on.
const TICK: Duration = Duration::from_secs(5);

thread_local! {
    /// When the server's HTML came, milliseconds of the browser's clock.
    static ARRIVED: Cell<f64> = const { Cell::new(0.0) };
}

pub(super) fn start() {
    set_interval(write_ages, TICK);
    window_event_listener(ev::click, |event| {
        let zone = around(&event, "button[data-zone]")
            .and_then(|button| button.get_attribute("data-zone"))
            .and_then(|name| Zone::named(&name));
        if let Some(zone) = zone {
            mark("data-zone", zone.name());
            remember(zone);
            write();
        }
    });
}

/// A page has just come: its ages count from now on.
pub(super) fn arrived() {
    ARRIVED.set(Date::now());
    write();
}

/// Writes every time of the page in the chosen zone.
fn write() {
    let zone = zone();
    for button in all("button[data-zone]") {
        let is_chosen = button.get_attribute("data-zone").as_deref() == Some(zone.name());
        // It fails only for names that are none.
        let _ = button.set_attribute("aria-pressed", if is_chosen { "true" } else { "false" });
    }
    for element in all("[data-form]") {
        let form = element
            .get_attribute("data-form")
            .and_then(|name| TimeForm::named(&name));
        let at = element
            .get_attribute("datetime")
            .or_else(|| element.get_attribute("data-at"))
            .and_then(|at| at.parse().ok());
        if let (Some(form), Some(at)) = (form, at) {
            put(
                &element,
                &format::time(at, offset_minutes(zone, at), zone == Zone::Utc, form),
            );
        }
    }
}

fn write_ages() {
    #[expect(clippy::cast_possible_truncation, reason = "seconds since the page came")]
    let elapsed = ((Date::now() - ARRIVED.get()) / 1000.0) as i64;
    for element in all("time[data-ago]") {
        let seconds: Option<i64> = element.get_attribute("data-ago").and_then(|ago| ago.parse().ok());
        if let Some(seconds) = seconds {
            put(&element, &format::ago(seconds.saturating_add(elapsed)));
        }
    }
}

fn put(element: &web_sys::Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

fn zone() -> Zone {
    document()
        .document_element()
        .and_then(|root| root.get_attribute("data-zone"))
        .and_then(|name| Zone::named(&name))
        .unwrap_or_default()
}

/// Minutes that a zone is ahead of UTC at `at`.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "milliseconds of dates, minutes of a day"
)]
fn offset_minutes(zone: Zone, at: jiff::Timestamp) -> i32 {
    match zone {
        Zone::Utc => 0,
        Zone::Local => {
            let date = Date::new(&JsValue::from_f64(at.as_millisecond() as f64));
            -(date.get_timezone_offset() as i32)
        }
    }
}

/// Keeps the zone in a cookie for the pages to come.
fn remember(zone: Zone) {
    if let Ok(document) = document().dyn_into::<HtmlDocument>() {
        let cookie = format!(
            "{ZONE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax",
            zone.name()
        );
        // A browser that takes no cookies asks again on the next page.
        let _ = document.set_cookie(&cookie);
    }
}
