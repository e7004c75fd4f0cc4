//! `/restores/new`: from a copy to a plan, and from a plan to a run.
//!
//! The whole choice stands in the address: the form is a GET form, so that it works without wasm, can be sent to
//! somebody and survives a reload. With wasm the plan is made again whenever a choice changes.

mod choice;
mod command;
mod copy_section;
mod existing_fields;
mod preflight_section;
mod review;
mod table_section;
mod thaw_first;
mod way_section;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use recovery::actor::Permission;
use recovery::request::Draft;

use self::choice::Choice;
use self::copy_section::CopySection;
use self::existing_fields::ExistingFields;
use self::preflight_section::PreflightFields;
use self::review::ReviewPanel;
use self::table_section::{CapacityFields, TableFields};
use self::way_section::WayFields;
use crate::api::Failure;
use crate::api::restores::{NewRestore, Review, StartRestore, begin_restore, review_plan};
use crate::components::failure_view::FailureLine;
use crate::components::loaded::Loaded;
use crate::components::tables::TablesBrief;
use crate::components::viewer::refusal;
use crate::ui::crumbs::Crumbs;
use crate::ui::empty_state::EmptyState;
use crate::ui::format::{self, TimeForm};
use crate::ui::time::Time;

/// The plan of what is chosen; `None` until one is asked for.
type PlanResource = Resource<Option<Result<Review, Failure>>>;

/// `/restores/new?recovery_point=&region=&…`.
#[component]
pub(crate) fn NewRestorePage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let value = |name| query.get(name).filter(|value| !value.is_empty());
    let (id, region) = (value("recovery_point"), value("region"));
    // Reading every row takes a while, so the server does it only when asked to; a page that is live asks at once.
    let is_asked = query.get("review").is_some();
    let draft = Resource::new(
        || (),
        move |()| {
            let (id, region) = (id.clone(), region.clone());
            async move {
                match id {
                    Some(id) => begin_restore(id, region).await.map(Some),
                    None => Ok(None),
                }
            }
        },
    );
    let asked = query.clone();
    let plan = Resource::new(
        || (),
        move |()| {
            let asked = is_asked.then(|| asked.clone());
            async move {
                let query = asked?;
                let draft = draft.await.ok()??.draft.ok()?;
                Some(match Choice::of(&draft, &query).request(&draft) {
                    Ok(request) => review_plan(request).await,
                    Err(problems) => Err(Failure::Refused {
                        message: problems.join(" "),
                        hint: None,
                    }),
                })
            }
        },
    );
    let show = move |draft: Option<NewRestore>| match draft {
        Some(draft) => view! { <Content new=draft query=query.clone() plan /> }.into_any(),
        None => view! { <NothingChosen /> }.into_any(),
    };
    view! {
        <Title text="New restore" />
        <Loaded
            resource=draft
            alone=true
            view=show
        />
    }
}

#[component]
fn NothingChosen() -> impl IntoView {
    view! {
        <EmptyState title="Choose a recovery point first" alone=true>
            <p>"A restore begins with a recovery point that has a verified copy."</p>
            <p>
                <a class="btn primary" href="/recovery-points?state=verified">
                    "Choose a recovery point"
                </a>
            </p>
        </EmptyState>
    }
}

#[component]
fn Content(new: NewRestore, query: ParamsMap, plan: PlanResource) -> impl IntoView {
    let NewRestore { point, draft, now } = new;
    let at = point.created_at;
    let source = point.source.to_string();
    let title = format!("{source}, {}", format::time(at, 0, true, TimeForm::Full));
    let region = draft.as_ref().ok().map(|draft| draft.region.clone());
    let named = query.get("region");
    let tables = point.tables.clone();
    let above = vec![
        ("/recovery-points".to_owned(), "Recovery points".to_owned()),
        (format!("/recovery-points/{}", point.id), title),
    ];
    view! {
        <Crumbs above here="New restore" />
        <div class="page-head">
            <div class="headline">
                <h1>"Restore " {source} " of " <Time at form=TimeForm::Full /> " to DynamoDB"</h1>
                <p>"Nothing is written until you start it. It ends proven or failed, never just done."</p>
            </div>
        </div>
        {match draft {
            Ok(draft) => view! { <Chooser draft query plan named now /> }.into_any(),
            Err(failure) => {
                view! {
                    <div class="columns">
                        <div class="column">
                            <CopySection point region named now />
                            <section class="card" aria-labelledby="tables">
                                <header>
                                    <h2 id="tables">"Tables"</h2>
                                </header>
                                <TablesBrief tables />
                            </section>
                        </div>
                        <div class="column side">
                            <NotNow failure />
                        </div>
                    </div>
                }
                    .into_any()
            }
        }}
    }
}

/// In the place of the review, where there can be none.
#[component]
fn NotNow(failure: Failure) -> impl IntoView {
    let why = refusal(Permission::Restore).unwrap_or_else(|| "Choose a verified copy first".to_owned());
    view! {
        <aside class="panel still" aria-label="Review">
            <header>
                <h2>"Review"</h2>
            </header>
            <div class="panel-body">
                <FailureLine failure />
            </div>
            <footer class="panel-actions">
                <div class="action-row">
                    <button class="btn primary" disabled>
                        "Start restore"
                    </button>
                </div>
                <p class="why-not">{why} "."</p>
            </footer>
        </aside>
    }
}

#[component]
fn Chooser(
    draft: Draft,
    query: ParamsMap,
    plan: PlanResource,
    #[prop(optional_no_strip)] named: Option<String>,
    now: jiff::Timestamp,
) -> impl IntoView {
    let first = Choice::of(&draft, &query);
    let submits = if query.get("review").is_some() {
        ""
    } else {
        "at-once"
    };
    let start = ServerAction::<StartRestore>::new();
    let region = Some(draft.region.clone());
    let point_id = draft.point.id.to_string();
    let copy_region = draft.region.to_string();
    let rows: u64 = draft.tables.iter().map(|table| table.summary.rows).sum();
    let bytes: u64 = draft.tables.iter().map(|table| table.summary.bytes).sum();
    let meta = format!(
        "{} · {} · {}",
        format::counted(draft.tables.len() as u64, "table", "tables"),
        format::counted(rows, "row", "rows"),
        format::bytes(bytes)
    );
    view! {
        <div class="columns">
            <div class="column">
                <CopySection point=draft.point.clone() region named now />
                <form method="get" action="/restores/new" class="column" id="choice" data-replaces="" data-submits=submits>
                    <div class="column">
                        <input type="hidden" name="recovery_point" value=point_id />
                        <input type="hidden" name="region" value=copy_region />
                        <input type="hidden" name="review" value="1" />
                        <section class="card" aria-labelledby="tables">
                            <header>
                                <h2 id="tables">
                                    <span class="n">"2"</span>
                                    "Tables and keys"
                                </h2>
                                <span class="meta">{meta}</span>
                            </header>
                            <ul class="choose-tables">
                                {draft
                                    .tables
                                    .iter()
                                    .zip(&first.tables)
                                    .map(|(table, choice)| view! { <TableFields table choice /> })
                                    .collect_view()}
                            </ul>
                        </section>
                        <section class="card" aria-labelledby="target">
                            <header>
                                <h2 id="target">
                                    <span class="n">"3"</span>
                                    "Target"
                                </h2>
                                <span class="meta">"tables are created, or taken where they are there"</span>
                            </header>
                            <div class="fields">
                                <label class="field">
                                    <span>"DynamoDB in"</span>
                                    <select name="target_region">
                                        {draft
                                            .target_regions
                                            .iter()
                                            .map(|region| {
                                                let name = region.to_string();
                                                let is_selected = *region == first.target_region;
                                                let text = if *region == draft.region {
                                                    format!("{name} · where the copy is")
                                                } else {
                                                    name.clone()
                                                };
                                                view! {
                                                    <option value=name selected=is_selected>
                                                        {text}
                                                    </option>
                                                }
                                            })
                                            .collect_view()}
                                    </select>
                                </label>
                                <CapacityFields capacity=first.capacity />
                                <ExistingFields existing=first.existing max_write_units=first.max_write_units />
                            </div>
                        </section>
                        <WayFields way=first.way />
                        <PreflightFields depth=first.depth show_values=first.show_values />
                        <div class="action-row">
                            <button class="btn">"Review"</button>
                            <span class="quiet">
                                <span class="when-live">"The plan beside follows each choice."</span>
                            </span>
                        </div>
                    </div>
                </form>
            </div>
            <div class="column side">
                <ReviewPanel plan start />
            </div>
        </div>
    }
}
