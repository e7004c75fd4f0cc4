//! The split panel of a backup that was not made.

use jiff::Timestamp;
use leptos::prelude::*;
use recovery::ids::RecoveryPointId;
use recovery::source::SourceTimeline;
use recovery::timeline::MarkState;

use super::filter_bar::points_of;
use crate::ui::format::{self, TimeForm};
use crate::ui::split_panel::SplitPanel;
use crate::ui::status::{Status, Tone};
use crate::ui::time::Time;

/// When it was due, and the recovery points before and after it.
#[component]
pub(crate) fn MissedPanel(
    /// The source's timeline, where the miss is found again.
    timeline: SourceTimeline,
    /// When the backup was due.
    due: Timestamp,
    /// Where closing leads.
    close: String,
) -> impl IntoView {
    let source = timeline.source.source.id.clone();
    let interval = format::duration(timeline.source.source.interval_seconds);
    let made: Vec<(Timestamp, RecoveryPointId)> = timeline
        .lanes
        .first()
        .into_iter()
        .flat_map(|lane| &lane.marks)
        .filter(|mark| mark.state != MarkState::Missed)
        .filter_map(|mark| Some((mark.at, mark.recovery_point.clone()?)))
        .collect();
    let before = made.iter().rev().find(|(at, _)| *at < due).cloned();
    let after = made.iter().find(|(at, _)| *at > due).cloned();
    let list = points_of(source.as_str());
    view! {
        <SplitPanel
            label="Missed backup"
            close
            crumb=source.to_string().into_any()
            title=view! { <Time at=due form=TimeForm::Full /> }.into_any()
            status=view! { <Status tone=Tone::Error>"Missed backup"</Status> }.into_any()
            actions=view! {
                <div class="action-row">
                    <a class="btn" href=list>
                        "Recovery points of this source"
                    </a>
                </div>
            }
            .into_any()
        >
            <p>
                {format!("A recovery point of {source} is expected every {interval}. None was made at this time, ")}
                "so changes from then on can be restored only from the next one."
            </p>
            <dl class="facts">
                <Neighbour name="Last before" neighbour=before />
                <Neighbour name="First after" neighbour=after />
            </dl>
            <p class="quiet">
                "Look for a failed or expired job of this resource in AWS Backup, and at the backup window of its plan."
            </p>
        </SplitPanel>
    }
}

#[component]
fn Neighbour(
    name: &'static str,
    #[prop(optional_no_strip)] neighbour: Option<(Timestamp, RecoveryPointId)>,
) -> impl IntoView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>
                {match neighbour {
                    Some((at, id)) => view! {
                        <a href=format!("/recovery-points/{id}")>
                            <Time at form=TimeForm::Full />
                        </a>
                    }
                    .into_any(),
                    None => view! { "none in this window" }.into_any(),
                }}
            </dd>
        </div>
    }
}
