//! `/restores/{id}`: a run as it goes, and how it ended.

use jiff::Timestamp;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use recovery::actor::Permission;
use recovery::awaited_thaw::AwaitedThaw;
use recovery::console;
use recovery::run::{Outcome, Pause, Phase, Run, TableRun};

use crate::api::restores::{CancelRestore, PauseRestore, RunView, read_run};
use crate::components::console_link::ConsoleLink;
use crate::components::failure_view::FailureLine;
use crate::components::live_status::LiveStatus;
use crate::components::loaded::Loaded;
use crate::components::pace::{Pace, pace_of_phase};
use crate::components::pause_button::PauseButton;
use crate::components::proof::Proof;
use crate::components::rate_chart::RateChart;
use crate::components::restore_progress::{Counts, Phases, RunSubject, TableBars};
use crate::components::run_status::{RunStatus, doing};
use crate::components::viewer::refusal;
use crate::ui::copy_button::CopyLine;
use crate::ui::crumbs::Crumbs;
use crate::ui::dialog::Dialog;
use crate::ui::format::{self, TimeForm};
use crate::ui::status::{Status, Tone};
use crate::ui::time::Time;

/// How often the page asks for the run where its stream of events does not come through, seconds.
const REFRESH_SECONDS: u32 = 4;

/// `/restores/{id}`.
#[component]
pub(crate) fn RestorePage() -> impl IntoView {
    let params = use_params_map().get_untracked();
    let id = params.get("id").unwrap_or_default();
    let cancel = ServerAction::<CancelRestore>::new();
    let pause = ServerAction::<PauseRestore>::new();
    let run = Resource::new(|| (), move |()| read_run(id.clone()));
    view! { <Loaded resource=run alone=true view=move |view| view! { <Content view cancel pause /> }.into_any() /> }
}

#[component]
fn Content(
    view: RunView,
    cancel: ServerAction<CancelRestore>,
    pause: ServerAction<PauseRestore>,
) -> impl IntoView {
    let RunView { run, now } = view;
    let run = &run;
    let id = run.run_id.to_string();
    let is_active = run.outcome.is_none();
    let pace = pace_of_phase(run, now);
    let title = format!("Restore {id}");
    let events = format!("/api/v1/restores/{id}/events");
    let tools = is_active.then(|| {
        view! {
            <LiveStatus every=REFRESH_SECONDS events now />
            <button type="button" class="btn when-live" data-notifies="" aria-pressed="false">
                "Notify me"
            </button>
            <PauseButton run pause />
            <CancelButton run cancel />
        }
    });
    let failure = run.failure.clone().map(|failure| {
        view! {
            <div class="alert error" role="alert">
                <Status tone=Tone::Error>{failure.message}</Status>
                {failure.hint.map(|hint| view! { <p>{hint}</p> })}
            </div>
        }
    });
    view! {
        <Title text=title />
        // Without scripts the page asks again by itself.
        {is_active.then(|| view! { <noscript inner_html="<meta http-equiv=\"refresh\" content=\"3\">"></noscript> })}
        <Crumbs above=vec![("/restores".to_owned(), "Restores".to_owned())] here=id />
        <div class="page-head">
            <div class="headline">
                <h1>
                    {verb(run.phase, run.outcome)} " " <RunSubject run /> " in " {run.target_region.to_string()}
                </h1>
                <p>{summary(run, pace.as_ref())}</p>
                <p class="visually-hidden" role="status">
                    {announce(run.phase, run.outcome, run.pause == Pause::Paused)}
                </p>
            </div>
            <div class="tools">{tools}</div>
        </div>
        {failure}
        <div class="columns">
            <div class="column">
                <section class="card" aria-label="Phases">
                    <Phases run />
                </section>
                <section class="card" aria-labelledby="progress">
                    <header>
                        <h2 id="progress">"Tables"</h2>
                        <span class="meta">"rows that DynamoDB has acknowledged"</span>
                        <RunStatus run />
                    </header>
                    {is_active.then(|| view! { <Counts run pace /> })}
                    <TableBars run />
                    <RateChart run />
                </section>
                <section class="card" aria-labelledby="proof">
                    <header>
                        <h2 id="proof">"Proof"</h2>
                        <span class="meta">"a digest over every row, independent of their order"</span>
                    </header>
                    <Proof run />
                </section>
            </div>
            <div class="column side">
                <Facts run />
            </div>
        </div>
    }
}

/// The page's title begins with what is done.
fn verb(phase: Phase, outcome: Option<Outcome>) -> &'static str {
    match (phase, outcome) {
        (_, Some(Outcome::Proven)) => "Restored",
        (_, Some(Outcome::Failed)) => "Failed to restore",
        (_, Some(Outcome::Cancelled)) => "Cancelled restoring",
        (Phase::Queued | Phase::Thawing, None) => "About to restore",
        (Phase::Proving, None) => "Proving",
        (Phase::Checking | Phase::CreatingTables | Phase::Writing | Phase::Ended, None) => "Restoring",
    }
}

/// What assistive technology hears when a phase begins, or the run rests: phases, not percentages.
fn announce(phase: Phase, outcome: Option<Outcome>, rests: bool) -> &'static str {
    match outcome {
        Some(Outcome::Proven) => "The restore is proven.",
        Some(Outcome::Failed) => "The restore has failed.",
        Some(Outcome::Cancelled) => "The restore was cancelled.",
        None if rests => "The restore is paused.",
        None => doing(phase),
    }
}

/// One sentence on how it stands.
fn summary(run: &Run, pace: Option<&Pace>) -> String {
    let total = run.rows_total();
    let rows = format::counted(total, "row", "rows");
    let took = run
        .ended_at
        .map(|ended| format::duration(ended.duration_since(run.requested_at).as_secs().max(1)));
    let took = took.unwrap_or_default();
    match (run.outcome, run.phase) {
        (Some(Outcome::Proven), _) if run.items_written() == total => {
            format!("{rows} were written, read back from DynamoDB and found equal to the copy, in {took}.")
        }
        (Some(Outcome::Proven), _) => {
            let proven = run.tables.iter().map(TableRun::rows_proven).sum();
            let stayed = match total.saturating_sub(proven) {
                0 => String::new(),
                others => format!(
                    " Under {} other items lie, which stayed as they were.",
                    format::counted(others, "key", "keys")
                ),
            };
            format!(
                "{} of {rows} were read back from DynamoDB and found equal to the copy, in {took}; {} of them were written, the \
                 others were there before.{stayed}",
                format::count(proven),
                format::count(run.items_written())
            )
        }
        (Some(Outcome::Failed), _) => format!(
            "It ended after {took}. {} of {rows} had been written; they are still in the target tables.",
            format::count(run.items_written())
        ),
        (Some(Outcome::Cancelled), _) => format!(
            "It was stopped after {took}. {} of {rows} had been written; they are still in the target tables.",
            format::count(run.items_written())
        ),
        (None, _) if run.cancel_requested => {
            "It stops as soon as what is in flight has been acknowledged.".to_owned()
        }
        (None, _) if run.pause == Pause::Asked => {
            "It rests as soon as what is in flight has been acknowledged.".to_owned()
        }
        (None, _) if run.pause == Pause::Paused && run.waits_for_thaw() => {
            "It rests until somebody resumes it. S3 goes on with the thaw, and what is thawed freezes again when its days \
             are over."
                .to_owned()
        }
        (None, _) if run.pause == Pause::Paused => {
            "It rests until somebody resumes it, and then goes on from what is recorded.".to_owned()
        }
        (None, Phase::Queued) => "It begins as soon as a server takes it up.".to_owned(),
        (None, Phase::Thawing) => thawing(run),
        (None, Phase::Checking) => {
            "The plan is checked once more against the copy and the targets.".to_owned()
        }
        (None, Phase::CreatingTables) => "The target tables are being created.".to_owned(),
        (None, Phase::Writing) => match pace.and_then(|pace| Some((pace.seconds_left?, pace.basis))) {
            Some((seconds, basis)) => format!(
                "About {} of writing left, {basis}; then every row is read back and compared.",
                format::duration(seconds)
            ),
            None => "Rows are being written; then every row is read back and compared.".to_owned(),
        },
        (None, Phase::Proving | Phase::Ended) => {
            "Every row is being read back from DynamoDB and compared with the copy.".to_owned()
        }
    }
}

/// How it stands with the thaw that it waits for.
fn thawing(run: &Run) -> String {
    let Some(thaw) = &run.thaw else {
        return String::new();
    };
    if let Some(obstacle) = &thaw.obstacle {
        return format!("It waits, and is tried again: {obstacle}.");
    }
    if thaw.readable >= thaw.objects {
        return "The copy is thawed. The plan is made, and every row is read before anything is written."
            .to_owned();
    }
    let by = thaw
        .expected_by
        .map(|at| format!(" by about {}", format::time(at, 0, true, TimeForm::ShortZone)))
        .unwrap_or_default();
    format!(
        "It waits until S3 has thawed the copy{by}: {} of {} can be read.",
        format::count(thaw.readable),
        format::counted(thaw.objects, "object", "objects")
    )
}

/// Asks before it stops a run. Without scripts the button stops it at once.
#[component]
fn CancelButton<'a>(run: &'a Run, cancel: ServerAction<CancelRestore>) -> impl IntoView + use<> {
    let refused = refusal(Permission::Cancel);
    let is_stopping = run.cancel_requested;
    let cannot = refused.is_some() || is_stopping;
    let failure = cancel.value().get_untracked().and_then(Result::err);
    let id = run.run_id.to_string();
    let again = id.clone();
    view! {
        <ActionForm action=cancel>
            <input type="hidden" name="id" value=id />
            <button class="btn" disabled=cannot data-opens="cancel-dialog">
                {if is_stopping { "Stopping…" } else { "Cancel restore" }}
            </button>
        </ActionForm>
        {refused.map(|why| view! { <p class="why-not">{why}</p> })}
        {failure.map(|failure| view! { <FailureLine failure /> })}
        <Dialog id="cancel-dialog" title="Cancel this restore?">
            <p>
                "What has been written stays in the target tables. To restore again, delete them or choose other names."
            </p>
            <div class="dialog-actions">
                <button type="button" class="btn" data-closes="">
                    "Go on restoring"
                </button>
                <ActionForm action=cancel>
                    <input type="hidden" name="id" value=again />
                    <button class="btn danger">"Cancel restore"</button>
                </ActionForm>
            </div>
        </Dialog>
    }
}

/// What it restores from where to where, who asked for it and why.
#[component]
fn Facts<'a>(run: &'a Run) -> impl IntoView + use<> {
    let retries: u64 = run.tables.iter().map(|table| table.retries).sum();
    let point = run
        .recovery_point
        .as_ref()
        .map(|id| (format!("/recovery-points/{id}"), run.data_as_of));
    let source = run.source.as_ref().map(ToString::to_string);
    let asked_at: Timestamp = run.requested_at;
    let place = run
        .copy
        .strip_prefix("s3://")
        .and_then(|place| place.split_once('/'));
    let console = place.map(|(bucket, prefix)| {
        view! { <ConsoleLink href=console::prefix(&run.region, bucket, prefix) what="the copy" /> }
    });
    let thaw = run
        .thaw
        .as_ref()
        .map_or_else(|| "not needed".to_owned(), AwaitedThaw::terms);
    view! {
        <section class="card" aria-labelledby="facts">
            <header>
                <h2 id="facts">"Run"</h2>
            </header>
            <dl class="facts">
                {source
                    .map(|source| {
                        view! {
                            <div>
                                <dt>"Source"</dt>
                                <dd>{source}</dd>
                            </div>
                        }
                    })}
                {point
                    .map(|(href, at)| {
                        view! {
                            <div>
                                <dt>"Data as of"</dt>
                                <dd>
                                    <a href=href>
                                        {match at {
                                            Some(at) => view! { <Time at form=TimeForm::Full /> }.into_any(),
                                            None => "recovery point".into_any(),
                                        }}
                                    </a>
                                </dd>
                            </div>
                        }
                    })} <div>
                    <dt>"Copy"</dt>
                    <dd>
                        <code>{run.region.to_string()}</code>
                    </dd>
                </div> <div>
                    <dt>"Target"</dt>
                    <dd>
                        "DynamoDB " <code>{run.target_region.to_string()}</code>
                    </dd>
                </div> <div>
                    <dt>"Asked for"</dt>
                    <dd>
                        <Time at=asked_at form=TimeForm::Seconds />
                    </dd>
                </div> <div>
                    <dt>"By"</dt>
                    <dd>{run.requested_by.clone()}</dd>
                </div>
                {run
                    .reason
                    .clone()
                    .map(|reason| {
                        view! {
                            <div>
                                <dt>"Reason"</dt>
                                <dd>{reason}</dd>
                            </div>
                        }
                    })} <div>
                    <dt>"Thaw"</dt>
                    <dd>{thaw}</dd>
                </div> <div>
                    <dt>"Retries"</dt>
                    <dd>{format::count(retries)}</dd>
                </div> <div>
                    <dt>"Taken up again"</dt>
                    <dd>{format::counted(run.resumed.into(), "time", "times")}</dd>
                </div>
            </dl>
            {run
                .went_on_from
                .iter()
                .map(|copy| {
                    view! {
                        <p class="why-not">
                            "Went on from the identical copy in " <code>{copy.region.to_string()}</code> ", because "
                            {copy.because.clone()}
                        </p>
                    }
                })
                .collect_view()}
            <h3>"Run"</h3>
            <CopyLine text=run.run_id.to_string() what="run" wrap=true />
            <h3>"Copy"</h3>
            <CopyLine text=run.copy.clone() what="address" wrap=true />
            {console}
            {run
                .plan_digest
                .clone()
                .map(|digest| {
                    view! {
                        <h3>"Plan, SHA-256"</h3>
                        <CopyLine text=digest what="digest" wrap=true />
                    }
                })}
            <p class="more">
                <a href=format!("/audit?subject={}", run.run_id)>"Entries in the audit log"</a>
            </p>
        </section>
    }
}
