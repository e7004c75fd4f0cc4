//! How far a run is: on the overview in a card, on its page in full.

use jiff::Timestamp;
use leptos::prelude::*;
use recovery::run::{Outcome, Pause, Phase, Run, TableRun};

use super::pace::{Pace, pace_of_phase, rows_done};
use super::run_status::{RunStatus, doing};
use crate::ui::bar::{Bar, BarTone};
use crate::ui::format::{self, TimeForm};
use crate::ui::status::Tone;
use crate::ui::steps::{Direction, StepView, Steps};
use crate::ui::time::Time;

/// What a run restores, in a line: `tvshows of 20 Nov, 06:00`.
#[component]
pub(crate) fn RunSubject<'a>(
    /// The run.
    run: &'a Run,
) -> impl IntoView + use<> {
    let source = run.source.as_ref().map_or_else(
        || {
            run.tables
                .first()
                .map_or_else(|| "export".to_owned(), |table| table.source.database().to_owned())
        },
        ToString::to_string,
    );
    view! {
        {source}
        {run
            .data_as_of
            .map(|at| {
                view! {
                    " of "
                    <Time at form=TimeForm::Short />
                }
            })}
    }
}

/// A restore under way, for the overview.
#[component]
pub(crate) fn ActiveRun(
    /// The run.
    run: Run,
    /// Now, as the data say.
    now: Timestamp,
) -> impl IntoView {
    let href = format!("/restores/{}", run.run_id);
    let pace = pace_of_phase(&run, now);
    let percent = format::percent(rows_done(&run), run.rows_total());
    view! {
        <section class="card active-run" aria-label="Restore in progress">
            <header>
                <h2>
                    <a href=href>"Restore in progress"</a>
                </h2>
                <span class="meta">
                    <RunSubject run=&run />
                    " → DynamoDB in "
                    <code>{run.target_region.to_string()}</code>
                    {format!(" · by {}", run.requested_by)}
                </span>
                <RunStatus run=&run />
            </header>
            <Counts run=&run pace />
            <Bar percent tone=BarTone::Running label="Rows done" />
        </section>
    }
}

/// Rows, bytes, rate, and what is left.
#[component]
pub(crate) fn Counts<'a>(
    /// The run.
    run: &'a Run,
    /// Its pace.
    #[prop(optional_no_strip)]
    pace: Option<Pace>,
) -> impl IntoView + use<> {
    let done = rows_done(run);
    let verb = if run.phase == Phase::Proving {
        "rows read back"
    } else {
        "rows written"
    };
    let bytes: u64 = run.tables.iter().map(|table| table.bytes_written).sum();
    let rate = pace
        .as_ref()
        .map(|pace| format!(" · {} rows/s", format::count(pace.rows_per_second)));
    let left = pace.and_then(|pace| {
        pace.seconds_left
            .map(|seconds| format!("about {} left, {}", format::duration(seconds), pace.basis))
    });
    view! {
        <p class="counts">
            <span>
                <b>{format::count(done)}</b>
                {format!(" of {} {verb} · {}", format::count(run.rows_total()), format::bytes(bytes))}
                {rate}
            </span>
            <span class="quiet">{left}</span>
        </p>
    }
}

/// The phases as steps. Assistive technology hears of each one when it begins.
#[component]
pub(crate) fn Phases<'a>(
    /// The run.
    run: &'a Run,
) -> impl IntoView + use<> {
    let steps = Phase::ALL
        .into_iter()
        .filter(|phase| *phase != Phase::Ended)
        .filter(|phase| *phase != Phase::Thawing || run.thaw.is_some())
        .map(|phase| step_of(run, phase))
        .chain([end_of(run)])
        .collect();
    view! { <Steps steps direction=Direction::Across /> }
}

fn step_of(run: &Run, phase: Phase) -> StepView {
    let begin = run.phases.iter().find(|start| start.phase == phase);
    let is_current = run.phase == phase;
    // A run that ended early leaves the phases that it never reached; one that it only passed through has no time.
    let reached = Phase::ALL
        .into_iter()
        .skip_while(|later| *later != phase)
        .filter(|later| *later != Phase::Ended)
        .any(|later| run.phases.iter().any(|start| start.phase == later));
    let failed_here = run.outcome.is_some_and(|outcome| outcome != Outcome::Proven)
        && run
            .phases
            .iter()
            .rev()
            .find(|start| start.phase != Phase::Ended)
            .is_some_and(|last| last.phase == phase);
    let (tone, state) = match (is_current, reached, failed_here) {
        (true, ..) if run.pause == Pause::Paused => (Tone::Stopped, "paused"),
        (true, ..) if matches!(phase, Phase::Queued | Phase::Thawing) => (Tone::Pending, "waiting"),
        (true, ..) => (Tone::InProgress, "in progress"),
        (false, true, true) if run.outcome == Some(Outcome::Cancelled) => (Tone::Stopped, "stopped here"),
        (false, true, true) => (Tone::Error, "failed here"),
        (false, true, false) => (Tone::Success, "done"),
        (false, false, _) => (Tone::NotStarted, "not started"),
    };
    let title = match (phase, tone) {
        (Phase::Queued, _) => "Queued",
        (Phase::Thawing, Tone::Success) => "Thawed",
        (Phase::Checking, Tone::Success) => "Plan checked",
        (Phase::CreatingTables, Tone::Success) => "Tables created",
        (Phase::Writing, Tone::Success) => "Written",
        (Phase::Proving, Tone::Success) => "Read back",
        (other, _) => doing(other),
    };
    StepView {
        tone,
        state,
        title: title.into_any(),
        detail: begin.map(|start| after(run, start.at)).into_any(),
        time: ().into_any(),
        is_current,
    }
}

fn end_of(run: &Run) -> StepView {
    let (tone, state, title) = match run.outcome {
        Some(Outcome::Proven) => (Tone::Success, "done", "Proven"),
        Some(Outcome::Failed) => (Tone::Error, "failed", "Failed"),
        Some(Outcome::Cancelled) => (Tone::Stopped, "cancelled", "Cancelled"),
        None => (Tone::NotStarted, "not started", "Proof"),
    };
    StepView {
        tone,
        state,
        title: title.into_any(),
        detail: run.ended_at.map(|at| after(run, at)).into_any(),
        time: ().into_any(),
        is_current: false,
    }
}

/// The begin as a time, everything later by how long after it.
fn after(run: &Run, at: Timestamp) -> AnyView {
    let seconds = at.duration_since(run.requested_at).as_secs();
    if seconds <= 0 {
        view! { <Time at form=TimeForm::ClockSeconds /> }.into_any()
    } else {
        let full = format::time(at, 0, true, TimeForm::Seconds);
        view! {
            <time datetime=at.to_string() title=full>
                {format!("+ {}", format::duration(seconds))}
            </time>
        }
        .into_any()
    }
}

/// Each table with its bar.
#[component]
pub(crate) fn TableBars<'a>(
    /// The run.
    run: &'a Run,
) -> impl IntoView + use<> {
    let phase = run.phase;
    let ended = run.outcome;
    view! {
        <ul class="table-bars">
            {run.tables.iter().map(|table| table_bar(table, phase, ended)).collect_view()}
        </ul>
    }
}

fn table_bar(table: &TableRun, phase: Phase, outcome: Option<Outcome>) -> impl IntoView + use<> {
    let is_proving = phase == Phase::Proving;
    let done = if is_proving {
        table.items_read_back
    } else {
        table.items_written + table.items_kept
    };
    let is_whole = done >= table.rows_total;
    let tone = match outcome {
        Some(Outcome::Proven) => BarTone::Done,
        Some(Outcome::Failed | Outcome::Cancelled) if table.is_proven() => BarTone::Done,
        Some(Outcome::Failed | Outcome::Cancelled) => BarTone::Stopped,
        None if is_whole => BarTone::Done,
        None => BarTone::Running,
    };
    let state = if table.is_proven() {
        "proven"
    } else if is_proving {
        "read back"
    } else if done == 0 && table.rows_total > 0 && outcome.is_none() {
        "waiting"
    } else {
        "written"
    };
    let counted = if table.is_proven() {
        table.rows_proven()
    } else {
        done
    };
    let figures = format!(
        "{} of {} {state}",
        format::count(counted),
        format::counted(table.rows_total, "row", "rows")
    );
    let more = [
        Some(format::bytes(table.bytes_written)),
        (table.items_kept > 0).then(|| format!("{} kept as they were", format::count(table.items_kept))),
        (table.retries > 0).then(|| format::counted(table.retries, "retry", "retries")),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" · ");
    let label = format!("{}, rows done", table.source);
    view! {
        <li>
            <div class="table-bar-head">
                <span>
                    <code>{table.source.to_string()}</code>
                    <span class="arrow" aria-hidden="true">
                        " → "
                    </span>
                    <span class="visually-hidden">" to "</span>
                    <code>{table.target.to_string()}</code>
                </span>
                <span>
                    {figures} <span class="quiet">{format!(" · {more}")}</span>
                </span>
            </div>
            <Bar percent=format::percent(done, table.rows_total) tone label />
        </li>
    }
}
