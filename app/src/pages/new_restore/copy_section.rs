//! Which copy is read.

use jiff::Timestamp;
use leptos::prelude::*;
use recovery::ids::Region;
use recovery::point::{Copy, RecoveryPoint};

use crate::components::verdict_badge::VerdictBadge;
use crate::ui::format;
use crate::ui::link::with_query;
use crate::ui::time::Ago;

/// The copies as links; the one that is read is marked, and it is said why it was chosen.
#[component]
pub(super) fn CopySection(
    /// The recovery point.
    point: RecoveryPoint,
    /// The copy's Region, where one is chosen.
    #[prop(optional_no_strip)]
    region: Option<Region>,
    /// The Region that the address names.
    #[prop(optional_no_strip)]
    named: Option<String>,
    /// Now, as the data say.
    now: Timestamp,
) -> impl IntoView {
    let why = match (&region, named.is_some()) {
        (Some(region), true) => format!("you chose the copy in {region}"),
        (Some(region), false) if *region == point.region => {
            "the nearest verified copy was chosen: the recovery point's own Region".to_owned()
        }
        (Some(_), false) => "the first verified replica was chosen: the home copy is not verified".to_owned(),
        (None, _) if point.copies.iter().any(Copy::is_ready) => {
            "only verified copies are restored".to_owned()
        }
        (None, _) => "no copy is verified yet".to_owned(),
    };
    let copies: Vec<AnyView> = point
        .copies
        .iter()
        .map(|copy| option(&point, copy, region.as_ref(), now))
        .collect();
    view! {
        <section class="card" aria-labelledby="copy">
            <header>
                <h2 id="copy">
                    <span class="n">"1"</span>
                    "Copy"
                </h2>
                <span class="meta">{why}</span>
            </header>
            <ul class="choices">{copies}</ul>
        </section>
    }
}

fn option(point: &RecoveryPoint, copy: &Copy, chosen: Option<&Region>, now: Timestamp) -> AnyView {
    let is_chosen = chosen == Some(&copy.region);
    let kind = if copy.is_export { "export" } else { "replica" };
    let size = copy
        .evidence
        .as_ref()
        .map(|evidence| format!(" · {}", format::bytes(evidence.bytes)));
    let checked = copy.checked_at;
    let body = view! {
        <span class="choice-head">
            <code>{copy.region.to_string()}</code>
            <VerdictBadge verdict=copy.verdict.clone() />
        </span>
        <small class="quiet">
            {kind} {size}
            {checked
                .map(|at| {
                    view! {
                        " · checked "
                        <Ago at now />
                    }
                })}
        </small>
    };
    // One in Glacier can be chosen, too: the restore waits for its thaw.
    if copy.verdict.is_restorable() {
        let frozen = copy
            .needs_thaw()
            .then(|| view! { <small>"In Glacier: the restore waits until it is thawed."</small> });
        let href = with_query(
            "/restores/new",
            [
                ("recovery_point", Some(point.id.as_str())),
                ("region", Some(copy.region.as_str())),
            ],
        );
        view! {
            <li>
                <a class="choice" href=href aria-current=is_chosen.then_some("true")>
                    {body} {frozen}
                </a>
            </li>
        }
        .into_any()
    } else {
        let why = copy.verdict.explanation();
        view! {
            <li>
                <span class="choice off">{body} <small>{why}</small></span>
            </li>
        }
        .into_any()
    }
}
