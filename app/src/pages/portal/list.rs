//! `/portal`: every database of the reader, and whether its data is safe.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use recovery::page::Page;
use recovery::portal::{Database, summary};

use super::safety::{Facts, Notes, ran_by, since, tone};
use super::words::Words;
use crate::api::portal::read_portal;
use crate::components::loaded::Loaded;
use crate::ui::empty_state::EmptyState;
use crate::ui::link::{encode, with_query};
use crate::ui::status::{Status, StatusIcon};
use crate::ui::time::Time;

/// `/portal?cursor=`.
#[component]
pub(crate) fn PortalPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let cursor = query.get("cursor").filter(|cursor| !cursor.is_empty());
    let portal = Resource::new(|| (), move |()| read_portal(cursor.clone()));
    view! {
        <Title text="Your databases" />
        <Loaded resource=portal alone=true view=move |page| view! { <Content page /> }.into_any() />
    }
}

#[component]
fn Content(page: Page<Database>) -> impl IntoView {
    let Page { items, next_cursor } = page;
    if items.is_empty() {
        return view! {
            <EmptyState title="No database is here yet" alone=true>
                <p>"A database appears here once its first backup was made. Ask whoever runs your backups when that will be."</p>
            </EmptyState>
        }
        .into_any();
    }
    let (standing, headline) = summary(&items);
    let now = items.first().map(|database| database.now);
    view! {
        <div class="page-head">
            <div class="headline">
                <h1>
                    <StatusIcon tone=tone(standing) />
                    {headline}
                </h1>
                <p>
                    "Whether your data could be brought back, from where, and how recent it would be. "
                    {now.map(|at| view! { <span class="quiet">"As of " <Time at /> "."</span> })}
                </p>
            </div>
        </div>
        <div class="column">
            {items.into_iter().map(|database| view! { <Card database /> }).collect_view()} <Words />
        </div>
        {next_cursor
            .map(|cursor| {
                let href = with_query("/portal", [("cursor", Some(cursor.as_str()))]);
                view! {
                    <nav class="pager" aria-label="Pages">
                        <a class="btn" href=href rel="next">
                            "More databases"
                        </a>
                    </nav>
                }
            })}
    }
    .into_any()
}

/// One database.
#[component]
fn Card(database: Database) -> impl IntoView {
    let name = database.id.to_string();
    let id = format!("database-{name}");
    let labelledby = id.clone();
    let href = format!("/portal/databases/{}", encode(&name));
    let safety = database.safety.clone();
    let headline = safety.headline.clone();
    view! {
        <section class="card portal-card" aria-labelledby=labelledby>
            <header>
                <h2 id=id>
                    <a href=href.clone()>{name.clone()}</a>
                </h2>
                <span class="meta">{ran_by(&database)}</span>
                <Status tone=tone(safety.standing)>{headline}</Status>
            </header>
            {since(&database)}
            <Facts database />
            <Notes safety />
            <p class="portal-more">
                <a href=href>{format!("Backups, evidence and restores of {name}")}</a>
            </p>
        </section>
    }
}
