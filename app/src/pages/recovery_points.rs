//! `/recovery-points`: every recovery point, newest first where nothing else is asked for.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use recovery::console;
use recovery::filter::equals;
use recovery::ids::Region;
use recovery::point::RecoveryPoint;

use crate::api::points::{PointList, list_points};
use crate::components::console_link::ConsoleLink;
use crate::components::filter_bar::FilterBar;
use crate::components::live_status::LiveStatus;
use crate::components::loaded::Loaded;
use crate::components::state_badge::StateBadge;
use crate::components::verdict_badge::{self, tone};
use crate::islands::filter_field::{Filtered, Known};
use crate::ui::copy_button::CopyButton;
use crate::ui::empty_state::EmptyState;
use crate::ui::format::{self, TimeForm};
use crate::ui::link::with_query;
use crate::ui::pager::{EmptyPage, Listing, Pager};
use crate::ui::status::StatusIcon;
use crate::ui::table::{SortHeader, TableFrame};
use crate::ui::time::{Ago, Time};
use crate::ui::view_menu::{Column, ViewMenu, chosen};

/// How often the page asks for news, seconds.
const REFRESH_SECONDS: u32 = 30;

/// The list's own path.
const PATH: &str = "/recovery-points";

/// What it is sorted by where nothing is said.
const NEWEST_FIRST: &str = "-made";

const ORDERS: [(&str, &str); 8] = [
    ("", "Newest first"),
    ("made", "Oldest first"),
    ("source", "Source"),
    ("state", "State"),
    ("-size", "Largest first"),
    ("-rows", "Most rows first"),
    ("expires", "Next to expire first"),
    ("vault", "Vault"),
];

const COLUMNS: [Column; 11] = [
    column("source", "Source", true),
    column("state", "State", true),
    column("copies", "Copies", true),
    column("rows", "Rows", true),
    column("size", "Size", true),
    column("expires", "Expires", false),
    column("vault", "Vault", false),
    column("region", "Region", false),
    column("account", "Account", false),
    column("id", "Label", false),
    column("arn", "ARN", false),
];

const fn column(name: &'static str, label: &'static str, is_default: bool) -> Column {
    Column {
        name,
        label,
        is_default,
    }
}

/// `/recovery-points?filter=&sort=&column=&cursor=`; `source` and `state` are conditions of the filter.
#[component]
pub(crate) fn RecoveryPointsPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let address = Listing::of_address(PATH, &["filter"]);
    let shorthand: Vec<String> = ["source", "state"]
        .into_iter()
        .filter_map(|name| {
            let value = query.get(name).filter(|value| !value.is_empty())?;
            Some(equals(name, &value))
        })
        .collect();
    let asked = if address.is_filtered() || shorthand.is_empty() {
        address
    } else {
        let cursor = address.cursor.clone();
        let mut listing = address.filtered("filter", Some(shorthand.join(" and ")));
        listing.cursor = cursor;
        listing
    };
    let request = asked.clone();
    let list = Resource::new(
        || (),
        move |()| list_points(request.filter("filter"), request.sort(), request.cursor.clone()),
    );
    let filter = asked.filter("filter");
    let csv = with_query("/api/v1/recovery-points.csv", [("filter", filter.as_deref())]);
    let bar = asked.clone();
    view! {
        <Title text="Recovery points" />
        <div class="page-head">
            <div class="headline">
                <h1>"Recovery points"</h1>
                <p>"What AWS Backup made, and what can be restored of it in each Region."</p>
            </div>
            <div class="tools">
                <ViewMenu listing=asked.clone() orders=ORDERS.to_vec() columns=&COLUMNS />
                <a class="btn" href=csv download="recovery-points.csv">
                    "Export CSV"
                </a>
            </div>
        </div>
        <section class="card list">
            <Suspense fallback=|| ()>
                {move || {
                    let listing = bar.clone();
                    Suspend::new(async move {
                        let known = list.await.map(|list| suggested(&list)).unwrap_or_default();
                        let example = "source = tvshows and state != verified";
                        view! { <FilterBar listing filtered=Filtered::RecoveryPoints known example /> }
                    })
                }}
            </Suspense>
            <Loaded
                resource=list
                view=move |list: PointList| {
                    let now = list.now;
                    view! {
                        <p class="updated">
                            <LiveStatus every=REFRESH_SECONDS now />
                        </p>
                        <List list listing=asked.clone() />
                    }
                    .into_any()
                }
            />
        </section>
    }
}

/// What is known of properties, for suggestions.
fn suggested(list: &PointList) -> Known {
    let regions: Vec<String> = list.regions.iter().map(Region::to_string).collect();
    let sources = list.sources.iter().map(ToString::to_string).collect();
    let of_regions = [
        "copy_in", "verified_in", "pending_in", "incomplete_in", "unreachable_in", "region",
    ];
    let mut known = vec![("source", sources)];
    known.extend(of_regions.map(|name| (name, regions.clone())));
    let named = known.into_iter().map(|(name, values)| (name.to_owned(), values));
    named.collect()
}

#[component]
fn List(list: PointList, listing: Listing) -> impl IntoView {
    let PointList { page, now, .. } = list;
    let (count, next) = (page.items.len() as u64, page.next_cursor);
    if page.items.is_empty() && next.is_some() {
        return view! {
            <EmptyState title="No match so far">
                <p>"2,000 recovery points were looked at. Older ones may match."</p>
            </EmptyState>
            <Pager listing next next_words="Go on searching" />
        }
        .into_any();
    }
    if page.items.is_empty() {
        return view! {
            <EmptyPage
                listing=listing.clone()
                no_match="No recovery point matches"
                show_all="Show all recovery points"
                none_yet="No recovery point yet"
            >
                <p>"The first one appears here within a minute of AWS Backup making it."</p>
            </EmptyPage>
            <Pager listing next />
        }
        .into_any();
    }
    let told = match (listing.cursor.is_some(), next.is_some()) {
        (false, false) => format::counted(count, "recovery point", "recovery points"),
        (true, false) => format!("the last {}", format::count(count)),
        (_, true) => format!("{} on this page", format::count(count)),
    };
    let columns = chosen(&COLUMNS, &listing);
    let regions = regions(&page.items);
    let heads = heads(&columns, &regions, &listing);
    let is_newest_first = listing.sort().is_none_or(|sort| sort == NEWEST_FIRST);
    let (first_words, next_words) = if is_newest_first {
        ("Newest", "Older")
    } else {
        ("First", "Next")
    };
    view! {
        <p class="count" role="status">
            {told}
        </p>
        <TableFrame label="Recovery points">
            <table class="grid rows">
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>
                    {page
                        .items
                        .iter()
                        .map(|point| row(point, &columns, &regions, now))
                        .collect_view()}
                </tbody>
            </table>
        </TableFrame>
        <Pager listing next first_words next_words />
    }
    .into_any()
}

/// Every Region that holds a copy of one of the points: the columns of the copies.
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

fn heads(columns: &[Column], regions: &[String], listing: &Listing) -> AnyView {
    let sort = listing.sort().unwrap_or_else(|| NEWEST_FIRST.to_owned());
    let listing = listing.clone();
    let address =
        Callback::new(move |sort: String| listing.sorted(if sort == NEWEST_FIRST { "" } else { &sort }));
    let header = |column: &Column| {
        let (label, sort) = (column.label, sort.clone());
        match column.name {
            "copies" => regions
                .iter()
                .map(|region| {
                    view! {
                        <th scope="col">
                            <code>{region.clone()}</code>
                        </th>
                    }
                })
                .collect_view()
                .into_any(),
            property @ ("rows" | "size") => {
                view! { <SortHeader label property sort largest_first=true numeric=true address /> }
                    .into_any()
            }
            property => view! { <SortHeader label property sort address /> }.into_any(),
        }
    };
    view! {
        <SortHeader label="Made" property="made" sort=sort.clone() largest_first=true address />
        {columns.iter().map(header).collect_view()}
    }
    .into_any()
}

fn row(
    point: &RecoveryPoint,
    columns: &[Column],
    regions: &[String],
    now: jiff::Timestamp,
) -> impl IntoView + use<> {
    let href = format!("/recovery-points/{}", point.id);
    let at = point.created_at;
    let cells = columns
        .iter()
        .map(|column| cell(point, column, regions))
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
            {cells}
        </tr>
    }
}

fn cell(point: &RecoveryPoint, column: &Column, regions: &[String]) -> AnyView {
    let label = column.label;
    let is_exported = !point.tables.is_empty();
    let text = |text: String| view! { <td data-label=label>{text}</td> }.into_any();
    let number = |text: Option<String>| {
        view! {
            <td class="num" data-label=label>
                {text}
            </td>
        }
        .into_any()
    };
    let id = |text: String, what: &'static str| {
        view! {
            <td class="wide" data-label=label>
                <span class="with-copy">
                    <code>{text.clone()}</code>
                    <CopyButton text what />
                </span>
            </td>
        }
        .into_any()
    };
    match column.name {
        "source" => text(point.source.to_string()),
        "state" => state(point),
        "copies" => copies(point, regions),
        "rows" => number(is_exported.then(|| format::count(point.rows()))),
        "size" => number(is_exported.then(|| format::bytes(point.bytes()))),
        "expires" => match point.expires_at {
            Some(at) => view! {
                <td data-label=label>
                    <Time at form=TimeForm::Full />
                </td>
            }
            .into_any(),
            None => text("never".to_owned()),
        },
        "vault" => view! {
            <td data-label=label>
                <span class="with-copy">
                    {point.vault.clone()}
                    <ConsoleLink href=console::vault(&point.region, &point.vault) what="the vault" />
                </span>
            </td>
        }
        .into_any(),
        "region" => text(point.region.to_string()),
        "account" => text(point.account.to_string()),
        "id" => id(point.id.to_string(), "label"),
        "arn" => id(point.arn.to_string(), "ARN"),
        _ => ().into_any(),
    }
}

fn state(point: &RecoveryPoint) -> AnyView {
    view! {
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
    }
    .into_any()
}

/// What each Region holds of it.
fn copies(point: &RecoveryPoint, regions: &[String]) -> AnyView {
    regions
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
        .collect_view()
        .into_any()
}
