//! News of a run, as the server sends them.

use leptos::prelude::*;
use recovery::run::Run;

/// Whether news come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "hydrate"),
    expect(dead_code, reason = "news come in the browser alone")
)]
pub(crate) enum Feed {
    /// None have come yet.
    Connecting,
    /// They come.
    Live,
    /// They have stopped coming.
    Lost,
}

/// Calls `on_run` with each state of the run until it has ended or the component is gone. Where the stream of events
/// does not come through (a proxy that buffers, a network that drops), the page asks from time to time instead.
pub(crate) fn follow(id: String, feed: RwSignal<Feed>, on_run: impl Fn(Run) + Clone + 'static) {
    #[cfg(feature = "hydrate")]
    browser::follow(id, feed, on_run);
    #[cfg(not(feature = "hydrate"))]
    let _ = (id, feed, on_run);
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;

    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use recovery::run::Run;
    use wasm_bindgen::JsCast as _;
    use wasm_bindgen::prelude::Closure;
    use web_sys::js_sys::Date;
    use web_sys::{EventSource, MessageEvent};

    use super::Feed;
    use crate::api::restores::read_run;

    /// Without an event for so long, the page asks by itself.
    const QUIET: Duration = Duration::from_secs(4);

    /// An open stream; dropping it closes it.
    struct Subscription {
        source: EventSource,
        _on_event: Closure<dyn FnMut(MessageEvent)>,
    }

    impl Drop for Subscription {
        fn drop(&mut self) {
            self.source.close();
        }
    }

    pub(super) fn follow(id: String, feed: RwSignal<Feed>, on_run: impl Fn(Run) + Clone + 'static) {
        let last = Rc::new(Cell::new(Date::now()));
        let over = Rc::new(Cell::new(false));
        let receive = {
            let (last, over) = (Rc::clone(&last), Rc::clone(&over));
            move |run: Run| {
                last.set(Date::now());
                over.set(run.outcome.is_some());
                feed.try_set(Feed::Live);
                on_run(run);
            }
        };
        let subscription = StoredValue::new_local(None::<Subscription>);
        // It begins after hydration, so that the first rendering is the server's.
        Effect::new({
            let (receive, id, over) = (receive.clone(), id.clone(), Rc::clone(&over));
            move |_| subscription.set_value(subscribe(&id, &over, receive.clone()))
        });
        let ask = move || {
            if over.get() {
                subscription.try_set_value(None);
                return;
            }
            #[expect(clippy::cast_precision_loss, reason = "a few thousand milliseconds")]
            let is_quiet = Date::now() - last.get() > QUIET.as_millis() as f64;
            if !is_quiet {
                return;
            }
            let (receive, id) = (receive.clone(), id.clone());
            spawn_local(async move {
                match read_run(id).await {
                    Ok(view) => receive(view.run),
                    Err(_) => {
                        feed.try_set(Feed::Lost);
                    }
                }
            });
        };
        if let Ok(handle) = set_interval_with_handle(ask, QUIET) {
            on_cleanup(move || handle.clear());
        }
    }

    /// Opens the stream; `None` where the browser cannot.
    fn subscribe(id: &str, over: &Rc<Cell<bool>>, receive: impl Fn(Run) + 'static) -> Option<Subscription> {
        let source = EventSource::new(&format!("/api/v1/restores/{id}/events")).ok()?;
        let over = Rc::clone(over);
        let opened = source.clone();
        let on_event = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let run = event
                .data()
                .as_string()
                .and_then(|json| serde_json::from_str(&json).ok());
            if let Some(run) = run {
                receive(run);
            }
            if over.get() {
                opened.close();
            }
        });
        source
            .add_event_listener_with_callback("run", on_event.as_ref().unchecked_ref())
            .ok()?;
        Some(Subscription {
            source,
            _on_event: on_event,
        })
    }
}
