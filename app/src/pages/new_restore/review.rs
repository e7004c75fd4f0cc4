//! The plan before it is run: what was found, what will be written, and the button that starts it.

use leptos::form::ActionForm;
use leptos::prelude::*;
use recovery::actor::Permission;
use recovery::plan::{Capacity, Existing, Way};
use recovery::preflight::{Choice, Depth, Preflight};
use recovery::request::{PlanRequest, Planned};

use super::PlanResource;
use super::choice::address;
use super::command::command;
use super::thaw_first::{ThawFirst, thaws};
use crate::api::restores::{Review, StartRestore};
use crate::components::estimate::EstimateTable;
use crate::components::failure_view::FailureLine;
use crate::components::findings::Findings;
use crate::components::viewer::refusal;
use crate::ui::copy_button::CopyLine;
use crate::ui::form::{Field, FieldKind};
use crate::ui::format::{self, TimeForm};
use crate::ui::link::encode;
use crate::ui::status::{Status, Tone};
use crate::ui::time::Time;

/// The review beside the form.
#[component]
pub(super) fn ReviewPanel(
    /// The plan; `None` until one is asked for.
    plan: PlanResource,
    /// Starts the run.
    start: ServerAction<StartRestore>,
) -> impl IntoView {
    view! {
        <aside class="panel still" aria-label="Review" id="review">
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    match plan.await {
                        Some(Ok(Review { planned: Planned { plan: Some(plan), preflight }, digest, request })) => {
                            let digest = digest.unwrap_or_default();
                            view! { <Plan plan preflight digest request start /> }.into_any()
                        }
                        Some(Ok(Review { planned: Planned { plan: None, preflight }, request, .. })) => {
                            view! { <NoPlan preflight request /> }.into_any()
                        }
                        Some(Err(failure)) => {
                            view! {
                                <header>
                                    <h2>"Review"</h2>
                                </header>
                                <div class="panel-body">
                                    <FailureLine failure />
                                </div>
                            }
                                .into_any()
                        }
                        None => {
                            view! {
                                <header>
                                    <h2>"Review"</h2>
                                    <Planning />
                                </header>
                                <div class="panel-body">
                                    <p class="quiet">
                                        "The plan, its preflight and the button to start it appear here when you press Review."
                                    </p>
                                </div>
                            }
                                .into_any()
                        }
                    }
                })}
            </Suspense>
        </aside>
    }
}

/// Says that a plan is being made; shown while the page that is live waits for one.
#[component]
fn Planning() -> impl IntoView {
    view! {
        <span class="when-busy" role="status">
            <Status tone=Tone::InProgress>"Reading the copy, proving the keys"</Status>
        </span>
    }
}

/// Where a choice leads from this page: the same request, so changed.
fn address_of(request: &PlanRequest) -> impl Fn(&Choice) -> Option<String> + use<> {
    let request = request.clone();
    move |choice| {
        let mut changed = request.clone();
        choice.apply(&mut changed);
        (changed != request && !changed.tables.is_empty()).then(|| address(&changed))
    }
}

/// Some table cannot be planned at all, or nothing before the copy is thawed.
#[component]
fn NoPlan(preflight: Preflight, request: PlanRequest) -> impl IntoView {
    let address = address_of(&request);
    let options = thaws(&preflight);
    if options.is_empty() {
        view! { <Forbidden preflight address /> }.into_any()
    } else {
        view! { <ThawFirst preflight request options address /> }.into_any()
    }
}

#[component]
fn Forbidden(preflight: Preflight, address: impl Fn(&Choice) -> Option<String>) -> impl IntoView {
    let blocking = preflight.blocking().count() as u64;
    let status = format!(
        "{} a plan",
        format::counted(blocking, "finding forbids", "findings forbid")
    );
    view! {
        <header>
            <h2>"No plan"</h2>
            <Status tone=Tone::Error>{status}</Status>
        </header>
        <div class="panel-body">
            <section>
                <h3>"Preflight"</h3>
                <Findings preflight address />
            </section>
        </div>
    }
}

/// A fact of the plan.
fn fact(name: &'static str, text: String) -> impl IntoView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{text}</dd>
        </div>
    }
}

#[component]
fn Plan(
    plan: recovery::plan::Plan,
    preflight: Preflight,
    digest: String,
    request: PlanRequest,
    start: ServerAction<StartRestore>,
) -> impl IntoView {
    let failure = start.value().get_untracked().and_then(Result::err);
    let blocking = preflight.blocking().count() as u64;
    let depth = preflight.depth;
    let estimate = preflight.estimate.clone();
    let address = address_of(&request);
    let cannot = refusal(Permission::Restore).or_else(|| {
        (blocking > 0).then(|| {
            format!(
                "{} must be solved first",
                format::counted(blocking, "finding", "findings")
            )
        })
    });
    let is_refused = cannot.is_some();
    // A plan was read from JSON; it is always written back.
    let json = serde_json::to_string(&plan).unwrap_or_default();
    let file = format!("plan-{}.json", digest.get(..12).unwrap_or(&digest));
    let download = format!("data:application/json;charset=utf-8,{}", encode(&json));
    let command = command(&plan, &request);
    let capacity = match plan.tables.first().map(|table| table.capacity) {
        Some(Capacity::Provisioned {
            read_units,
            write_units,
        }) => format!(
            "{} write and {} read units each",
            format::count(write_units),
            format::count(read_units)
        ),
        Some(Capacity::OnDemand) | None => "on demand".to_owned(),
    };
    let way = match plan.tables.first().map(|table| &table.way) {
        Some(Way::Import { bucket, prefix }) => view! {
            "import from "
            <code>{format!("s3://{bucket}/{prefix}")}</code>
        }
        .into_any(),
        Some(Way::Write) | None => "written in batches".into_any(),
    };
    let existing = match plan.tables.first().map(|table| table.existing) {
        Some(Existing::OnlyMissing) => Some("kept; only what is missing is written"),
        Some(Existing::Overwrite) => Some("overwritten where a row has their key"),
        Some(Existing::Refuse) | None => None,
    };
    let overwritten = plan
        .tables
        .iter()
        .filter(|table| table.existing == Existing::Overwrite)
        .map(|table| table.target.to_string())
        .collect::<Vec<_>>()
        .join(" ");
    let share = plan.tables.first().and_then(|table| table.pace.max_write_units);
    let fallbacks = plan
        .fallbacks
        .iter()
        .map(|copy| copy.region.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    let objects: u64 = plan.tables.iter().map(|table| table.objects.len() as u64).sum();
    let bytes: u64 = plan
        .tables
        .iter()
        .flat_map(|table| &table.objects)
        .map(|object| object.size)
        .sum();
    let tables = plan
        .tables
        .iter()
        .map(|table| {
            let partition = &table.key.partition.column;
            let key = match (table.key.synthetic, &table.key.sort) {
                (Some(kind), _) => format!("{partition}, added: {}", kind.description()),
                (None, Some(sort)) => format!("{partition} + {}", sort.column),
                (None, None) => partition.clone(),
            };
            view! {
                <tr>
                    <th scope="row">
                        <code>{table.target.to_string()}</code>
                        <small class="quiet">"key " {key}</small>
                    </th>
                    <td class="num">{format::counted(table.rows, "row", "rows")}</td>
                </tr>
            }
        })
        .collect_view();
    let status = if blocking > 0 {
        let text = format!(
            "{} the start",
            format::counted(blocking, "finding blocks", "findings block")
        );
        view! { <Status tone=Tone::Error>{text}</Status> }.into_any()
    } else {
        let text = match depth {
            Depth::Exact => "Ready to start",
            Depth::Quick => "Ready to start; every row is checked first",
        };
        view! { <Status tone=Tone::Success>{text}</Status> }.into_any()
    };
    view! {
        <header>
            <h2>
                {format!(
                    "{} to {}",
                    format::counted(plan.tables.len() as u64, "table", "tables"),
                    plan.target_region,
                )}
            </h2>
            {status} <Planning />
        </header>
        <div class="panel-body">
            <section>
                <h3>"Preflight"</h3>
                <Findings preflight address />
            </section>
            <section>
                <h3>"What it takes"</h3>
                <EstimateTable estimate />
            </section>
            <section>
                <h3>"What is written"</h3>
                <table class="brief">
                    <caption class="visually-hidden">"Target tables"</caption>
                    <tbody>{tables}</tbody>
                </table>
            </section>
            <dl class="facts">
                {plan
                    .copy
                    .data_as_of
                    .map(|at| {
                        view! {
                            <div>
                                <dt>"Data as of"</dt>
                                <dd>
                                    <Time at form=TimeForm::Full />
                                </dd>
                            </div>
                        }
                    })} <div>
                    <dt>"Reads"</dt>
                    <dd>
                        {format!("{}, {} from ", format::counted(objects, "object", "objects"), format::bytes(bytes))}
                        <code>{plan.copy.region.to_string()}</code>
                    </dd>
                </div> <div>
                    <dt>"Rows"</dt>
                    <dd>{format::count(plan.rows())}</dd>
                </div> <div>
                    <dt>"Capacity"</dt>
                    <dd>{capacity}</dd>
                </div> <div>
                    <dt>"Way"</dt>
                    <dd>{way}</dd>
                </div>
                {existing.map(|existing| fact("Existing items", existing.to_owned()))}
                {share.map(|units| fact("At most", format!("{} write units a second each", format::count(units))))}
                {(!fallbacks.is_empty()).then(|| fact("Goes on from, if its Region is lost", fallbacks))}
            </dl>
            <section>
                <h3>"Plan, SHA-256"</h3>
                <CopyLine text=digest what="digest" />
            </section>
            <section>
                <h3>"The same from a terminal"</h3>
                <CopyLine text=command what="command" wrap=true />
            </section>
        </div>
        <footer class="panel-actions">
            <ActionForm action=start attr:class="stack">
                <input type="hidden" name="plan" value=json />
                <Field
                    name="reason"
                    kind=FieldKind::Prose
                    hint="Ticket or a sentence"
                    length_max=500
                    disabled=is_refused
                >
                    "Reason, kept in the audit log"
                </Field>
                {(!overwritten.is_empty() && !is_refused)
                    .then(|| {
                        view! {
                            <Field name="overwrite" required=true>
                                "Items will be overwritten. Type "
                                <code>{overwritten}</code>
                                " to confirm"
                            </Field>
                        }
                    })}
                <div class="action-row">
                    <button class="btn primary" disabled=is_refused>
                        "Start restore"
                    </button>
                    <a class="btn" href=download download=file>
                        "Download plan"
                    </a>
                </div>
            </ActionForm>
            {cannot.map(|why| view! { <p class="why-not">{why} "."</p> })}
            {failure.map(|failure| view! { <FailureLine failure /> })}
        </footer>
    }
}
