//! `/`: what is wrong and since when, and a timeline of every source in every Region.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::Failure;
use crate::api::overview::{Overview, read_overview};
use crate::api::points::{CheckAgain, PointView, read_point};
use crate::api::window::Window;
use crate::components::failure_view::FailureLine;
use crate::components::headline::Headline;
use crate::components::live_status::LiveStatus;
use crate::components::loaded::Loaded;
use crate::components::missed_panel::MissedPanel;
use crate::components::point_panel::PointPanel;
use crate::components::recovery_timeline::{Hatch, Legend, Selection};
use crate::components::restore_progress::ActiveRun;
use crate::components::source_card::SourceCard;
use crate::ui::empty_state::EmptyState;
use crate::ui::link::with_query;
use crate::ui::pager::{Listing, Pager};
use crate::ui::segmented::Segmented;
use crate::ui::time::ZoneSwitch;

/// How often the page asks for news, seconds.
const REFRESH_SECONDS: u32 = 15;

/// `/?window=&from=&to=&cursor=&point=&missed=&source=&region=`.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let asked = |name| query.get(name);
    let (name, from, to) = (asked("window"), asked("from"), asked("to"));
    let now = expect_context::<workflow::Workflow>().now();
    let (window, not_understood) = match Window::asked(name.as_deref(), from.as_deref(), to.as_deref(), now) {
        Ok(window) => (window, None),
        Err(problem) => (Window::default(), Some(problem)),
    };
    let selection = Selection {
        point: query.get("point"),
        missed: query.get("source").zip(query.get("missed")),
        region: query.get("region"),
        cursor: query.get("cursor"),
    };
    let check = ServerAction::<CheckAgain>::new();
    let listing = Listing::of_address("/", &["window", "from", "to"]);
    let (cursor, point) = (listing.cursor.clone(), selection.point.clone());
    let overview = Resource::new(|| (), move |()| read_overview(window, cursor.clone()));
    let point = Resource::new(
        || (),
        move |()| {
            let id = point.clone();
            async move {
                match id {
                    Some(id) => read_point(id).await.map(Some),
                    None => Ok(None),
                }
            }
        },
    );
    view! {
        <Title text="Overview" />
        <Loaded
            resource=overview
            alone=true
            view=move |overview| {
                let (listing, selection) = (listing.clone(), selection.clone());
                let not_understood = not_understood.clone();
                view! { <Content overview window not_understood listing selection point check /> }.into_any()
            }
        />
    }
}

#[component]
fn Content(
    overview: Overview,
    window: Window,
    not_understood: Option<String>,
    listing: Listing,
    selection: Selection,
    point: Resource<Result<Option<PointView>, Failure>>,
    check: ServerAction<CheckAgain>,
) -> impl IntoView {
    let Overview {
        situation,
        timelines,
        next,
        active,
        now,
    } = overview;
    if timelines.is_empty() && listing.cursor.is_none() {
        return view! {
            <EmptyState title="No source is backed up yet" alone=true>
                <p>
                    "A source appears here when AWS Backup has made its first recovery point of an RDS DB instance in a vault that is configured."
                </p>
                <p>"Check that a backup plan selects the instance, and that its vault stands in the configuration."</p>
            </EmptyState>
        }
        .into_any();
    }
    let close = closed(window, &selection);
    let windows = Window::ALL
        .into_iter()
        .map(|choice| {
            let href = with_query(
                "/",
                [
                    ("window", Some(choice.name().as_str())),
                    ("point", selection.point.as_deref()),
                    ("region", selection.region.as_deref()),
                ],
            );
            (href, choice.label().to_owned(), choice == window)
        })
        .collect();
    let is_open = selection.point.is_some() || selection.missed.is_some();
    let missed = selection
        .missed
        .clone()
        .filter(|_| selection.point.is_none())
        .and_then(|(source, due)| {
            let due = due.parse().ok()?;
            let timeline = timelines
                .iter()
                .find(|timeline| timeline.source.source.id.as_str() == source)?
                .clone();
            Some(view! { <MissedPanel timeline due close=close.clone() /> })
        });
    view! {
        <Hatch />
        <div class="page-head">
            <Headline situation />
            <div class="tools">
                <LiveStatus every=REFRESH_SECONDS now />
                <ZoneSwitch />
                <Segmented label="Window" choices=windows />
                <WindowForm window now />
            </div>
        </div>
        {not_understood
            .map(|problem| {
                view! {
                    <p class="alert warning" role="alert">
                        {problem} " The last 24 hours are shown."
                    </p>
                }
            })}
        <div class="split" class:open=is_open>
            <div class="split-list">
                {active.into_iter().map(|run| view! { <ActiveRun run now /> }).collect_view()}
                {timelines
                    .into_iter()
                    .map(|timeline| view! { <SourceCard timeline window selection=selection.clone() /> })
                    .collect_view()} <Pager listing next first_words="First sources" next_words="More sources" /> <Legend />
            </div>
            {missed}
            <Selected selection=selection.clone() point check window />
        </div>
    }
    .into_any()
}

/// Begin and end of a window of one's own, in UTC.
#[component]
fn WindowForm(window: Window, now: Timestamp) -> impl IntoView {
    let (from, to) = window.bounds(now);
    let field = |name: &'static str, label: &'static str, at: Timestamp| {
        let value = TimeZone::UTC
            .to_datetime(at)
            .strftime("%Y-%m-%dT%H:%M")
            .to_string();
        view! {
            <label class="field">
                <span>{label} ", UTC"</span>
                <input type="datetime-local" name=name value=value required />
            </label>
        }
    };
    let is_custom = !window.ends_now();
    view! {
        <details class="menu window-menu">
            <summary class="btn" class:chosen=is_custom>
                "Custom"
            </summary>
            <form method="get" action="/" class="menu-body">
                {field("from", "From", from)} {field("to", "To", to)} <button class="btn primary">"Show"</button>
            </form>
        </details>
    }
}

/// The overview without a selection.
fn closed(window: Window, selection: &Selection) -> String {
    with_query(
        "/",
        [
            ("window", Some(window.name().as_str())),
            ("cursor", selection.cursor.as_deref()),
        ],
    )
}

/// The panel of the recovery point that is selected.
#[component]
fn Selected(
    selection: Selection,
    point: Resource<Result<Option<PointView>, Failure>>,
    check: ServerAction<CheckAgain>,
    window: Window,
) -> impl IntoView {
    let close = closed(window, &selection);
    view! {
        <Suspense fallback=|| ()>
            {move || {
                let close = close.clone();
                let region = selection.region.as_ref().and_then(|region| region.parse().ok());
                Suspend::new(async move {
                    match point.await {
                        Ok(Some(point)) => {
                            view! { <PointPanel point region close check /> }.into_any()
                        }
                        Ok(None) => ().into_any(),
                        Err(failure) => {
                            view! {
                                <aside class="panel" aria-label="Recovery point">
                                    <div class="panel-body">
                                        <FailureLine failure />
                                        <a class="btn" href=close>
                                            "Close"
                                        </a>
                                    </div>
                                </aside>
                            }
                                .into_any()
                        }
                    }
                })
            }}
        </Suspense>
    }
}
