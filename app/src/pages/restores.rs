//! `/restores`: every run, newest first.

use leptos::prelude::*;
use leptos_meta::Title;
use recovery::run::Run;

use crate::api::restores::{RunList, list_runs};
use crate::components::live_status::LiveStatus;
use crate::components::loaded::Loaded;
use crate::components::restore_progress::RunSubject;
use crate::components::run_status::RunStatus;
use crate::ui::format::{self, TimeForm};
use crate::ui::link::with_query;
use crate::ui::pager::{EmptyPage, Listing, Pager};
use crate::ui::segmented::Segmented;
use crate::ui::table::TableFrame;
use crate::ui::time::{Ago, Time};

/// How often the page asks for news, seconds.
const REFRESH_SECONDS: u32 = 10;

/// The filter's choices: value in the address, and name.
const STATES: [(Option<&str>, &str); 5] = [
    (None, "All"),
    (Some("active"), "Under way"),
    (Some("proven"), "Proven"),
    (Some("failed"), "Failed"),
    (Some("cancelled"), "Cancelled"),
];

/// The list's own path.
const PATH: &str = "/restores";

/// `/restores?state=&cursor=`.
#[component]
pub(crate) fn RestoresPage() -> impl IntoView {
    let asked = Listing::of_address(PATH, &["state"]);
    let request = asked.clone();
    let list = Resource::new(
        || (),
        move |()| list_runs(request.filter("state"), request.cursor.clone()),
    );
    let state = asked.filter("state");
    let choices = STATES
        .into_iter()
        .map(|(value, name)| {
            let href = with_query(PATH, [("state", value)]);
            (href, name.to_owned(), state.as_deref() == value)
        })
        .collect();
    view! {
        <Title text="Restores" />
        <div class="page-head">
            <div class="headline">
                <h1>"Restores"</h1>
                <p>"Each one ends proven, failed or cancelled: never just done."</p>
            </div>
            <div class="tools"><Segmented label="State" choices /></div>
        </div>
        <Loaded
            resource=list
            view=move |list: RunList| {
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
    }
}

#[component]
fn List(list: RunList, listing: Listing) -> impl IntoView {
    let RunList { page, now } = list;
    if page.items.is_empty() {
        return view! {
            <EmptyPage
                listing
                no_match="No restore matches"
                show_all="Show all restores"
                none_yet="Nothing has been restored yet"
            >
                <p>"Choose a recovery point with a verified copy, and restore it into new DynamoDB tables."</p>
                <p>
                    <a class="btn primary" href="/recovery-points?state=verified">
                        "Choose a recovery point"
                    </a>
                </p>
            </EmptyPage>
        }
        .into_any();
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
            <Pager listing next=page.next_cursor />
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
