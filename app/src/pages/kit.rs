//! `/ui`: every component of the kit in every state, to be looked at while it is changed. Only beside the embedded AWS.

use leptos::prelude::*;
use leptos_meta::Title;

use super::not_found::NotFoundPage;
use crate::api::installation::installation;
use crate::ui::bar::{Bar, BarTone};
use crate::ui::copy_button::CopyLine;
use crate::ui::crumbs::Crumbs;
use crate::ui::dialog::Dialog;
use crate::ui::empty_state::EmptyState;
use crate::ui::form::{Field, FieldKind};
use crate::ui::prose::Prose;
use crate::ui::segmented::Segmented;
use crate::ui::split_panel::SplitPanel;
use crate::ui::status::{Status, Tone};
use crate::ui::steps::{Direction, StepView, Steps};
use crate::ui::table::{SortHeader, TableFrame};
use crate::ui::time::{Ago, Time};

const TONES: [(Tone, &str); 8] = [
    (Tone::Success, "Success"),
    (Tone::Warning, "Warning"),
    (Tone::Error, "Error"),
    (Tone::Info, "Info"),
    (Tone::InProgress, "In progress"),
    (Tone::Pending, "Pending"),
    (Tone::NotStarted, "Not started"),
    (Tone::Stopped, "Stopped"),
];

/// `/ui`.
#[component]
pub(crate) fn KitPage() -> impl IntoView {
    if installation().is_aws {
        return view! { <NotFoundPage /> }.into_any();
    }
    view! {
        <Title text="Kit" />
        <Crumbs above=vec![("/".to_owned(), "Overview".to_owned())] here="Kit" />
        <div class="page-head">
            <div class="headline">
                <h1>"Kit"</h1>
                <p>
                    <Prose text="Every component of `app/src/ui` in every state.".to_owned() />
                </p>
            </div>
            <div class="tools">
                <Segmented
                    label="Segmented"
                    choices=vec![("/ui".to_owned(), "Current".to_owned(), true), ("/ui?other".to_owned(), "Other".to_owned(), false)]
                />
            </div>
        </div>
        <div class="columns">
            <div class="column">
                <Statuses />
                <Buttons />
                <Fields />
                <Progress />
                <Table />
                <section class="card" aria-label="Empty">
                    <EmptyState title="None yet">
                        <p>"What to do, so that there is something."</p>
                    </EmptyState>
                </section>
            </div>
            <div class="column side">
                <Panel />
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Card(title: &'static str, children: Children) -> impl IntoView {
    let id = title.to_lowercase().replace(' ', "-");
    let labelled_by = id.clone();
    view! {
        <section class="card" aria-labelledby=labelled_by>
            <header>
                <h2 id=id>{title}</h2>
            </header>
            <div class="stack">{children()}</div>
        </section>
    }
}

#[component]
fn Statuses() -> impl IntoView {
    view! {
        <Card title="Statuses">
            {TONES.into_iter().map(|(tone, name)| view! { <Status tone>{name}</Status> }).collect_view()}
            <p class="alert warning">"An alert that warns."</p>
            <p class="alert error">"An alert of an error."</p>
        </Card>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    view! {
        <Card title="Buttons">
            <div class="action-row">
                <button type="button" class="btn primary">
                    "Primary"
                </button>
                <button type="button" class="btn" data-opens="kit-dialog">
                    "Opens a dialog"
                </button>
                <button type="button" class="btn danger">
                    "Danger"
                </button>
                <button type="button" class="btn small">
                    "Small"
                </button>
                <button type="button" class="btn" aria-pressed="true">
                    "Pressed"
                </button>
                <button type="button" class="btn" disabled>
                    "Disabled"
                </button>
            </div>
            <p class="why-not">"Why it cannot be pressed."</p>
            <CopyLine text="arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-00000000" what="ARN" />
            <CopyLine text="data-restore plan s3://bucket/prefix --region us-west-2" what="command" wrap=true />
            <Dialog id="kit-dialog" title="Do it?">
                <p>"What becomes of it."</p>
                <div class="dialog-actions">
                    <button type="button" class="btn" data-closes="">
                        "No"
                    </button>
                    <button type="button" class="btn danger" data-closes="">
                        "Yes"
                    </button>
                </div>
            </Dialog>
        </Card>
    }
}

#[component]
fn Fields() -> impl IntoView {
    view! {
        <Card title="Fields">
            <div class="fields">
                <Field name="empty" hint="An example">
                    "Empty"
                </Field>
                <Field name="filled" value="customers">
                    "Filled"
                </Field>
                <Field name="number" kind=FieldKind::Number(Some(40_000)) value="25">
                    "A number"
                </Field>
                <Field name="prose" kind=FieldKind::Prose hint="Ticket or a sentence">
                    "A sentence"
                </Field>
                <Field name="disabled" disabled=true value="fixed">
                    "Disabled"
                </Field>
                <label class="check">
                    <input type="checkbox" checked />
                    "Checked"
                </label>
            </div>
        </Card>
    }
}

#[component]
fn Progress() -> impl IntoView {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let step = move |tone: Tone, state: &'static str, is_current: bool| StepView {
        tone,
        state,
        title: state.into_any(),
        detail: "in a smaller line".into_any(),
        time: view! { <Time at=now /> }.into_any(),
        is_current,
    };
    let steps = move || {
        vec![
            step(Tone::Success, "done", false),
            step(Tone::InProgress, "under way", true),
            step(Tone::NotStarted, "not begun", false),
            step(Tone::Error, "failed", false),
        ]
    };
    view! {
        <Card title="Progress">
            <Bar percent=35 tone=BarTone::Running label="Running" />
            <Bar percent=100 tone=BarTone::Done label="Done" />
            <Bar percent=60 tone=BarTone::Stopped label="Stopped" />
            <Steps steps=steps() direction=Direction::Across />
            <Steps steps=steps() />
            <p>"An age: " <Ago at=now now=now + jiff::SignedDuration::from_mins(12) /></p>
        </Card>
    }
}

#[component]
fn Table() -> impl IntoView {
    let address = Callback::new(|sort: String| format!("/ui?sort={sort}"));
    view! {
        <section class="card list" aria-label="Table">
            <TableFrame label="An example">
                <table class="grid rows">
                    <thead>
                        <tr>
                            <SortHeader label="Sorted" property="sorted" sort="sorted".to_owned() address />
                            <SortHeader label="Size" property="size" sort="sorted".to_owned() numeric=true address />
                        </tr>
                    </thead>
                    <tbody>
                        <tr>
                            <th scope="row">"One"</th>
                            <td class="num" data-label="Size">
                                "2.5 MB"
                            </td>
                        </tr>
                    </tbody>
                </table>
            </TableFrame>
        </section>
    }
}

#[component]
fn Panel() -> impl IntoView {
    view! {
        <SplitPanel
            label="Split panel"
            close="/ui".to_owned()
            crumb="above / it".into_any()
            title="What is selected".into_any()
            status=view! { <Status tone=Tone::Success>"Verified"</Status> }.into_any()
            actions=view! {
                <a class="btn primary" href="/ui">
                    "Act"
                </a>
            }
            .into_any()
        >
            <p>"Its details."</p>
        </SplitPanel>
    }
}
