//! `/restores`: every run, newest first.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use recovery::run::Run;

use crate::api::restores::{RunList, list_runs};
use crate::components::loaded::{Loaded, refresh};
use crate::components::restore_progress::RunSubject;
use crate::components::run_status::RunStatus;
use crate::ui::empty_state::EmptyState;
use crate::ui::format::{self, TimeForm};
use crate::ui::link::with_query;
use crate::ui::pager::Pager;
use crate::ui::segmented::Segmented;
use crate::ui::table::TableFrame;
use crate::ui::time::{Ago, Time};

/// How often the page asks for news, seconds.
const REFRESH_SECONDS: u64 = 10;

/// The filter's choices: value in the address, and name.
const STATES: [(Option<&str>, &str); 5] = [
    (None, "All"),
    (Some("active"), "Under way"),
    (Some("proven"), "Proven"),
    (Some("failed"), "Failed"),
    (Some("cancelled"), "Cancelled"),
];

/// `/restores?state=&cursor=`.
#[component]
pub(crate) fn RestoresPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            let value = |name| query.get(name).filter(|value| !value.is_empty());
            (value("state"), value("cursor"))
        })
    });
    let list = Resource::new(move || asked.get(), |(state, cursor)| list_runs(state, cursor));
    refresh(move || list.refetch(), REFRESH_SECONDS);
    let choices = move || {
        let (state, _) = asked.get();
        STATES
            .into_iter()
            .map(|(value, name)| {
                let href = with_query("/restores", [("state", value)]);
                (href, name.to_owned(), state.as_deref() == value)
            })
            .collect::<Vec<_>>()
    };
    view! {
        <Title text="Restores" />
        <div class="page-head">
            <div class="headline">
                <h1>"Restores"</h1>
                <p>"Each one ends proven, failed or cancelled: never just done."</p>
            </div>
            <div class="tools">{move || view! { <Segmented label="State" choices=choices() /> }}</div>
        </div>
        <Loaded
            resource=list
            view=move |list| {
                let (state, cursor) = asked.get_untracked();
                view! { <List list state cursor /> }.into_any()
            }
        />
    }
}

#[component]
fn List(
    list: RunList,
    #[prop(optional_no_strip)] state: Option<String>,
    #[prop(optional_no_strip)] cursor: Option<String>,
) -> impl IntoView {
    let RunList { page, now } = list;
    let first = cursor
        .is_some()
        .then(|| with_query("/restores", [("state", state.as_deref())]));
    let next = page.next_cursor.as_deref().map(|cursor| {
        with_query(
            "/restores",
            [("state", state.as_deref()), ("cursor", Some(cursor))],
        )
    });
    if page.items.is_empty() {
        return if state.is_some() || cursor.is_some() {
            view! {
                <EmptyState title="No restore matches">
                    <p>
                        <a class="btn" href="/restores">
                            "Show all restores"
                        </a>
                    </p>
                </EmptyState>
            }
            .into_any()
        } else {
            view! {
                <EmptyState title="Nothing has been restored yet">
                    <p>"Choose a recovery point with a verified copy, and restore it into new DynamoDB tables."</p>
                    <p>
                        <a class="btn primary" href="/recovery-points?state=verified">
                            "Choose a recovery point"
                        </a>
                    </p>
                </EmptyState>
            }
            .into_any()
        };
    }
    view! {
        <section class="card list">
            <TableFrame label="Restores">
                <table class="grid rows">
                    <thead>
                        <tr>
                            <th scope="col">"Restore"</th>
                            <th scope="col">"State"</th>
                            <th scope="col">"From"</th>
                            <th scope="col">"To"</th>
                            <th scope="col" class="num">
                                "Rows"
                            </th>
                            <th scope="col" class="num">
                                "Took"
                            </th>
                            <th scope="col">"Asked for"</th>
                        </tr>
                    </thead>
                    <tbody>{page.items.iter().map(|run| row(run, now)).collect_view()}</tbody>
                </table>
            </TableFrame>
            <Pager first next />
        </section>
    }
    .into_any()
}

fn row(run: &Run, now: jiff::Timestamp) -> impl IntoView + use<> {
    let rows = if run.outcome.is_some() {
        format::count(run.items_written())
    } else {
        format!(
            "{} of {}",
            format::count(run.items_written()),
            format::count(run.rows_total())
        )
    };
    let at = run.requested_at;
    let took = run
        .ended_at
        .map(|ended| format::duration(ended.duration_since(at).as_secs().max(1)));
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/restores/{}", run.run_id)>
                    <RunSubject run />
                </a>
                <small class="quiet">
                    <code>{run.run_id.to_string()}</code>
                </small>
            </th>
            <td data-label="State">
                <RunStatus run />
            </td>
            <td data-label="From">
                <code>{run.region.to_string()}</code>
            </td>
            <td data-label="To">
                <code>{run.target_region.to_string()}</code>
                <small class="quiet">{format::counted(run.tables.len() as u64, "table", "tables")}</small>
            </td>
            <td class="num" data-label="Rows">
                {rows}
            </td>
            <td class="num" data-label="Took">
                {took}
            </td>
            <td data-label="Asked for">
                <Time at form=TimeForm::Short />
                <small class="quiet">
                    <Ago at now />
                    {format!(" by {}", run.requested_by)}
                </small>
            </td>
        </tr>
    }
}
