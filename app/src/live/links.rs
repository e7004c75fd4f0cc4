//! Links to another view of the same page are followed in place; all others are the browser's.

use leptos::ev;
use leptos::prelude::{location, window, window_event_listener};
use leptos::task::spawn_local;

use super::document::{address, around};
use super::visit::{History, Sent, is_this_page, visit};

pub(super) fn listen() {
    window_event_listener(ev::click, |event| {
        let is_plain = event.button() == 0
            && !event.default_prevented()
            && !event.ctrl_key()
            && !event.meta_key()
            && !event.shift_key()
            && !event.alt_key();
        let Some(link) = around(&event, "a[href]").filter(|_| is_plain) else {
            return;
        };
        if link.has_attribute("download") || link.has_attribute("target") {
            return;
        }
        let Some(url) = address(&link, "href") else {
            return;
        };
        if !is_this_page(&url) || !url.hash().is_empty() {
            return;
        }
        event.prevent_default();
        // Another page of a list is read from its top.
        let is_page = link.closest(".pager").is_ok_and(|pager| pager.is_some());
        spawn_local(async move {
            visit(Sent::Get(url.href()), History::Push).await;
            if is_page {
                window().scroll_to_with_x_and_y(0.0, 0.0);
            }
        });
    });
    window_event_listener(ev::popstate, |_| {
        let Ok(href) = location().href() else {
            return;
        };
        spawn_local(visit(Sent::Get(href), History::Keep));
    });
}
