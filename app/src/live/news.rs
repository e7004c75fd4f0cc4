//! Brings a page up to date by itself: after so many seconds, and with each event of a stream that it names.
//!
//! `html[data-news]` says how that goes: `live`, `reconnecting` (the stream is broken, the page asks instead), or
//! `stale` (the server does not answer; what is shown are the last known data).

use std::cell::{Cell, RefCell};
use std::time::Duration;

use leptos::ev;
use leptos::prelude::{document, location, set_interval, set_timeout, window_event_listener};
use leptos::task::spawn_local;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::js_sys::Date;
use web_sys::{Event, EventSource, VisibilityState};

use super::document::{first, mark};
use super::visit::{self, History, Sent};

/// How often it is looked whether something is to be asked for.
const TICK: Duration = Duration::from_secs(1);
/// The least time between two pages that are asked for because of events, milliseconds.
const PAUSE_MILLISECONDS: f64 = 400.0;

/// An open stream of events.
struct Stream {
    address: String,
    source: EventSource,
    _handlers: [Closure<dyn FnMut(Event)>; 3],
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

thread_local! {
    /// When the page came, milliseconds of the browser's clock.
    static ARRIVED: Cell<f64> = const { Cell::new(0.0) };
    /// Whether a page is being asked for, and whether another is to be asked for then.
    static ASKING: Cell<(bool, bool)> = const { Cell::new((false, false)) };
    static STREAM: RefCell<Option<Stream>> = const { RefCell::new(None) };
}

pub(super) fn start() {
    arrived();
    set_interval(tick, TICK);
    // A page that was hidden or cut off asks as soon as it can.
    window_event_listener(ev::online, |_| refresh());
    window_event_listener(ev::offline, |_| lost());
    window_event_listener(ev::visibilitychange, |_| tick());
}

/// A page has come: it is as new as can be.
pub(super) fn arrived() {
    ARRIVED.set(Date::now());
    mark("data-news", "live");
    let wanted = first("[data-events]").and_then(|element| element.get_attribute("data-events"));
    let is_open = STREAM.with_borrow(|stream| stream.as_ref().map(|stream| stream.address.clone()) == wanted);
    if !is_open {
        let stream = wanted.and_then(|address| open(&address));
        STREAM.replace(stream);
    }
}

/// A page could not be had.
pub(super) fn lost() {
    mark("data-news", "stale");
}

/// Asks for the page again where its time has come.
fn tick() {
    let every: Option<f64> = first("[data-every]")
        .and_then(|element| element.get_attribute("data-every"))
        .and_then(|every| every.parse().ok());
    let Some(every) = every else {
        return;
    };
    let is_hidden = document().visibility_state() == VisibilityState::Hidden;
    if !is_hidden && Date::now() - ARRIVED.get() >= every * 1000.0 {
        refresh();
    }
}

/// Asks for the page again, one at a time and not too often.
fn refresh() {
    let (is_asking, _) = ASKING.get();
    if is_asking {
        ASKING.set((true, true));
        return;
    }
    if visit::is_sending() || first("[data-every]").is_none() {
        return;
    }
    ASKING.set((true, false));
    let wait = (ARRIVED.get() + PAUSE_MILLISECONDS - Date::now()).clamp(0.0, PAUSE_MILLISECONDS);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "some hundred milliseconds"
    )]
    let wait = Duration::from_millis(wait as u64);
    set_timeout(|| spawn_local(ask()), wait);
}

async fn ask() {
    let before = visit::count();
    let answer = match location().href() {
        Ok(href) => visit::ask(&Sent::Get(href)).await,
        Err(error) => Err(error),
    };
    let (_, again) = ASKING.replace((false, false));
    // Whoever went elsewhere meanwhile is not brought back.
    if visit::count() == before {
        match answer {
            Ok(answer) if answer.status < 500 => visit::show(&answer, History::Keep),
            Ok(_) | Err(_) => {
                // It is asked again after as long as ever.
                ARRIVED.set(Date::now());
                lost();
            }
        }
    }
    if again {
        refresh();
    }
}

/// Opens a stream; the browser opens it again where it breaks, and says what it had seen last.
fn open(address: &str) -> Option<Stream> {
    let source = EventSource::new(address).ok()?;
    let on = |name: &str, handler: fn()| {
        let handler = Closure::<dyn FnMut(Event)>::new(move |_| handler());
        // It fails only for a handler that is none.
        let _ = source.add_event_listener_with_callback(name, handler.as_ref().unchecked_ref());
        handler
    };
    let handlers = [
        on("run", refresh),
        on("open", || mark("data-news", "live")),
        on("error", || mark("data-news", "reconnecting")),
    ];
    Some(Stream {
        address: address.to_owned(),
        source: source.clone(),
        _handlers: handlers,
    })
}
