//! `/`: what is wrong and since when, and a timeline of every source in every Region.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::Failure;
use crate::api::overview::{Overview, Window, read_overview};
use crate::api::points::{CheckAgain, PointView, read_point};
use crate::components::failure_view::FailureLine;
use crate::components::headline::Headline;
use crate::components::loaded::{Loaded, refresh};
use crate::components::missed_panel::MissedPanel;
use crate::components::point_panel::PointPanel;
use crate::components::recovery_timeline::{Hatch, Legend, Selection};
use crate::components::restore_progress::ActiveRun;
use crate::components::source_card::SourceCard;
use crate::ui::empty_state::EmptyState;
use crate::ui::link::with_query;
use crate::ui::pager::{Listing, Pager};
use crate::ui::segmented::Segmented;
use crate::ui::time::{Ago, ZoneSwitch, hydrated};

/// How often the page asks for news, seconds.
const REFRESH_SECONDS: u64 = 15;

/// `/?window=&cursor=&point=&missed=&source=&region=`.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let query = use_query_map();
    let window = Memo::new(move |_| Window::named(query.with(|query| query.get("window")).as_deref()));
    let selection = Memo::new(move |_| {
        query.with(|query| Selection {
            point: query.get("point"),
            missed: query.get("source").zip(query.get("missed")),
            region: query.get("region"),
            cursor: query.get("cursor"),
        })
    });
    let check = ServerAction::<CheckAgain>::new();
    let listing = Listing::of_address("/", &["window"]);
    let overview = Resource::new(
        move || (window.get(), listing.with(|listing| listing.cursor.clone())),
        |(window, cursor)| read_overview(window, cursor),
    );
    let point = Resource::new(
        move || {
            (
                selection.with(|selection| selection.point.clone()),
                check.version().get(),
            )
        },
        |(id, _)| async move {
            match id {
                Some(id) => read_point(id).await.map(Some),
                None => Ok(None),
            }
        },
    );
    refresh(
        move || {
            overview.refetch();
            point.refetch();
        },
        REFRESH_SECONDS,
    );
    view! {
        <Title text="Overview" />
        <Loaded
            resource=overview
            alone=true
            view=move |overview| {
                let window = window.get_untracked();
                let listing = listing.get_untracked();
                view! { <Content overview window listing selection point check /> }.into_any()
            }
        />
    }
}

#[component]
fn Content(
    overview: Overview,
    window: Window,
    listing: Listing,
    selection: Memo<Selection>,
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
    let close = closed(window, selection);
    let windows = Window::ALL
        .into_iter()
        .map(|choice| {
            let href = selection.with_untracked(|selection| {
                with_query(
                    "/",
                    [
                        ("window", Some(choice.name())),
                        ("point", selection.point.as_deref()),
                        ("region", selection.region.as_deref()),
                    ],
                )
            });
            (href, choice.label().to_owned(), choice == window)
        })
        .collect();
    let lanes = StoredValue::new(timelines.clone());
    let is_open = move || selection.with(|selection| selection.point.is_some() || selection.missed.is_some());
    view! {
        <Hatch />
        <div class="page-head">
            <Headline situation />
            <div class="tools">
                <Show when=move || hydrated().get()>
                    <span class="live">"Updated " <Ago at=now now /></span>
                    <ZoneSwitch />
                </Show>
                <Segmented label="Window" choices=windows />
            </div>
        </div>
        <div class="split" class:open=is_open>
            <div class="split-list">
                {active.into_iter().map(|run| view! { <ActiveRun run now /> }).collect_view()}
                {timelines
                    .into_iter()
                    .map(|timeline| view! { <SourceCard timeline window selection /> })
                    .collect_view()} <Pager listing next first_words="First sources" next_words="More sources" /> <Legend />
            </div>
            {move || {
                let missed = selection.with(|selection| selection.missed.clone().filter(|_| selection.point.is_none()));
                missed
                    .and_then(|(source, due)| {
                        let due = due.parse().ok()?;
                        let timeline = lanes
                            .with_value(|lanes| {
                                lanes.iter().find(|timeline| timeline.source.source.id.as_str() == source).cloned()
                            })?;
                        Some(view! { <MissedPanel timeline due close=close.clone() /> })
                    })
            }}
            <Selected selection point check window />
        </div>
    }
    .into_any()
}

/// The overview without a selection.
fn closed(window: Window, selection: Memo<Selection>) -> String {
    let cursor = selection.with_untracked(|selection| selection.cursor.clone());
    with_query(
        "/",
        [("window", Some(window.name())), ("cursor", cursor.as_deref())],
    )
}

/// The panel of the recovery point that is selected.
#[component]
fn Selected(
    selection: Memo<Selection>,
    point: Resource<Result<Option<PointView>, Failure>>,
    check: ServerAction<CheckAgain>,
    window: Window,
) -> impl IntoView {
    let close = closed(window, selection);
    view! {
        <Transition>
            {move || {
                let close = close.clone();
                let region = selection
                    .with(|selection| selection.region.clone())
                    .and_then(|region| region.parse().ok());
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
        </Transition>
    }
}
