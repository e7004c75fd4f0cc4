//! Lets a run rest, or go on.

use leptos::form::ActionForm;
use leptos::prelude::*;
use recovery::actor::Permission;
use recovery::run::{Pause, Run};

use super::failure_view::FailureLine;
use super::viewer::refusal;
use crate::api::restores::PauseRestore;

/// A button that does what the run does not: it pauses one that goes on, and resumes one that rests.
#[component]
pub(crate) fn PauseButton(
    /// The run's id.
    id: String,
    /// The run.
    run: RwSignal<Run>,
    /// What the button does.
    pause: ServerAction<PauseRestore>,
) -> impl IntoView {
    let refused = refusal(Permission::Pause);
    let may = refused.is_none();
    let rests = Memo::new(move |_| run.read().pause != Pause::None);
    let is_waiting = move || pause.pending().get() || run.read().cancel_requested;
    view! {
        <ActionForm action=pause>
            <input type="hidden" name="id" value=id />
            <input type="hidden" name="rest" value=move || (!rests.get()).to_string() />
            <button class="btn" disabled=move || !may || is_waiting()>
                {move || if rests.get() { "Resume" } else { "Pause" }}
            </button>
        </ActionForm>
        {refused.map(|why| view! { <p class="why-not">{why}</p> })}
        {move || pause.value().get().and_then(Result::err).map(|failure| view! { <FailureLine failure /> })}
    }
}
