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
pub(crate) fn PauseButton<'a>(
    /// The run.
    run: &'a Run,
    /// What the button does.
    pause: ServerAction<PauseRestore>,
) -> impl IntoView + use<> {
    let refused = refusal(Permission::Pause);
    let cannot = refused.is_some() || run.cancel_requested;
    let rests = run.pause != Pause::None;
    let failure = pause.value().get_untracked().and_then(Result::err);
    let id = run.run_id.to_string();
    view! {
        <ActionForm action=pause>
            <input type="hidden" name="id" value=id />
            <input type="hidden" name="rest" value=(!rests).to_string() />
            <button class="btn" disabled=cannot>
                {if rests { "Resume" } else { "Pause" }}
            </button>
        </ActionForm>
        {refused.map(|why| view! { <p class="why-not">{why}</p> })}
        {failure.map(|failure| view! { <FailureLine failure /> })}
    }
}
