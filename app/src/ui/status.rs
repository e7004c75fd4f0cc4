//! A status: always an icon of its own shape and a text, never a colour alone.

use leptos::prelude::*;

/// What a status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It is as it should be.
    Success,
    /// It needs a look.
    Warning,
    /// It is wrong.
    Error,
    /// Worth knowing.
    Info,
    /// Something works on it.
    InProgress,
    /// It waits for something that is under way.
    Pending,
    /// It has not begun.
    NotStarted,
    /// It was stopped, or nothing is known.
    Stopped,
}

impl Tone {
    /// The class that gives its colour.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Info => "info",
            Self::InProgress => "in-progress",
            Self::Pending => "pending",
            Self::NotStarted => "not-started",
            Self::Stopped => "stopped",
        }
    }

    fn icon(self) -> AnyView {
        match self {
            Self::Success => view! {
                <g>
                    <circle class="solid" cx="8" cy="8" r="7" />
                    <path class="cut" d="M4.8 8.3l2.2 2.2 4.2-4.6" />
                </g>
            }
            .into_any(),
            Self::Warning => view! {
                <g>
                    <path class="solid" d="M8 1.2l7 12.6H1z" stroke-linejoin="round" />
                    <path class="cut" d="M8 5.8v3.6M8 11.6v.2" />
                </g>
            }
            .into_any(),
            Self::Error => view! {
                <g>
                    <path class="solid" d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" />
                    <path class="cut" d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" />
                </g>
            }
            .into_any(),
            Self::Info => view! {
                <g>
                    <rect class="solid" x="1" y="1" width="14" height="14" rx="4" />
                    <path class="cut" d="M8 7.4v4M8 4.6v.2" />
                </g>
            }
            .into_any(),
            Self::InProgress => view! {
                <g class="spin">
                    <circle class="ring faint" cx="8" cy="8" r="6" />
                    <path class="ring" d="M8 2a6 6 0 0 1 6 6" />
                </g>
            }
            .into_any(),
            Self::Pending => view! { <circle class="ring dashed" cx="8" cy="8" r="6" /> }.into_any(),
            Self::NotStarted => view! { <circle class="ring" cx="8" cy="8" r="6" /> }.into_any(),
            Self::Stopped => view! {
                <g>
                    <circle class="ring" cx="8" cy="8" r="6" />
                    <path class="ring" d="M5 8h6" />
                </g>
            }
            .into_any(),
        }
    }
}

/// The icon alone, where the text stands elsewhere.
#[component]
pub(crate) fn StatusIcon(
    /// What it says.
    tone: Tone,
) -> impl IntoView {
    view! {
        <svg class=format!("icon {}", tone.class()) viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            {tone.icon()}
        </svg>
    }
}

/// Icon and text.
#[component]
pub(crate) fn Status(
    /// What it says.
    tone: Tone,
    /// The text.
    children: Children,
) -> impl IntoView {
    view! {
        <span class=format!("status {}", tone.class())>
            <StatusIcon tone />
            <span>{children()}</span>
        </span>
    }
}
