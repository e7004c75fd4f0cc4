//! Repairing incomplete copies, in place. What cannot be repaired says why.

use leptos::form::ActionForm;
use leptos::prelude::*;
use recovery::actor::Permission;
use recovery::point::RecoveryPoint;
use recovery::verdict::Verdict;

use super::failure_view::FailureLine;
use super::viewer::refusal;
use crate::api::points::RepairCopies;
use crate::ui::format;

/// The button and what came of it. Nothing while every copy is whole and nothing was repaired.
#[component]
pub(crate) fn RepairPanel<'a>(
    /// The recovery point.
    point: &'a RecoveryPoint,
    /// Repairs.
    repair: ServerAction<RepairCopies>,
) -> impl IntoView + use<> {
    let broken = point
        .copies
        .iter()
        .filter(|copy| matches!(copy.verdict, Verdict::Incomplete { .. }))
        .count();
    let has_whole = point.copies.iter().any(|copy| copy.verdict.is_restorable());
    let cannot = refusal(Permission::Repair).or_else(|| {
        (!has_whole).then(|| "No copy is verified, so there is nothing to repair from".to_owned())
    });
    let is_disabled = cannot.is_some();
    let id = point.id.to_string();
    let form = (broken > 0).then(|| {
        view! {
            <div class="action-row">
                <ActionForm action=repair>
                    <input type="hidden" name="id" value=id />
                    <button class="btn" disabled=is_disabled>
                        {format!("Repair {}", format::counted(broken as u64, "copy", "copies"))}
                    </button>
                </ActionForm>
                <span class="meta">"copies what is missing or different from a verified copy, within S3"</span>
            </div>
            {cannot.map(|why| view! { <p class="why-not">{format!("Repair: {why}.")}</p> })}
        }
    });
    let failure = repair.value().get_untracked().and_then(Result::err);
    view! {
        {form}
        {failure.map(|failure| view! { <FailureLine failure /> })}
    }
}
