//! Asks the server for a page and changes the document into its answer.

use std::cell::Cell;

use leptos::prelude::{document, location, window};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::Reflect;
use web_sys::{Document, DomParser, Request, RequestInit, Response, SupportedType, Url, UrlSearchParams};

use super::document::{mark, unmark};
use super::{morph, news, rendered};

/// What is asked for.
pub(super) enum Sent {
    /// A page.
    Get(String),
    /// A server function, which leads to a page.
    Post(String, UrlSearchParams),
}

/// What becomes of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum History {
    /// The answer's follows the present one, which *back* leads to.
    Push,
    /// The answer's takes the place of the present one.
    Replace,
    /// It is the present one already.
    Keep,
}

/// What lies between asking and the answer.
#[derive(Clone, Copy, Debug, Default)]
struct Under {
    /// How often something was asked for.
    count: u32,
    /// Whether something was sent that changes something.
    is_sending: bool,
}

thread_local! {
    static UNDER: Cell<Under> = const { Cell::new(Under { count: 0, is_sending: false }) };
}

/// Whether a form was sent whose answer has not come yet.
pub(super) fn is_sending() -> bool {
    UNDER.get().is_sending
}

/// How often something was asked for: whoever asks for news goes by it, for a visit comes before them.
pub(super) fn count() -> u32 {
    UNDER.get().count
}

/// Whether an address is that of the page that is shown, whatever it asks of it.
pub(super) fn is_this_page(url: &Url) -> bool {
    let here = location();
    here.origin().is_ok_and(|origin| origin == url.origin())
        && here.pathname().is_ok_and(|path| path == url.pathname())
}

/// Goes to what the server answers. Only the last of several visits is shown. Where it cannot be had, the document
/// stays, and a page is loaded as if nothing of this were here.
pub(super) async fn visit(sent: Sent, history: History) {
    let is_post = matches!(sent, Sent::Post(..));
    let count = UNDER.get().count.wrapping_add(1);
    UNDER.set(Under {
        count,
        is_sending: is_post,
    });
    mark("data-busy", "");
    let answer = ask(&sent).await;
    if UNDER.get().count != count {
        return;
    }
    UNDER.set(Under {
        count,
        is_sending: false,
    });
    unmark("data-busy");
    match (answer, sent) {
        (Ok(answer), _) => show(&answer, history),
        // The browser says what is wrong with the connection.
        (Err(_), Sent::Get(href)) => {
            let _ = location().assign(&href);
        }
        // What was sent may have arrived. News tell once there are some.
        (Err(_), Sent::Post(..)) => news::lost(),
    }
}

/// A page as the server sent it.
pub(super) struct Answer {
    url: Url,
    /// The status code.
    pub(super) status: u16,
    html: String,
}

/// Asks the server for a page.
pub(super) async fn ask(sent: &Sent) -> Result<Answer, JsValue> {
    let init = RequestInit::new();
    let href = match sent {
        Sent::Get(href) => href,
        Sent::Post(href, fields) => {
            init.set_method("POST");
            init.set_body(fields);
            href
        }
    };
    let request = Request::new_with_str_and_init(href, &init)?;
    request.headers().set("Accept", "text/html")?;
    let response: Response = JsFuture::from(window().fetch_with_request(&request))
        .await?
        .dyn_into()?;
    let html = JsFuture::from(response.text()?).await?;
    Ok(Answer {
        url: Url::new(&response.url())?,
        status: response.status(),
        html: html.as_string().unwrap_or_default(),
    })
}

/// Changes the document into an answer. One of another page is loaded instead.
pub(super) fn show(answer: &Answer, history: History) {
    let href = answer.url.href();
    if !is_this_page(&answer.url) {
        // It fails only for addresses that are none.
        let _ = location().assign(&href);
        return;
    }
    let Some(new) = DomParser::new()
        .and_then(|parser| parser.parse_from_string(&answer.html, SupportedType::TextHtml))
        .ok()
    else {
        return;
    };
    let islands = change(&new);
    let state = JsValue::NULL;
    // Browsers refuse both only to pages that call them very often.
    let _ = window().history().and_then(|entries| match history {
        History::Push => entries.push_state_with_url(&state, "", Some(&href)),
        History::Replace => entries.replace_state_with_url(&state, "", Some(&href)),
        History::Keep => Ok(()),
    });
    rendered();
    for island in islands {
        hydrate(&island);
    }
    news::arrived();
}

/// The parts of a document that pages differ in. Gives the islands that came with them.
fn change(new: &Document) -> Vec<web_sys::Element> {
    let old = document();
    old.set_title(&new.title());
    if let (Some(old), Some(new)) = (old.document_element(), new.document_element()) {
        for name in ["data-theme", "data-zone"] {
            morph::attribute(&old, &new, name);
        }
    }
    let mut islands = Vec::new();
    if let (Some(old), Some(new)) = (old.body(), new.body()) {
        morph::morph(&old, &new, &mut islands);
    }
    islands
}

/// Hydrates an island that came later, by the function that Leptos' script leaves for it.
fn hydrate(island: &web_sys::Element) {
    let Ok(hydrate) = Reflect::get(&window(), &"__hydrateIsland".into()) else {
        return;
    };
    if let Some(hydrate) = hydrate.dyn_ref::<web_sys::js_sys::Function>() {
        let id = island.get_attribute("data-component").unwrap_or_default();
        // An island that cannot be hydrated stays as the server rendered it.
        let _ = hydrate.call2(&JsValue::NULL, island, &id.into());
    }
}
