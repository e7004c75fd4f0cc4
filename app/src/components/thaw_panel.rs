//! A copy in Glacier: what it takes and costs to read it, and the button that asks for it.

use jiff::Timestamp;
use leptos::form::ActionForm;
use leptos::prelude::*;
use recovery::actor::Permission;
use recovery::archive::{Archived, ThawOption};

use super::failure_view::FailureLine;
use super::viewer::refusal;
use crate::api::points::ThawCopy;
use crate::ui::format;
use crate::ui::time::Ago;

/// Days that thawed objects stay readable, where the page asks.
const DAYS: u32 = 3;

/// How it stands with a copy in an archive.
#[component]
pub(crate) fn ThawPanel(
    /// The recovery point.
    point: String,
    /// The copy's Region.
    region: String,
    /// What lies in the archive.
    archived: Archived,
    /// The ways to thaw it; none while nothing has to be.
    options: Vec<ThawOption>,
    /// Thaws.
    thaw: ServerAction<ThawCopy>,
    /// Now, as the data say.
    now: Timestamp,
) -> impl IntoView {
    let stand = if !archived.needs_thaw() {
        view! {
            <p>
                {format!("In {}, thawed: ", archived.class)} "it can be read"
                {archived
                    .readable_until
                    .map(|at| {
                        view! {
                            " until "
                            <Ago at now />
                        }
                    })} "."
            </p>
        }
        .into_any()
    } else if archived.thawing > 0 {
        let text = format!(
            "In {}: S3 is thawing it, {} of {} can be read.",
            archived.class,
            format::count(archived.readable),
            format::counted(archived.objects, "object", "objects")
        );
        view! { <p>{text}</p> }.into_any()
    } else {
        let text = format!("In {}: it can be restored once it is thawed.", archived.class);
        view! { <p>{text}</p> }.into_any()
    };
    let as_of = options.first().map(|option| {
        format!(
            "Times as AWS states them; list prices of {}, without the thawed objects' storage for {DAYS} days.",
            option.as_of
        )
    });
    let refused = refusal(Permission::Thaw);
    let is_disabled = refused.is_some();
    let is_asked = archived.thawing > 0;
    let rows = (!is_asked).then(|| {
        options
            .into_iter()
            .map(|option| {
                let cost = option.cost.map_or_else(
                    || "no price known".to_owned(),
                    |cost| format!("{cost} {}", option.currency),
                );
                let tier = option.tier.name();
                let (id, region) = (point.clone(), region.clone());
                view! {
                    <tr>
                        <th scope="row">{tier}</th>
                        <td>{option.takes}</td>
                        <td class="num">{cost}</td>
                        <td>
                            <ActionForm action=thaw>
                                <input type="hidden" name="id" value=id />
                                <input type="hidden" name="region" value=region />
                                <input type="hidden" name="tier" value=tier />
                                <input type="hidden" name="days" value=DAYS.to_string() />
                                <button
                                    class="btn small"
                                    aria-label=format!("Thaw {tier}")
                                    disabled=is_disabled
                                >
                                    "Thaw"
                                </button>
                            </ActionForm>
                        </td>
                    </tr>
                }
            })
            .collect_view()
    });
    let failure = thaw.value().get_untracked().and_then(Result::err);
    view! {
        <div class="thaw">
            {stand}
            {rows
                .map(|rows| {
                    view! {
                        <table class="brief">
                            <caption class="visually-hidden">"Ways to thaw it"</caption>
                            <tbody>{rows}</tbody>
                        </table>
                        {as_of.map(|text| view! { <p class="meta">{text}</p> })}
                        {refused.map(|why| view! { <p class="why-not">{format!("Thaw: {why}.")}</p> })}
                    }
                })}
            {failure.map(|failure| view! { <FailureLine failure /> })}
        </div>
    }
}
