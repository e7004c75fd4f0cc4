//! Forms: sent when something in them changes, and answered in place.

use leptos::ev;
use leptos::prelude::window_event_listener;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::js_sys::Array;
use web_sys::{Element, FormData, HtmlElement, HtmlFormElement, SubmitEvent, UrlSearchParams};

use super::dialogs::close_around;
use super::document::{address, around, first};
use super::menus;
use super::visit::{self, History, Sent, is_this_page};

/// Server functions lie below this path; other forms, as that of the sign-in, are the browser's.
const SERVER_FUNCTIONS: &str = "/ui/";

pub(super) fn listen() {
    window_event_listener(ev::change, |event| {
        let form = around(&event, "[data-submits]")
            .and_then(|part| part.closest("form").ok().flatten())
            .and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
        if let Some(form) = form {
            // An invalid form shows its faults instead.
            let _ = form.request_submit();
        }
    });
    window_event_listener(ev::submit, |event| {
        if !event.default_prevented() {
            submit(&event);
        }
    });
}

/// Sends the form that wants it as soon as its page is shown.
pub(super) fn begin() {
    if let Some(form) = first("form[data-submits=at-once]") {
        // As above.
        let _ = form.unchecked_ref::<HtmlFormElement>().request_submit();
    }
}

fn submit(event: &SubmitEvent) {
    let Some(form) = around(event, "form") else {
        return;
    };
    let submitter = event.submitter();
    let (Some(url), Some(fields)) = (address(&form, "action"), fields(&form, submitter.as_ref())) else {
        return;
    };
    let is_post = form
        .get_attribute("method")
        .is_some_and(|method| method.eq_ignore_ascii_case("post"));
    if is_post {
        if !url.pathname().starts_with(SERVER_FUNCTIONS) {
            return;
        }
        event.prevent_default();
        if visit::is_sending() {
            // What was pressed twice is done once.
            return;
        }
        close_around(&form);
        spawn_local(visit::visit(Sent::Post(url.href(), fields), History::Replace));
    } else if is_this_page(&url) {
        event.prevent_default();
        menus::close_around(&form);
        url.set_search(&String::from(fields.to_string()));
        let history = if form.has_attribute("data-replaces") {
            History::Replace
        } else {
            History::Push
        };
        spawn_local(visit::visit(Sent::Get(url.href()), history));
    }
}

/// What is written in it, with the button that was pressed.
fn fields(form: &Element, submitter: Option<&HtmlElement>) -> Option<UrlSearchParams> {
    let form = form.dyn_ref::<HtmlFormElement>()?;
    let data = FormData::new_with_form(form).ok()?;
    if let Some(button) = submitter
        && let (Some(name), Some(value)) = (button.get_attribute("name"), button.get_attribute("value"))
    {
        data.append_with_str(&name, &value).ok()?;
    }
    let pairs: Array = Array::from(data.as_ref() as &JsValue);
    UrlSearchParams::new_with_str_sequence_sequence(&pairs).ok()
}
