//! Where a recovery point stands.

use leptos::prelude::*;
use recovery::point::State;

use crate::ui::status::{Status, Tone};

/// How a state looks.
fn tone(state: State) -> Tone {
    match state {
        State::Verified => Tone::Success,
        State::Creating | State::Exporting => Tone::InProgress,
        State::AwaitingExport | State::Replicating => Tone::Pending,
        State::ExportFailed | State::Incomplete | State::Partial | State::Deleted => Tone::Error,
        State::Copied => Tone::Info,
        State::Unreachable => Tone::Warning,
        State::Expired => Tone::Stopped,
    }
}

/// The state's name as people read it.
pub(crate) fn label(state: State) -> &'static str {
    match state {
        State::Creating => "Being backed up",
        State::AwaitingExport => "Waiting for export",
        State::Exporting => "Exporting",
        State::ExportFailed => "Export failed",
        State::Replicating => "Replicating",
        State::Verified => "Verified",
        State::Incomplete => "Incomplete copy",
        State::Unreachable => "Copy unreachable",
        State::Partial => "Partial",
        State::Copied => "Copied",
        State::Expired => "Expired",
        State::Deleted => "Deleted early",
    }
}

/// Icon and name.
#[component]
pub(crate) fn StateBadge(
    /// The state.
    state: State,
) -> impl IntoView {
    view! { <Status tone=tone(state)>{label(state)}</Status> }
}
