//! `/recovery-points`: every recovery point, newest first.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Form;
use recovery::point::{RecoveryPoint, State};

use crate::api::points::{PointList, list_points};
use crate::components::loaded::{Loaded, refresh};
use crate::components::state_badge::{StateBadge, label};
use crate::components::verdict_badge::{self, tone};
use crate::ui::format::{self, TimeForm};
use crate::ui::pager::{EmptyPage, Listing, Pager};
use crate::ui::status::StatusIcon;
use crate::ui::table::TableFrame;
use crate::ui::time::{Ago, Time};

/// How often the page asks for news, seconds.
const REFRESH_SECONDS: u64 = 30;

/// `/recovery-points?source=&state=&cursor=`.
#[component]
pub(crate) fn RecoveryPointsPage() -> impl IntoView {
    let asked = Listing::of_address("/recovery-points", &["source", "state"]);
    let list = Resource::new(
        move || asked.get(),
        |asked| list_points(asked.filter("source"), asked.filter("state"), asked.cursor),
    );
    refresh(move || list.refetch(), REFRESH_SECONDS);
    view! {
        <Title text="Recovery points" />
        <div class="page-head">
            <div class="headline">
                <h1>"Recovery points"</h1>
                <p>"What AWS Backup made, newest first, and what can be restored of it in each Region."</p>
            </div>
        </div>
        <Loaded
            resource=list
            view=move |list| {
                let listing = asked.get_untracked();
                view! { <List list listing /> }.into_any()
            }
        />
    }
}

#[component]
fn List(list: PointList, listing: Listing) -> impl IntoView {
    let PointList { page, sources, now } = list;
    let is_filtered = listing.is_filtered();
    let source_asked = listing.filter("source");
    let state_asked = listing.filter("state");
    let filter = view! {
        <Form method="GET" action="/recovery-points" noscroll=true attr:class="filters">
            <label class="field inline">
                <span>"Source"</span>
                <select name="source" on:change=submit>
                    <option value="">"All"</option>
                    {sources
                        .into_iter()
                        .map(|source| {
                            let is_selected = source_asked.as_deref() == Some(source.as_str());
                            view! {
                                <option value=source.to_string() selected=is_selected>
                                    {source.to_string()}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
            <label class="field inline">
                <span>"State"</span>
                <select name="state" on:change=submit>
                    <option value="">"All"</option>
                    {State::ALL
                        .into_iter()
                        .map(|state| {
                            let is_selected = state_asked.as_deref() == Some(state.name());
                            view! {
                                <option value=state.name() selected=is_selected>
                                    {label(state)}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
            <button class="btn">"Filter"</button>
            {is_filtered
                .then(|| {
                    view! {
                        <a class="clear" href="/recovery-points">
                            "Clear filter"
                        </a>
                    }
                })}
        </Form>
    };
    let body = if page.items.is_empty() {
        let listing = listing.clone();
        view! {
            <EmptyPage
                listing
                no_match="No recovery point matches"
                show_all="Show all recovery points"
                none_yet="No recovery point yet"
            >
                <p>"The first one appears here within a minute of AWS Backup making it."</p>
            </EmptyPage>
        }
        .into_any()
    } else {
        let regions = regions(&page.items);
        view! {
            <TableFrame label="Recovery points">
                <table class="grid rows">
                    <thead>
                        <tr>
                            <th scope="col">"Made"</th>
                            <th scope="col">"Source"</th>
                            <th scope="col">"State"</th>
                            {regions
                                .iter()
                                .map(|region| {
                                    view! {
                                        <th scope="col">
                                            <code>{region.clone()}</code>
                                        </th>
                                    }
                                })
                                .collect_view()}
                            <th scope="col" class="num">
                                "Rows"
                            </th>
                            <th scope="col" class="num">
                                "Size"
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {page
                            .items
                            .iter()
                            .map(|point| row(point, &regions, now))
                            .collect_view()}
                    </tbody>
                </table>
            </TableFrame>
        }
        .into_any()
    };
    view! {
        <section class="card list">
            {filter} {body} <Pager listing next=page.next_cursor />
        </section>
    }
}

/// Every Region that holds a copy of one of the points: the columns.
fn regions(points: &[RecoveryPoint]) -> Vec<String> {
    let mut regions: Vec<String> = Vec::new();
    for copy in points.iter().flat_map(|point| &point.copies) {
        let region = copy.region.to_string();
        if !regions.contains(&region) {
            regions.push(region);
        }
    }
    regions
}

fn row(point: &RecoveryPoint, regions: &[String], now: jiff::Timestamp) -> impl IntoView + use<> {
    let href = format!("/recovery-points/{}", point.id);
    let at = point.created_at;
    let is_exported = !point.tables.is_empty();
    let copies = regions
        .iter()
        .map(|region| {
            let copy = point.copies.iter().find(|copy| copy.region.as_str() == region);
            let cell = copy.map(|copy| {
                let tone = tone(&copy.verdict);
                view! {
                    <span class=format!("status {}", tone.class())>
                        <StatusIcon tone />
                        <span>{verdict_badge::label(&copy.verdict)}</span>
                    </span>
                }
            });
            view! {
                <td data-label=region.clone()>
                    {match cell {
                        Some(cell) => cell.into_any(),
                        None => view! { <span class="quiet">"none"</span> }.into_any(),
                    }}
                </td>
            }
        })
        .collect_view();
    view! {
        <tr>
            <th scope="row">
                <a href=href>
                    <Time at form=TimeForm::Full />
                </a>
                <small class="quiet">
                    <Ago at now />
                </small>
            </th>
            <td data-label="Source">{point.source.to_string()}</td>
            <td data-label="State">
                <StateBadge state=point.state />
                {point
                    .late_by_seconds
                    .map(|seconds| {
                        view! { <small class="quiet">{format!("{} late", format::duration(seconds))}</small> }
                    })}
                {point
                    .ended_at
                    .map(|at| {
                        view! {
                            <small class="quiet">
                                "ended " <Time at form=TimeForm::Full />
                            </small>
                        }
                    })}
            </td>
            {copies}
            <td class="num" data-label="Rows">
                {is_exported.then(|| format::count(point.rows()))}
            </td>
            <td class="num" data-label="Size">
                {is_exported.then(|| format::bytes(point.bytes()))}
            </td>
        </tr>
    }
}

/// Sends the form that an input stands in.
fn submit(event: leptos::ev::Event) {
    crate::ui::form::submit_around(&event);
}
