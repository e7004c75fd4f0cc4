//! A restore's progress as server-sent events.
//!
//! Every event carries the whole run, so a reader that lost some has lost nothing. Its id is the run's progress
//! in milliseconds since it was asked for: it grows, it is the same for every reader and after a restart of the
//! server, and a reader that comes back with it is not told again what it knows.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use http::{HeaderMap, StatusCode};
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
        (status = 204, description = "The run has ended, and the reader has its last event"),
        Problems
    )
)]
pub async fn watch(
    State(workflow): State<Workflow>,
    State(app): State<App>,
    Path(run): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let run: RunId = id(&run)?;
    // Asked for first, so that an unknown run is a problem document and no empty stream.
    let now = workflow.run(&run).await?;
    let seen = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<u64>().ok());
    if now.outcome.is_some() && seen >= Some(event_id(&now)) {
        // A browser that is told this does not come back.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let begin = Telling {
        changes: workflow.watch(&run).boxed(),
        last: seen,
        is_first: true,
    };
    let retry = futures::stream::iter([Event::default().retry(RETRY)]);
    let told = futures::stream::unfold(Some(begin), |telling| async move { telling?.next().await });
    let stop = app.stop.clone();
    let events = retry
        .chain(told)
        .take_until(async move { stop.cancelled().await })
        .map(Ok::<_, Infallible>);
    Ok(Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response())
}

/// One reader being told of one run.
struct Telling {
    changes: BoxStream<'static, workflow::Result<Run>>,
    /// The id of the last event that the reader has.
    last: Option<u64>,
    /// Whether nothing was told on this stream yet.
    is_first: bool,
}

impl Telling {
    /// The next event, and what goes on after it: nothing once the run has ended.
    async fn next(mut self) -> Option<(Event, Option<Self>)> {
        loop {
            let run = match self.changes.next().await? {
                Ok(run) => run,
                Err(error) => {
                    // The reader comes back by itself and resumes.
                    tracing::warn!(%error, "a run can be watched no longer");
                    return None;
                }
            };
            let known = self.is_first && self.last >= Some(event_id(&run));
            self.is_first = false;
            if known {
                continue;
            }
            // A change that moved no time (a cancel request) is told under a greater id all the same.
            let id = event_id(&run).max(self.last.map_or(0, |last| last + 1));
            self.last = Some(id);
            let event = Event::default()
                .event("run")
                .id(id.to_string())
                .json_data(&run)
                .ok()?;
            return Some((event, run.outcome.is_none().then_some(self)));
        }
    }
}

/// Milliseconds from the request to the last progress.
fn event_id(run: &Run) -> u64 {
    let milliseconds = Duration::try_from_secs_f64(run.seconds)
        .unwrap_or_default()
        .as_millis();
    u64::try_from(milliseconds).unwrap_or(u64::MAX / 2)
}
