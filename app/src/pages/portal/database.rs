//! `/portal/databases/{database}`: where its copies lie, its backups with their evidence, and what was restored.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use recovery::place::Place;
use recovery::portal::{Backup, CopyOfBackup, CopyState, Details, Ended, Kept, Restore};

use super::safety::{Facts, Notes, ran_by, since, standing_of, tone};
use super::words::Words;
use crate::api::portal::read_portal_database;
use crate::components::live_status::LiveStatus;
use crate::components::loaded::Loaded;
use crate::ui::crumbs::Crumbs;
use crate::ui::format::{self, TimeForm};
use crate::ui::link::{encode, with_query};
use crate::ui::status::{Status, StatusIcon, Tone};
use crate::ui::table::TableFrame;
use crate::ui::time::{Ago, Time};

/// How often the page asks for news, seconds.
const REFRESH_SECONDS: u32 = 60;

/// `/portal/databases/{database}?before=`.
#[component]
pub(crate) fn PortalDatabasePage() -> impl IntoView {
    let name = use_params_map()
        .get_untracked()
        .get("database")
        .unwrap_or_default();
    let query = use_query_map().get_untracked();
    let before = query.get("before").filter(|before| !before.is_empty());
    let details = Resource::new(
        || (),
        move |()| read_portal_database(name.clone(), before.clone()),
    );
    view! { <Loaded resource=details alone=true view=move |details| view! { <Content details /> }.into_any() /> }
}

#[component]
fn Content(details: Details) -> impl IntoView {
    let Details {
        database,
        backups,
        older,
        restores,
        restores_are_all,
    } = details;
    let name = database.id.to_string();
    let own = format!("/portal/databases/{}", encode(&name));
    let now = database.now;
    let kept = database.safety.kept.clone();
    view! {
        <Title text=name.clone() />
        <Crumbs above=vec![("/portal".to_owned(), "Your databases".to_owned())] here=name.clone() />
        <div class="page-head">
            <div class="headline">
                <h1>
                    <StatusIcon tone=tone(database.safety.standing) />
                    {format!("{name}: {}", lower_first(&database.safety.headline))}
                </h1>
                <p>{ran_by(&database)} <span class="quiet">". As of " <Time at=now /> "."</span></p>
                {since(&database)}
            </div>
            <div class="tools">
                <LiveStatus every=REFRESH_SECONDS now />
            </div>
        </div>
        <div class="column">
            <section class="card portal-card" aria-labelledby="glance">
                <h2 class="visually-hidden" id="glance">
                    "At a glance"
                </h2>
                <Facts database=database.clone() />
                <Notes safety=database.safety.clone() />
            </section>
            <Places kept=kept.clone() now />
            <Restores restores all=restores_are_all />
            <Backups name=name.clone() kept backups older own />
            <Words />
        </div>
    }
}

/// `Your data is safe` behind a name and a colon.
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// A place's name and code.
fn place_name(place: &Place) -> impl IntoView + use<> {
    let code = place.name.is_some().then(|| place.region.to_string());
    view! {
        {place.words().to_owned()}
        {code
            .map(|code| {
                view! {
                    <small>
                        <code>{code}</code>
                    </small>
                }
            })}
    }
}

/// Where copies lie, and how recent they are.
#[component]
fn Places(kept: Vec<Kept>, now: jiff::Timestamp) -> impl IntoView {
    (!kept.is_empty()).then(|| {
        view! {
            <section class="card list" aria-labelledby="places">
                <header>
                    <h2 id="places">"Where your data lies"</h2>
                    <span class="meta">"every place that must keep a copy"</span>
                </header>
                <TableFrame label="Places">
                    <table class="grid rows">
                        <thead>
                            <tr>
                                <th scope="col">"Place"</th>
                                <th scope="col">"Status"</th>
                                <th scope="col">"Newest checked copy"</th>
                                <th scope="col">"Agreed"</th>
                            </tr>
                        </thead>
                        <tbody>{kept.into_iter().map(|kept| place_row(&kept, now)).collect_view()}</tbody>
                    </table>
                </TableFrame>
            </section>
        }
    })
}

fn place_row(kept: &Kept, now: jiff::Timestamp) -> impl IntoView + use<> {
    let (tone, words) = standing_of(kept);
    let late = kept.late_since;
    let unreachable = kept.unreachable_since;
    view! {
        <tr>
            <th scope="row">{place_name(&kept.place)}</th>
            <td data-label="Status">
                <Status tone>{words}</Status>
                {late.map(|at| view! { <small>"since " <Time at form=TimeForm::ShortZone /></small> })}
                {unreachable.map(|at| view! { <small>"not reached since " <Time at form=TimeForm::ShortZone /></small> })}
            </td>
            <td data-label="Newest checked copy">
                {match kept.newest_copy_at {
                    Some(at) => {
                        view! {
                            <Ago at now />
                            <small>
                                <Time at form=TimeForm::ShortZone />
                            </small>
                        }
                        .into_any()
                    }
                    None => "none".into_any(),
                }}
            </td>
            <td data-label="Agreed">{format!("at most {} old", format::duration(kept.agreed_age_seconds))}</td>
        </tr>
    }
}

/// Backups, each with its copies in every place and their evidence.
#[component]
fn Backups(
    name: String,
    kept: Vec<Kept>,
    backups: Vec<Backup>,
    older: Option<String>,
    own: String,
) -> impl IntoView {
    let older = older.map(|before| with_query(&own, [("before", Some(before.as_str()))]));
    // Where copies must be, and where some of these are although they no longer must be.
    let mut places: Vec<Place> = kept.into_iter().map(|kept| kept.place).collect();
    for copy in backups.iter().flat_map(|backup| &backup.copies) {
        if !places.contains(&copy.place) {
            places.push(copy.place.clone());
        }
    }
    let heads = places
        .iter()
        .map(|place| view! { <th scope="col">{place.words().to_owned()}</th> })
        .collect_view();
    let rows = if backups.is_empty() {
        view! { <p class="note">"No backup is known."</p> }.into_any()
    } else {
        view! {
            <TableFrame label="Backups">
                <table class="grid rows portal-backups">
                    <thead>
                        <tr>
                            <th scope="col">"Your data as of"</th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{backups.into_iter().map(|backup| backup_row(&name, &places, &backup)).collect_view()}</tbody>
                </table>
            </TableFrame>
        }
        .into_any()
    };
    view! {
        <section class="card list" aria-labelledby="backups">
            <header>
                <h2 id="backups">"Backups and their copies"</h2>
                <span class="meta">
                    "newest first. The evidence of a check lists every file of a copy with its checksum."
                </span>
            </header>
            {rows}
            {older
                .map(|href| {
                    view! {
                        <nav class="pager" aria-label="Backups">
                            <a class="btn" href=own>
                                "Newest"
                            </a>
                            <a class="btn" href=href rel="next">
                                "Older backups"
                            </a>
                        </nav>
                    }
                })}
        </section>
    }
}

fn backup_row(name: &str, places: &[Place], backup: &Backup) -> impl IntoView + use<> {
    let base = format!(
        "/api/v1/portal/databases/{}/backups/{}/copies",
        encode(name),
        backup.id
    );
    let at = backup.at;
    let cells = match &backup.without_copies {
        Some(why) => view! {
            <td class="quiet" colspan=places.len().max(1).to_string()>
                {why.clone()}
            </td>
        }
        .into_any(),
        None => places
            .iter()
            .map(|place| {
                let copy = backup.copies.iter().find(|copy| copy.place == *place);
                let cell = match copy {
                    Some(copy) => copy_cell(&base, at, copy).into_any(),
                    None => view! { <span class="quiet">"no copy"</span> }.into_any(),
                };
                view! { <td data-label=place.words().to_owned()>{cell}</td> }
            })
            .collect_view()
            .into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <Time at />
            </th>
            {cells}
        </tr>
    }
}

fn copy_cell(base: &str, at: jiff::Timestamp, copy: &CopyOfBackup) -> impl IntoView + use<> {
    let (tone, words) = match copy.state {
        CopyState::Checked => (Tone::Success, "Checked"),
        CopyState::Arriving => (Tone::Pending, "On its way"),
        CopyState::Damaged => (Tone::Error, "Damaged or incomplete"),
        CopyState::Unreachable => (Tone::Warning, "Could not be looked at"),
        CopyState::Ended => (Tone::Stopped, "Kept no longer"),
    };
    let evidence = copy.has_evidence.then(|| {
        let href = format!("{base}/{}/evidence", copy.place.region);
        let label = format!(
            "Evidence of the copy in {}, {}",
            copy.place.words(),
            format::time(at, 0, true, TimeForm::Full)
        );
        view! {
            <a href=href rel="external" download="" aria-label=label>
                "Evidence"
            </a>
        }
    });
    view! {
        <span class="portal-copy">
            <Status tone>{words}</Status>
            {evidence}
        </span>
    }
}

/// What was restored.
#[component]
fn Restores(restores: Vec<Restore>, all: bool) -> impl IntoView {
    let is_empty = restores.is_empty();
    view! {
        <section class="card list" aria-labelledby="restores">
            <header>
                <h2 id="restores">"What was restored"</h2>
                <span class="meta">"newest first"</span>
            </header>
            {if is_empty {
                view! { <p class="note">"Nothing of this database has been restored."</p> }.into_any()
            } else {
                view! {
                    <TableFrame label="Restores">
                        <table class="grid rows">
                            <thead>
                                <tr>
                                    <th scope="col">"Asked for"</th>
                                    <th scope="col">"Result"</th>
                                    <th scope="col">"Data as of"</th>
                                    <th scope="col">"From"</th>
                                    <th scope="col">"Into"</th>
                                    <th scope="col">"Tables"</th>
                                </tr>
                            </thead>
                            <tbody>{restores.into_iter().map(restore_row).collect_view()}</tbody>
                        </table>
                    </TableFrame>
                }
                .into_any()
            }}
            {(!all && !is_empty).then(|| view! { <p class="note">"Older restores are not listed here."</p> })}
        </section>
    }
}

fn restore_row(restore: Restore) -> impl IntoView {
    let (tone, words) = match restore.ended {
        None => (Tone::InProgress, "Under way"),
        Some(Ended::Proven) => (Tone::Success, "Complete, every row found equal"),
        Some(Ended::Failed) => (Tone::Error, "Failed"),
        Some(Ended::Stopped) => (Tone::Stopped, "Stopped before its end"),
    };
    let ended = restore.ended_at;
    view! {
        <tr>
            <th scope="row">
                <Time at=restore.asked_at />
                <small class="quiet">{restore.id.to_string()}</small>
            </th>
            <td data-label="Result">
                <Status tone>{words}</Status>
                {ended.map(|at| view! { <small>"ended " <Time at form=TimeForm::ShortZone /></small> })}
            </td>
            <td data-label="Data as of">
                {match restore.data_of {
                    Some(at) => view! { <Time at form=TimeForm::ShortZone /> }.into_any(),
                    None => "not recorded".into_any(),
                }}
            </td>
            <td data-label="From">{place_name(&restore.from)}</td>
            <td data-label="Into">{place_name(&restore.into)}</td>
            <td data-label="Tables" class="wide">
                {restore
                    .tables
                    .into_iter()
                    .map(|table| {
                        let rows = format::counted(table.rows, "row", "rows");
                        view! { <div>{format!("{}, {rows}", table.name)}</div> }
                    })
                    .collect_view()}
            </td>
        </tr>
    }
}
