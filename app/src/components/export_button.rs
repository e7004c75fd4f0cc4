//! Cancels an export, or asks for it again.

use leptos::form::ActionForm;
use leptos::prelude::*;
use recovery::actor::Permission;
use recovery::point::{RecoveryPoint, State};

use super::failure_view::FailureLine;
use super::viewer::refusal;
use crate::api::exports::AskForExport;

/// A button that does what can be done with the export now; nothing where it is complete.
#[component]
pub(crate) fn ExportButton<'a>(
    /// The recovery point.
    point: &'a RecoveryPoint,
    /// What the button does.
    ask: ServerAction<AskForExport>,
) -> impl IntoView + use<> {
    let again = match point.state {
        State::ExportFailed => true,
        State::AwaitingExport | State::Exporting => false,
        _ => return None,
    };
    let refused = refusal(Permission::Export);
    let may = refused.is_none();
    let failure = ask.value().get_untracked().and_then(Result::err);
    let id = point.id.to_string();
    Some(view! {
        <ActionForm action=ask>
            <input type="hidden" name="id" value=id />
            <input type="hidden" name="again" value=again.to_string() />
            <button class="btn" disabled=!may>
                {if again { "Export again" } else { "Cancel export" }}
            </button>
        </ActionForm>
        {refused.map(|why| view! { <p class="why-not">{why}</p> })}
        {failure.map(|failure| view! { <FailureLine failure /> })}
    })
}
