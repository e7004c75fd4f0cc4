//! A verdict on a copy. Only what was verified is green.

use leptos::prelude::*;
use recovery::verdict::Verdict;

use crate::ui::status::{Status, Tone};

/// How a verdict looks.
pub(crate) fn tone(verdict: &Verdict) -> Tone {
    match verdict {
        Verdict::Verified => Tone::Success,
        Verdict::Pending => Tone::Pending,
        Verdict::Incomplete { .. } => Tone::Error,
        Verdict::Unknown { .. } => Tone::Warning,
        Verdict::Expired { .. } => Tone::Stopped,
    }
}

/// The verdict's name as people read it.
pub(crate) fn label(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Verified => "Verified",
        Verdict::Pending => "Pending",
        Verdict::Incomplete { .. } => "Incomplete",
        Verdict::Unknown { .. } => "Unreachable",
        Verdict::Expired { .. } => "Expired",
    }
}

/// Icon and name.
#[component]
pub(crate) fn VerdictBadge(
    /// The verdict.
    verdict: Verdict,
) -> impl IntoView {
    view! { <Status tone=tone(&verdict)>{label(&verdict)}</Status> }
}
