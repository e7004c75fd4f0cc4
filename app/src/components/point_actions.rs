//! What can be done with a recovery point, in place. What cannot be done says why.

use leptos::form::ActionForm;
use leptos::prelude::*;
use recovery::actor::Permission;
use recovery::ids::Region;
use recovery::point::RecoveryPoint;
use recovery::request::nearest_restorable;

use super::failure_view::FailureLine;
use super::verdict_badge::label;
use super::viewer::refusal;
use crate::api::points::CheckAgain;
use crate::ui::link::with_query;

/// Restore and check again.
#[component]
pub(crate) fn PointActions<'a>(
    /// The recovery point.
    point: &'a RecoveryPoint,
    /// The Region that is looked at; the nearest verified copy's otherwise.
    #[prop(optional_no_strip)]
    region: Option<Region>,
    /// Checks again.
    check: ServerAction<CheckAgain>,
) -> impl IntoView + use<> {
    let here = region.as_ref().and_then(|region| point.copy_in(region));
    let nearest = nearest_restorable(point);
    let frozen = || point.copies.iter().find(|copy| copy.verdict.is_restorable());
    let chosen = here
        .filter(|copy| copy.verdict.is_restorable())
        .or(nearest)
        .or_else(frozen);
    let why_not_here = match (&region, here) {
        (Some(region), Some(copy)) if !copy.verdict.is_restorable() => Some(format!(
            "The copy in {region} is {}; only verified copies are restored.",
            label(&copy.verdict).to_lowercase()
        )),
        (Some(region), Some(copy)) if copy.needs_thaw() => Some(format!(
            "The copy in {region} lies in Glacier; a restore from it waits for its thaw."
        )),
        (Some(region), None) => Some(format!("There is no copy in {region} yet.")),
        _ => None,
    };
    let href = chosen.map(|copy| {
        let href = with_query(
            "/restores/new",
            [
                ("recovery_point", Some(point.id.as_str())),
                ("region", Some(copy.region.as_str())),
            ],
        );
        (href, copy.region.to_string())
    });
    let why_not = why_not_here.or_else(|| {
        chosen
            .is_none()
            .then(|| "No copy is verified yet, and only verified copies are restored.".to_owned())
    });
    let cannot_check = refusal(Permission::Verify).or_else(|| {
        point
            .copies
            .is_empty()
            .then(|| "There is no copy to check yet".to_owned())
    });
    let cannot = cannot_check.is_some();
    let id = point.id.to_string();
    let failure = check.value().get_untracked().and_then(Result::err);
    view! {
        {why_not.map(|why| view! { <p class="why-not">{why}</p> })}
        <div class="action-row">
            {match href {
                Some((href, region)) => view! {
                    <a class="btn primary" href=href>
                        {format!("Restore from {region}")}
                    </a>
                }
                .into_any(),
                None => view! {
                    <button class="btn primary" disabled>
                        "Restore"
                    </button>
                }
                .into_any(),
            }}
            <ActionForm action=check>
                <input type="hidden" name="id" value=id />
                <button class="btn" disabled=cannot>
                    "Check again"
                </button>
            </ActionForm>
        </div>
        {cannot_check.map(|why| view! { <p class="why-not">{format!("Check again: {why}.")}</p> })}
        {failure.map(|failure| view! { <FailureLine failure /> })}
    }
}
