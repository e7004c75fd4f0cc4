//! A restore's progress as server-sent events.
//!
//! Every event carries the whole run, so a reader that lost some has lost nothing. Its id is the run's progress
//! in milliseconds since it was asked for: it grows, it is the same for every reader and after a restart of the
//! server, and a reader that comes back with it is not told again what it knows.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt as _};
use http::HeaderMap;
use recovery::ids::RunId;
use recovery::run::Run;
use workflow::Workflow;

use super::call::{Problems, id};
use crate::serve::problem::Problem;
use crate::serve::state::App;

/// Proxies close silent connections after a minute or so.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A reader that lost the stream comes back after this.
const RETRY: Duration = Duration::from_secs(2);

/// A restore's progress as server-sent events, until it has ended
///
/// Events are named `run`; their data is the run as JSON. `Last-Event-ID` resumes.
#[utoipa::path(
    get,
    path = "/restores/{id}/events",
    tag = "restores",
    operation_id = "watch_restore",
    params(
        ("id" = String, Path, description = "The run's id"),
        ("last-event-id" = Option<String>, Header, description = "The id of the last event that was received")
    ),
    responses(
        (status = 200, description = "Events named `run`", content_type = "text/event-stream", body = Run),
        Problems
    )
)]
pub async fn watch(
    State(workflow): State<Workflow>,
    State(app): State<App>,
    Path(run): Path<String>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let run: RunId = id(&run)?;
    // Asked for first, so that an unknown run is a problem document and no empty stream.
    workflow.run(&run).await?;
    let seen = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<u64>().ok());
    let changes = workflow.watch(&run).boxed();
    let events = futures::stream::unfold(Some((changes, seen, false)), |state| async move {
        let (mut changes, mut last, begun) = state?;
        if !begun {
            let event = Event::default().retry(RETRY);
            return Some((event, Some((changes, last, true))));
        }
        loop {
            let run = match changes.next().await? {
                Ok(run) => run,
                Err(error) => {
                    tracing::warn!(%error, "a run can be watched no longer");
                    // The reader comes back by itself and resumes.
                    return None;
                }
            };
            let ended = run.outcome.is_some();
            if let Some((id, event)) = event(&run, last) {
                last = Some(id);
                return Some((event, (!ended).then_some((changes, last, true))));
            }
            if ended {
                return None;
            }
        }
    });
    let stop = app.stop.clone();
    let events = events.take_until(async move { stop.cancelled().await }).map(Ok);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// The event that tells of `run` after event `last`; `None` when `last` told it.
fn event(run: &Run, last: Option<u64>) -> Option<(u64, Event)> {
    let id = event_id(run);
    if last == Some(id) {
        return None;
    }
    // A change that moved no progress (a cancel request) must still be told, under a greater id.
    let id = id.max(last.map_or(0, |last| last + 1));
    let event = Event::default()
        .event("run")
        .id(id.to_string())
        .json_data(run)
        .ok()?;
    Some((id, event))
}

fn event_id(run: &Run) -> u64 {
    let flags = u64::from(run.cancel_requested) + u64::from(run.outcome.is_some());
    let milliseconds = Duration::try_from_secs_f64(run.seconds)
        .unwrap_or_default()
        .as_millis();
    // Three states within one millisecond stay apart: as it was, asked to stop, ended.
    u64::try_from(milliseconds)
        .unwrap_or(u64::MAX / 4)
        .saturating_mul(3)
        + flags
}
