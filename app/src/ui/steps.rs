//! Steps one after the other, each with its status.

use leptos::prelude::*;

use super::status::{StatusIcon, Tone};

/// One step.
pub(crate) struct StepView {
    /// How far it is.
    pub(crate) tone: Tone,
    /// How far it is, in a word, for assistive technology.
    pub(crate) state: &'static str,
    /// What it does.
    pub(crate) title: AnyView,
    /// More of it, in a smaller line.
    pub(crate) detail: AnyView,
    /// When.
    pub(crate) time: AnyView,
    /// Whether it is the one under way.
    pub(crate) is_current: bool,
}

/// How steps are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// One below the other.
    Down,
    /// Side by side where there is room.
    Across,
}

/// An ordered list of steps.
#[component]
pub(crate) fn Steps(
    /// The steps, in order.
    steps: Vec<StepView>,
    /// How they are laid out.
    #[prop(default = Direction::Down)]
    direction: Direction,
) -> impl IntoView {
    let class = match direction {
        Direction::Down => "steps",
        Direction::Across => "steps across",
    };
    view! {
        <ol class=class>
            {steps
                .into_iter()
                .map(|step| {
                    view! {
                        <li class=step.tone.class() aria-current=step.is_current.then_some("step")>
                            <StatusIcon tone=step.tone />
                            <div class="step-text">
                                <span class="step-title">{step.title}</span>
                                <span class="visually-hidden">{format!(", {}", step.state)}</span>
                                <small>{step.detail}</small>
                            </div>
                            <span class="step-time">{step.time}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}
