//! `/sources`: every source with the age of what can be restored of it, in each Region.

use leptos::prelude::*;
use leptos_meta::Title;
use recovery::filter::SourceFacts;
use recovery::ids::Region;
use recovery::source::{RegionRpo, Source, SourceSummary};

use crate::api::sources::{SourceList, list_sources};
use crate::components::console_link::ConsoleLink;
use crate::components::filter_bar::{FilterBar, points_of};
use crate::components::live_status::LiveStatus;
use crate::components::loaded::Loaded;
use crate::islands::filter_field::{Filtered, Known};
use crate::ui::copy_button::CopyButton;
use crate::ui::format;
use crate::ui::link::with_query;
use crate::ui::pager::{EmptyPage, Listing, Pager};
use crate::ui::status::{Status, Tone};
use crate::ui::table::{SortHeader, TableFrame};
use crate::ui::time::Ago;
use crate::ui::view_menu::{Column, ViewMenu, chosen};

/// How often the page asks for news, seconds.
const REFRESH_SECONDS: u32 = 30;

/// The list's own path.
const PATH: &str = "/sources";

const ORDERS: [(&str, &str); 6] = [
    ("", "Name"),
    ("-standing", "Furthest from well first"),
    ("-restorable_age", "Oldest restorable copy first"),
    ("-newest_age", "Oldest backup first"),
    ("engine", "Engine"),
    ("region", "Region"),
];

const COLUMNS: [Column; 10] = [
    column("standing", "Standing", true),
    column("restorable", "Restorable", true),
    column("newest", "Newest backup", true),
    column("target", "Target", true),
    column("interval", "Every", false),
    column("engine", "Engine", true),
    column("class", "Class", false),
    column("region", "Region", true),
    column("account", "Account", false),
    column("arn", "ARN", false),
];

const fn column(name: &'static str, label: &'static str, is_default: bool) -> Column {
    Column {
        name,
        label,
        is_default,
    }
}

/// `/sources?filter=&sort=&column=&cursor=`.
#[component]
pub(crate) fn SourcesPage() -> impl IntoView {
    let asked = Listing::of_address(PATH, &["filter"]);
    let request = asked.clone();
    let list = Resource::new(
        || (),
        move |()| list_sources(request.filter("filter"), request.sort(), request.cursor.clone()),
    );
    let (filter, sort) = (asked.filter("filter"), asked.sort());
    let csv = with_query(
        "/api/v1/sources.csv",
        [("filter", filter.as_deref()), ("sort", sort.as_deref())],
    );
    let bar = asked.clone();
    view! {
        <Title text="Sources" />
        <div class="page-head">
            <div class="headline">
                <h1>"Sources"</h1>
                <p>"What is backed up, and how old the newest copy is that could be restored, in each Region."</p>
            </div>
            <div class="tools">
                <ViewMenu listing=asked.clone() orders=ORDERS.to_vec() columns=&COLUMNS />
                <a class="btn" href=csv download="sources.csv">
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
                        view! { <FilterBar listing filtered=Filtered::Sources known example="standing = behind" /> }
                    })
                }}
            </Suspense>
            <Loaded
                resource=list
                view=move |list: SourceList| {
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
fn suggested(list: &SourceList) -> Known {
    let regions: Vec<String> = list.regions.iter().map(Region::to_string).collect();
    let distinct = |of: fn(&SourceSummary) -> Option<String>| {
        let mut values: Vec<String> = list.items.iter().filter_map(of).collect();
        values.sort();
        values.dedup();
        values
    };
    let mut known = vec![
        ("source", distinct(|source| Some(source.source.id.to_string()))),
        ("engine", distinct(|source| source.source.engine.clone())),
        ("class", distinct(|source| source.source.class.clone())),
        (
            "account",
            distinct(|source| Some(source.source.account.to_string())),
        ),
    ];
    known.extend(["restorable_in", "behind_in", "region"].map(|name| (name, regions.clone())));
    let named = known.into_iter().map(|(name, values)| (name.to_owned(), values));
    named.collect()
}

#[component]
fn List(list: SourceList, listing: Listing) -> impl IntoView {
    let SourceList {
        items,
        before,
        matching,
        all,
        next,
        seen_at,
        now,
        ..
    } = list;
    if items.is_empty() {
        return view! {
            <EmptyPage
                listing=listing.clone()
                no_match="No source matches"
                show_all="Show all sources"
                none_yet="No source is backed up yet"
            >
                <p>
                    "A source appears here when AWS Backup has made its first recovery point of an RDS DB instance in a vault that is configured."
                </p>
            </EmptyPage>
            <Pager listing next />
        }
        .into_any();
    }
    let (last, of) = (before + items.len(), matching as u64);
    let range = if last - before == matching {
        format::counted(of, "source", "sources")
    } else {
        format!(
            "{}–{} of {}",
            before + 1,
            last,
            format::counted(of, "source", "sources")
        )
    };
    let range = if matching == all {
        range
    } else {
        format!("{range}, of {} in all", format::count(all as u64))
    };
    let columns = chosen(&COLUMNS, &listing);
    let regions = regions(&items);
    let heads = heads(&columns, &regions, &listing);
    view! {
        <p class="count" role="status">
            {range} ", seen " <Ago at=seen_at now />
        </p>
        <TableFrame label="Sources">
            <table class="grid rows">
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{items.iter().map(|source| row(source, &columns, &regions)).collect_view()}</tbody>
            </table>
        </TableFrame>
        <Pager listing next first_words="First" next_words="Next" />
    }
    .into_any()
}

/// Every Region that must hold copies of one of the sources: the columns of what can be restored.
fn regions(sources: &[SourceSummary]) -> Vec<String> {
    let mut regions: Vec<String> = Vec::new();
    for region in sources.iter().flat_map(|source| &source.regions) {
        let region = region.region.to_string();
        if !regions.contains(&region) {
            regions.push(region);
        }
    }
    regions
}

fn heads(columns: &[Column], regions: &[String], listing: &Listing) -> AnyView {
    let sort = listing.sort().unwrap_or_else(|| "source".to_owned());
    let listing = listing.clone();
    let address =
        Callback::new(move |sort: String| listing.sorted(if sort == "source" { "" } else { &sort }));
    let header = |column: &Column| {
        let (label, sort) = (column.label, sort.clone());
        match column.name {
            "restorable" => regions
                .iter()
                .map(|region| {
                    view! {
                        <th scope="col">
                            "Restorable, " <code>{region.clone()}</code>
                        </th>
                    }
                })
                .collect_view()
                .into_any(),
            "newest" => view! { <SortHeader label property="newest_age" sort largest_first=true address /> }
                .into_any(),
            property @ "standing" => {
                view! { <SortHeader label property sort largest_first=true address /> }.into_any()
            }
            property => view! { <SortHeader label property sort address /> }.into_any(),
        }
    };
    view! {
        <SortHeader label="Source" property="source" sort=sort.clone() address />
        {columns.iter().map(header).collect_view()}
    }
    .into_any()
}

fn row(summary: &SourceSummary, columns: &[Column], regions: &[String]) -> impl IntoView + use<> {
    let source = summary.source.id.to_string();
    let cells = columns
        .iter()
        .map(|column| cell(summary, column, regions))
        .collect_view();
    view! {
        <tr>
            <th scope="row">
                <a href=points_of(&source)>{source.clone()}</a>
            </th>
            {cells}
        </tr>
    }
}

fn cell(summary: &SourceSummary, column: &Column, regions: &[String]) -> AnyView {
    let label = column.label;
    let source = &summary.source;
    let text = |text: Option<String>| {
        view! { <td data-label=label>{text.unwrap_or_else(|| "unknown".to_owned())}</td> }.into_any()
    };
    match column.name {
        "standing" => {
            let (tone, standing) = match SourceFacts(summary).standing() {
                "within" => (Tone::Success, "Within target"),
                "behind" => (Tone::Error, "Behind target"),
                _ => (Tone::Stopped, "Nothing to restore"),
            };
            view! {
                <td data-label=label>
                    <Status tone>{standing}</Status>
                </td>
            }
            .into_any()
        }
        "restorable" => regions
            .iter()
            .map(|region| {
                let found = summary
                    .regions
                    .iter()
                    .find(|known| known.region.as_str() == region);
                restorable(region, found)
            })
            .collect_view()
            .into_any(),
        "newest" => {
            let age = summary
                .regions
                .iter()
                .find_map(|region| region.rpo.recovery_point_age_seconds);
            let href = summary
                .newest_recovery_point
                .as_ref()
                .map(|id| format!("/recovery-points/{id}"));
            view! {
                <td data-label=label>
                    {match (age, href) {
                        (Some(age), Some(href)) => view! { <a href=href>{format::duration(age)}</a> }.into_any(),
                        _ => view! { <span class="quiet">"none"</span> }.into_any(),
                    }}
                </td>
            }
            .into_any()
        }
        "target" => text(Some(format::duration(source.rpo_target_seconds))),
        "interval" => text(Some(format::duration(source.interval_seconds))),
        "engine" => text(source.engine.clone()),
        "class" => text(source.class.clone()),
        "region" => text(Some(source.region.to_string())),
        "account" => text(Some(source.account.to_string())),
        "arn" => view! {
            <td class="wide" data-label=label>
                <span class="with-copy">
                    <code>{source.arn.clone()}</code>
                    <CopyButton text=source.arn.clone() what="ARN" />
                    <ConsoleLink href=database(source) what="the DB instance" />
                </span>
            </td>
        }
        .into_any(),
        _ => ().into_any(),
    }
}

/// Its DB instance in the AWS console: the last part of its ARN is what RDS calls it.
fn database(source: &Source) -> String {
    let name = source
        .arn
        .rsplit_once(':')
        .map_or(source.id.as_str(), |(_, name)| name);
    recovery::console::database(&source.region, name)
}

/// How old the newest copy is that can be restored in a Region.
fn restorable(region: &str, found: Option<&RegionRpo>) -> AnyView {
    let label = format!("Restorable, {region}");
    let cell = match found {
        None => view! { <span class="quiet">"not asked for"</span> }.into_any(),
        Some(found) => {
            let (tone, age) = match found.rpo.restorable_age_seconds {
                Some(age) if found.rpo.within_target => (Tone::Success, format::duration(age)),
                Some(age) => (
                    Tone::Error,
                    format!(
                        "{}, {} over",
                        format::duration(age),
                        format::duration(age - found.rpo.target_seconds)
                    ),
                ),
                None => (Tone::Error, "none".to_owned()),
            };
            let status = view! { <Status tone>{age}</Status> };
            match &found.newest_restorable {
                Some(id) => view! {
                    <a class="plain" href=format!("/recovery-points/{id}")>
                        {status}
                    </a>
                }
                .into_any(),
                None => status.into_any(),
            }
        }
    };
    view! { <td data-label=label>{cell}</td> }.into_any()
}
