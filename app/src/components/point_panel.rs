//! The split panel of a recovery point.

use leptos::prelude::*;
use recovery::console;
use recovery::ids::Region;

use super::console_link::ConsoleLink;
use super::copies::CopiesBrief;
use super::point_actions::PointActions;
use super::point_steps::PointSteps;
use super::state_badge::StateBadge;
use super::tables::TablesBrief;
use crate::api::points::{CheckAgain, PointView};
use crate::ui::copy_button::CopyLine;
use crate::ui::format::TimeForm;
use crate::ui::split_panel::SplitPanel;
use crate::ui::status::{Status, Tone};
use crate::ui::time::{Ago, Time};

/// How it got here, its copies, its tables, and what can be done.
#[component]
pub(crate) fn PointPanel(
    /// The recovery point.
    point: PointView,
    /// The lane's Region.
    #[prop(optional_no_strip)]
    region: Option<Region>,
    /// Where closing leads.
    close: String,
    /// Checks again.
    check: ServerAction<CheckAgain>,
) -> impl IntoView {
    let PointView { point, now, .. } = point;
    let at = point.created_at;
    let href = format!("/recovery-points/{}", point.id);
    let here = region.as_ref().and_then(|region| point.copy_in(region));
    let status = match (&region, here) {
        (Some(region), Some(copy)) if copy.is_ready() => {
            let text = format!("Restorable from {region}");
            view! { <Status tone=Tone::Success>{text}</Status> }.into_any()
        }
        _ => view! { <StateBadge state=point.state /> }.into_any(),
    };
    let why = here
        .filter(|copy| !copy.verdict.is_restorable())
        .map(|copy| copy.verdict.explanation());
    let crumb = match &region {
        Some(region) => format!("{} / {region}", point.source),
        None => point.source.to_string(),
    };
    let actions = view! { <PointActions point=&point region=region.clone() check /> }.into_any();
    view! {
        <SplitPanel
            label="Recovery point"
            close
            crumb=crumb.into_any()
            title=view! {
                <a href=href.clone()>
                    <Time at form=TimeForm::Full />
                </a>
            }
            .into_any()
            status=view! {
                <div class="panel-status">
                    {status} <span class="meta">
                        <Ago at now />
                    </span>
                </div>
            }
            .into_any()
            actions
        >
            {why.map(|why| view! { <p class="alert warning">{why}</p> })}
            <section>
                <h3>"How it got here"</h3>
                <PointSteps point=&point region=region.clone() />
            </section>
            <section>
                <h3>"Copies"</h3>
                <CopiesBrief copies=point.copies />
            </section>
            <section>
                <h3>"Tables"</h3>
                <TablesBrief tables=point.tables />
            </section>
            <section>
                <h3 class="with-copy">
                    "Recovery point"
                    <ConsoleLink href=console::recovery_point(&point.region, &point.vault, &point.arn) what="the recovery point" />
                </h3>
                <CopyLine text=point.arn.to_string() what="ARN" />
                <p class="more">
                    <a href=href>"All evidence and columns"</a>
                </p>
            </section>
        </SplitPanel>
    }
}
