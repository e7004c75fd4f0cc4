//! What a run is doing or how it ended.

use leptos::prelude::*;
use recovery::run::{Outcome, Pause, Phase, Run};

use crate::ui::status::{Status, Tone};

/// The phase as it reads while it lasts.
pub(crate) fn doing(phase: Phase) -> &'static str {
    match phase {
        Phase::Queued => "Queued",
        Phase::Thawing => "Waiting for the thaw",
        Phase::Checking => "Checking the plan",
        Phase::CreatingTables => "Creating tables",
        Phase::Writing => "Writing",
        Phase::Proving => "Reading back",
        Phase::Ended => "Ended",
    }
}

/// How an outcome looks, and its name.
pub(crate) fn outcome(outcome: Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Proven => (Tone::Success, "Proven"),
        Outcome::Failed => (Tone::Error, "Failed"),
        Outcome::Cancelled => (Tone::Stopped, "Cancelled"),
    }
}

/// Icon and name.
#[component]
pub(crate) fn RunStatus<'a>(
    /// The run.
    run: &'a Run,
) -> impl IntoView + use<> {
    let (tone, text) = match run.outcome {
        Some(ended) => outcome(ended),
        None if run.cancel_requested => (Tone::InProgress, "Stopping"),
        None if run.pause == Pause::Asked => (Tone::InProgress, "Pausing"),
        None if run.pause == Pause::Paused => (Tone::Stopped, "Paused"),
        None if matches!(run.phase, Phase::Queued | Phase::Thawing) => (Tone::Pending, doing(run.phase)),
        None => (Tone::InProgress, doing(run.phase)),
    };
    view! { <Status tone>{text}</Status> }
}
