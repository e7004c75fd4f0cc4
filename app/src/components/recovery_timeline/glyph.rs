//! The shape of each state, around the origin. No two states share a shape, so that colour is never needed.

use leptos::prelude::*;
use recovery::timeline::MarkState;

/// The class that gives a state its colour.
pub(super) fn class(state: MarkState) -> &'static str {
    match state {
        MarkState::Verified => "verified",
        MarkState::Late => "late",
        MarkState::Exporting => "exporting",
        MarkState::Pending => "pending",
        MarkState::Incomplete => "incomplete",
        MarkState::Unreachable => "unreachable",
        MarkState::Failed => "failed",
        MarkState::Partial => "partial",
        MarkState::Expired => "expired",
        MarkState::Deleted => "deleted",
        MarkState::Missed => "missed",
    }
}

/// The state as a legend names it.
pub(super) fn label(state: MarkState) -> &'static str {
    match state {
        MarkState::Verified => "Verified",
        MarkState::Late => "Verified, came late",
        MarkState::Exporting => "Exporting",
        MarkState::Pending => "Replica pending",
        MarkState::Incomplete => "Incomplete",
        MarkState::Unreachable => "Unreachable",
        MarkState::Failed => "Export failed",
        MarkState::Partial => "Partial",
        MarkState::Expired => "Expired",
        MarkState::Deleted => "Deleted early, not exported",
        MarkState::Missed => "Missed backup",
    }
}

/// The shape.
#[component]
pub(super) fn Glyph(
    /// The state.
    state: MarkState,
) -> impl IntoView {
    let shape = match state {
        // A bar: the tick itself.
        MarkState::Verified => {
            view! { <rect class="fill" x="-2" y="-12" width="4" height="24" rx="2" /> }.into_any()
        }
        // A bar that leans.
        MarkState::Late => view! { <path class="fill" d="M.6-12h4.2L-.6 12h-4.2z" /> }.into_any(),
        // A bar that is filling.
        MarkState::Exporting => view! {
            <g>
                <rect class="line" x="-3.2" y="-11.2" width="6.4" height="22.4" rx="2.4" />
                <rect class="fill pulse" x="-3.2" y="1" width="6.4" height="10.2" rx="2.4" />
            </g>
        }
        .into_any(),
        // A bar still to be drawn.
        MarkState::Pending => {
            view! { <rect class="line dashed" x="-3.4" y="-11.2" width="6.8" height="22.4" rx="2" /> }
                .into_any()
        }
        // A diamond.
        MarkState::Incomplete => view! { <path class="fill" d="M0-7.5L7.5 0 0 7.5-7.5 0z" /> }.into_any(),
        // A square that is shut.
        MarkState::Unreachable => view! {
            <g>
                <rect class="line ground" x="-5.5" y="-5.5" width="11" height="11" rx="2" />
                <path class="line" d="M-2.8 0h5.6" />
            </g>
        }
        .into_any(),
        // A cross.
        MarkState::Failed => view! { <path class="line thick" d="M-5-5L5 5M5-5L-5 5" /> }.into_any(),
        // Half a bar.
        MarkState::Partial => {
            view! { <path class="fill" d="M-3.4 0h6.8v9.2a2 2 0 0 1-2 2h-2.8a2 2 0 0 1-2-2z" /> }.into_any()
        }
        // An hourglass that has run out.
        MarkState::Expired => view! { <path class="line ground" d="M-5-7h10L-5 7h10z" /> }.into_any(),
        // A hole that is struck through.
        MarkState::Deleted => view! {
            <g>
                <circle class="line ground" cx="0" cy="0" r="5.6" />
                <path class="line" d="M-7.5 7.5l15-15" />
            </g>
        }
        .into_any(),
        // A hole.
        MarkState::Missed => view! { <circle class="line ground" cx="0" cy="0" r="5.6" /> }.into_any(),
    };
    view! { <g class=format!("glyph {}", class(state))>{shape}</g> }
}
