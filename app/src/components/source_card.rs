//! A source: one lane for each Region, with both RPO figures beside it.

use leptos::prelude::*;
use recovery::rpo::Rpo;
use recovery::situation::situation_of_source;
use recovery::source::SourceTimeline;

use super::filter_bar::points_of;
use super::headline::tone;
use super::recovery_timeline::{Axis, Scale, Selection, Strip};
use crate::api::window::Window;
use crate::ui::format::{self, TimeForm};
use crate::ui::status::{Status, StatusIcon, Tone};
use crate::ui::time::Time;

/// The card of one source.
#[component]
pub(crate) fn SourceCard(
    /// The source's lanes and figures.
    timeline: SourceTimeline,
    /// The window.
    window: Window,
    /// What is selected.
    selection: Selection,
) -> impl IntoView {
    let situation = situation_of_source(&timeline);
    let scale = Scale::new(timeline.from, timeline.to);
    let source = timeline.source.source;
    let regions = timeline.source.regions;
    let meta: Vec<String> = [
        source.engine.clone(),
        source.class.clone(),
        Some(format!("every {}", format::duration(source.interval_seconds))),
        Some(format!("target {}", format::duration(source.rpo_target_seconds))),
    ]
    .into_iter()
    .flatten()
    .collect();
    let list = points_of(source.id.as_str());
    let id = format!("source-{}", source.id);
    let labelledby = id.clone();
    let is_empty = timeline.lanes.iter().all(|lane| lane.marks.is_empty());
    let lanes = timeline
        .lanes
        .into_iter()
        .map(|lane| {
            let rpo = regions
                .iter()
                .find(|region| region.region == lane.region)
                .cloned();
            let is_home = lane.region == source.region;
            let figures = rpo.as_ref().map(|region| view! { <Figures rpo=region.rpo /> });
            view! {
                <div class="lane">
                    <div class="lane-who">
                        <b>{lane.region.to_string()}</b>
                        <span>{if is_home { "home" } else { "replica" }}</span>
                        {lane
                            .unreachable_since
                            .map(|at| {
                                view! {
                                    <span class="unreachable">
                                        "unreachable since " <Time at form=TimeForm::ShortZone />
                                    </span>
                                }
                            })}
                    </div>
                    <div class="lane-strip">
                        <Strip source=source.id.clone() lane rpo scale window selection=selection.clone() />
                    </div>
                    {figures}
                </div>
            }
        })
        .collect_view();
    view! {
        <section class="card source" aria-labelledby=labelledby>
            <header>
                <h2 id=id>
                    <a href=list>{source.id.to_string()}</a>
                </h2>
                <span class="meta">{meta.join(" · ")}</span>
                <Status tone=tone(situation.standing)>{situation.headline}</Status>
            </header>
            {lanes} <div class="lane axis-row">
                <span></span>
                <Axis scale />
                <span></span>
            </div>
            {is_empty
                .then(|| {
                    view! {
                        <p class="note">
                            {format!("No recovery point in the {}. Choose a longer window to see older ones.", window.words())}
                        </p>
                    }
                })}
        </section>
    }
}

/// Age of the newest restorable copy, and of the newest recovery point, against the target.
#[component]
fn Figures(
    /// The figures.
    rpo: Rpo,
) -> impl IntoView {
    let restorable = rpo
        .restorable_age_seconds
        .map_or_else(|| "none".to_owned(), format::duration);
    let newest = rpo
        .recovery_point_age_seconds
        .map_or_else(|| "none".to_owned(), format::duration);
    let over = rpo
        .restorable_age_seconds
        .map(|age| age - rpo.target_seconds)
        .filter(|over| *over > 0);
    let class = if rpo.within_target {
        "figures"
    } else {
        "figures over"
    };
    view! {
        <dl class=class>
            <div class="figure">
                <dt>"restorable"</dt>
                <dd>
                    {(!rpo.within_target).then(|| view! { <StatusIcon tone=Tone::Error /> })}
                    {restorable}
                </dd>
            </div>
            <div>
                <dt>"newest backup"</dt>
                <dd>{newest}</dd>
            </div>
            {over
                .map(|over| {
                    view! {
                        <div class="over-by">
                            <dt>"over target"</dt>
                            <dd>{format::duration(over)}</dd>
                        </div>
                    }
                })}
        </dl>
    }
}
