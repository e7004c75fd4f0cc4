//! One lane.

use jiff::SignedDuration;
use leptos::prelude::*;
use recovery::ids::{Region, SourceId};
use recovery::source::RegionRpo;
use recovery::timeline::{Lane, MarkState};

use super::cluster::{Cluster, clusters};
use super::glyph::{Glyph, class, label};
use super::scale::{Scale, length};
use crate::api::window::Window;
use crate::ui::format::{self, TimeForm};
use crate::ui::link::with_query;

/// Height of a lane, pixels, and where its band lies.
const HEIGHT: u32 = 44;
const BAND_TOP: u32 = 13;
const BAND_HEIGHT: u32 = 18;
const MIDDLE: u32 = 22;

/// What is selected on the overview, as its address says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// A recovery point.
    pub(crate) point: Option<String>,
    /// A time at which a backup was missed, of this source.
    pub(crate) missed: Option<(String, String)>,
    /// The lane's Region.
    pub(crate) region: Option<String>,
    /// The page of sources, to be kept in the links.
    pub(crate) cursor: Option<String>,
}

/// The drawing of one lane. Each tick is a link; where the page is live, arrow keys move between them.
#[component]
pub(crate) fn Strip(
    /// The source.
    source: SourceId,
    /// The lane.
    lane: Lane,
    /// The Region's figures.
    rpo: Option<RegionRpo>,
    /// Where moments lie.
    scale: Scale,
    /// The window, to be kept in the links.
    window: Window,
    /// What is selected.
    selection: Selection,
) -> impl IntoView {
    let name = format!("{source} in {}, {}", lane.region, window.words());
    let clusters = clusters(&lane.marks, scale);
    let hits = hits(&clusters, scale);
    let newest = rpo.as_ref().and_then(|rpo| rpo.newest_restorable_at);
    let target = rpo
        .as_ref()
        .filter(|_| window.ends_now())
        .map(|rpo| SignedDuration::from_secs(rpo.rpo.target_seconds));
    let first = lane.marks.first().map(|mark| mark.at);
    let grid = scale.ticks();
    let marks = clusters
        .into_iter()
        .zip(hits)
        .map(|(cluster, hit)| mark(&source, &lane.region, cluster, hit, scale, window, &selection))
        .collect_view();
    view! {
        <svg class="strip" width="100%" height=HEIGHT.to_string() role="group" aria-label=name>
            {grid
                .into_iter()
                .map(|tick| {
                    let x = scale.x(tick.at);
                    view! { <line class="grid-line" x1=x.clone() x2=x y1="4" y2="40" /> }
                })
                .collect_view()}
            {first
                .map(|first| {
                    let (from, to) = (scale.percent(first), scale.percent(scale.to()));
                    view! {
                        <rect
                            class="hatched"
                            x=length(from)
                            y=BAND_TOP.to_string()
                            width=length(to - from)
                            height=BAND_HEIGHT.to_string()
                            rx="3"
                        />
                    }
                })}
            {lane
                .bands
                .iter()
                .filter(|band| band.to > scale.from())
                .map(|band| {
                    let (from, to) = (scale.percent(band.from), scale.percent(band.to));
                    view! {
                        <rect
                            class="band"
                            x=length(from)
                            y=BAND_TOP.to_string()
                            width=length(to - from)
                            height=BAND_HEIGHT.to_string()
                            rx="3"
                        />
                    }
                })
                .collect_view()}
            {target
                .map(|target| scale.to() - target)
                .filter(|at| *at > scale.from())
                .map(|at| {
                    let x = scale.x(at);
                    view! { <line class="target-line" x1=x.clone() x2=x y1="4" y2="40" /> }
                })} {marks}
            {newest
                .filter(|at| *at >= scale.from() && *at <= scale.to())
                .map(|at| {
                    view! {
                        <svg x=scale.x(at) y="0" overflow="visible">
                            <path class="newest" d="M-5 0h10L0 7z" />
                        </svg>
                    }
                })}
            {window
                .ends_now()
                .then(|| {
                    view! { <line class="now-line" x1=scale.x(scale.to()) x2=scale.x(scale.to()) y1="2" y2="42" /> }
                })}
        </svg>
    }
}

/// The stretch of the width that selects each cluster: half way to its neighbours, but not far away.
fn hits(clusters: &[Cluster], scale: Scale) -> Vec<(f64, f64)> {
    const HALF_WIDTH_MAX: f64 = 2.0;
    let at: Vec<f64> = clusters.iter().map(|cluster| scale.percent(cluster.at)).collect();
    at.iter()
        .enumerate()
        .map(|(index, x)| {
            let before = index
                .checked_sub(1)
                .map_or(HALF_WIDTH_MAX, |before| (x - at[before]) / 2.0);
            let after = at
                .get(index + 1)
                .map_or(HALF_WIDTH_MAX, |after| (after - x) / 2.0);
            (x - before.min(HALF_WIDTH_MAX), x + after.min(HALF_WIDTH_MAX))
        })
        .collect()
}

fn mark(
    source: &SourceId,
    region: &Region,
    cluster: Cluster,
    (from, to): (f64, f64),
    scale: Scale,
    window: Window,
    selection: &Selection,
) -> impl IntoView + use<> {
    let due = cluster.at.to_string();
    let shown = window.name();
    let page = ("cursor", selection.cursor.as_deref());
    let href = match &cluster.recovery_point {
        Some(point) => with_query(
            "/",
            [
                ("window", Some(shown.as_str())),
                page,
                ("point", Some(point.as_str())),
                ("region", Some(region.as_str())),
            ],
        ),
        None => with_query(
            "/",
            [
                ("window", Some(shown.as_str())),
                page,
                ("missed", Some(due.as_str())),
                ("source", Some(source.as_str())),
                ("region", Some(region.as_str())),
            ],
        ),
    };
    let name = name(&cluster);
    let title = name.clone();
    let class = format!("mark {}", class(cluster.state));
    let (state, x) = (cluster.state, scale.x(cluster.at));
    let at = cluster.at.as_second().to_string();
    let this = match (&selection.point, &selection.missed) {
        (Some(point), _) => cluster.holds(point),
        (None, Some((of, time))) => {
            state == MarkState::Missed && of == source.as_str() && *time == cluster.at.to_string()
        }
        (None, None) => false,
    };
    let is_selected = this && selection.region.as_deref() == Some(region.as_str());
    view! {
        <g>
            <a
                class=class
                href=href
                aria-label=title
                aria-current=is_selected.then_some("true")
                data-at=at
            >
                <title>{name}</title>
                <rect
                    class="hit"
                    x=length(from)
                    y="0"
                    width=length((to - from).max(0.1))
                    height=HEIGHT.to_string()
                />
                <svg x=x y=MIDDLE.to_string() overflow="visible">
                    <rect class="halo" x="-9" y="-16" width="18" height="32" rx="5" />
                    <Glyph state />
                </svg>
            </a>
        </g>
    }
}

/// What a mark is called: `20 Nov, 07:00 UTC: Verified`.
fn name(cluster: &Cluster) -> String {
    let at = format::time(cluster.at, 0, true, TimeForm::Short);
    if cluster.count == 1 {
        format!("{at} UTC: {}", label(cluster.state))
    } else {
        format!(
            "{} recovery points, {} to {at} UTC: {}",
            cluster.count,
            format::time(cluster.from, 0, true, TimeForm::Short),
            label(cluster.state)
        )
    }
}
