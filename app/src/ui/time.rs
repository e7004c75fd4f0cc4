//! Times: absolute ones in the reader's zone, and ages that go on counting.
//!
//! The server renders with the `now` that came with the data, in UTC. The browser renders the same, and only after
//! hydration counts on and changes to its own zone, so that both always agree at first.

use jiff::Timestamp;
use leptos::prelude::*;

use super::format::{self, TimeForm};
use crate::api::preferences::Zone;

/// What every time on a page depends on.
#[derive(Clone, Copy)]
struct Clock {
    /// False on the server and until the browser has taken over.
    hydrated: RwSignal<bool>,
    /// Seconds since then.
    elapsed: RwSignal<i64>,
    /// The zone that times are shown in.
    zone: RwSignal<Zone>,
}

/// How often ages are counted on, seconds.
#[cfg(feature = "hydrate")]
const TICK_SECONDS: u64 = 5;

/// Makes a clock known to every component; it starts to run after hydration.
pub(crate) fn provide_clock(preferred: Zone) {
    let clock = Clock {
        hydrated: RwSignal::new(false),
        elapsed: RwSignal::new(0),
        zone: RwSignal::new(Zone::Utc),
    };
    provide_context(clock);
    // Effects run in the browser alone, after hydration.
    Effect::new(move |_| {
        clock.hydrated.set(true);
        clock.zone.set(preferred);
    });
    #[cfg(feature = "hydrate")]
    {
        let started = web_sys::js_sys::Date::now();
        set_interval(
            move || {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "seconds since the page was opened"
                )]
                let seconds = ((web_sys::js_sys::Date::now() - started) / 1000.0) as i64;
                clock.elapsed.set(seconds);
            },
            std::time::Duration::from_secs(TICK_SECONDS),
        );
    }
}

fn clock() -> Clock {
    expect_context()
}

/// True once the browser has taken over: for what is of no use before.
pub(crate) fn hydrated() -> RwSignal<bool> {
    clock().hydrated
}

/// `now` of some data, counted on from the moment this is called.
pub(crate) fn running(now: Timestamp) -> Signal<Timestamp> {
    let elapsed = clock().elapsed;
    let base = elapsed.get_untracked();
    Signal::derive(move || {
        let seconds = (elapsed.get() - base).max(0);
        now.checked_add(jiff::SignedDuration::from_secs(seconds))
            .unwrap_or(now)
    })
}

/// Minutes that the chosen zone is ahead of UTC at `at`.
fn offset_minutes(zone: Zone, at: Timestamp) -> i32 {
    match zone {
        Zone::Utc => 0,
        #[cfg(feature = "hydrate")]
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "minutes of a day"
        )]
        Zone::Local => {
            let date =
                web_sys::js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.as_millisecond() as f64));
            -(date.get_timezone_offset() as i32)
        }
        #[cfg(not(feature = "hydrate"))]
        Zone::Local => {
            let _ = at;
            0
        }
    }
}

/// `at` as text, in the chosen zone. Call it where a signal may be read.
pub(crate) fn text(at: Timestamp, form: TimeForm) -> String {
    let zone = use_context::<Clock>().map_or(Zone::Utc, |clock| clock.zone.get());
    format::time(at, offset_minutes(zone, at), zone == Zone::Utc, form)
}

/// An absolute time.
#[component]
pub(crate) fn Time(
    /// When.
    at: Timestamp,
    /// How much of it is written.
    #[prop(default = TimeForm::Full)]
    form: TimeForm,
) -> impl IntoView {
    view! {
        <time datetime=at.to_string() title=format::time(at, 0, true, TimeForm::Seconds)>
            {move || text(at, form)}
        </time>
    }
}

/// How long ago something was: `12 min ago`, with the absolute time at hand.
#[component]
pub(crate) fn Ago(
    /// When it was.
    at: Timestamp,
    /// Now, as the data say.
    now: Timestamp,
) -> impl IntoView {
    let now = running(now);
    view! {
        <time datetime=at.to_string() title=format::time(at, 0, true, TimeForm::Seconds)>
            {move || format::ago(now.get().duration_since(at).as_secs())}
        </time>
    }
}

/// Chooses between UTC and the browser's own zone. Only the browser knows its own, so it is for use after hydration.
#[component]
pub(crate) fn ZoneSwitch() -> impl IntoView {
    let zone = clock().zone;
    let button = move |value: Zone, name: &'static str| {
        view! {
            <button
                type="button"
                aria-pressed=move || if zone.get() == value { "true" } else { "false" }
                on:click=move |_| {
                    zone.set(value);
                    remember(value);
                }
            >
                {name}
            </button>
        }
    };
    view! {
        <div class="seg" role="group" aria-label="Times">
            {button(Zone::Utc, "UTC")}
            {button(Zone::Local, "Local")}
        </div>
    }
}

/// Keeps the zone in a cookie for the pages to come.
fn remember(zone: Zone) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast as _;
        let name = match zone {
            Zone::Utc => "utc",
            Zone::Local => "local",
        };
        if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
            let cookie = format!(
                "{}={name}; Path=/; Max-Age=31536000; SameSite=Lax",
                crate::api::preferences::ZONE_COOKIE
            );
            // A browser that takes no cookies asks again on the next page.
            let _ = document.set_cookie(&cookie);
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = zone;
}
