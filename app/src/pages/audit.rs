//! `/audit`: who did what to what, when, why, and how it ended.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use recovery::actor::Permission;
use recovery::audit::{AuditEntry, Phase};

use crate::api::audit::{AuditList, read_audit};
use crate::components::loaded::Loaded;
use crate::ui::empty_state::EmptyState;
use crate::ui::format::TimeForm;
use crate::ui::link::with_query;
use crate::ui::pager::Pager;
use crate::ui::status::{Status, Tone};
use crate::ui::table::TableFrame;
use crate::ui::time::Time;

/// `/audit?subject=&cursor=`.
#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            let value = |name| query.get(name).filter(|value| !value.is_empty());
            (value("subject"), value("cursor"))
        })
    });
    let list = Resource::new(
        move || asked.get(),
        |(subject, cursor)| read_audit(subject, cursor),
    );
    view! {
        <Title text="Audit log" />
        <div class="page-head">
            <div class="headline">
                <h1>"Audit log"</h1>
                <p>"Every entry holds the hash of the one before it, so that none can be changed or removed unseen."</p>
            </div>
        </div>
        <Loaded
            resource=list
            view=move |list| {
                let (subject, cursor) = asked.get_untracked();
                view! { <List list subject cursor /> }.into_any()
            }
        />
    }
}

#[component]
fn List(
    list: AuditList,
    #[prop(optional_no_strip)] subject: Option<String>,
    #[prop(optional_no_strip)] cursor: Option<String>,
) -> impl IntoView {
    let page = list.page;
    let first = cursor
        .is_some()
        .then(|| with_query("/audit", [("subject", subject.as_deref())]));
    let next = page.next_cursor.as_deref().map(|cursor| {
        with_query(
            "/audit",
            [("subject", subject.as_deref()), ("cursor", Some(cursor))],
        )
    });
    let filter = subject.clone().map(|subject| {
        view! {
            <p class="filters">
                <span>"Only entries on " <code>{subject}</code></span>
                <a class="clear" href="/audit">
                    "Show all"
                </a>
            </p>
        }
    });
    if page.items.is_empty() {
        return if subject.is_some() {
            view! {
                <EmptyState title="No entry matches">
                    <p>
                        <a class="btn" href="/audit">
                            "Show all entries"
                        </a>
                    </p>
                </EmptyState>
            }
            .into_any()
        } else {
            view! {
                <EmptyState title="Nothing is recorded yet">
                    <p>"An entry appears when somebody checks a copy, starts or cancels a restore, or is refused."</p>
                </EmptyState>
            }
            .into_any()
        };
    }
    view! {
        <section class="card list">
            {filter} <TableFrame label="Audit log">
                <table class="grid rows">
                    <thead>
                        <tr>
                            <th scope="col" class="num">
                                "No."
                            </th>
                            <th scope="col">"When"</th>
                            <th scope="col">"Who"</th>
                            <th scope="col">"What"</th>
                            <th scope="col">"On"</th>
                            <th scope="col">"How it ended"</th>
                            <th scope="col">"Details"</th>
                        </tr>
                    </thead>
                    <tbody>{page.items.into_iter().map(row).collect_view()}</tbody>
                </table>
            </TableFrame>
            <Pager first next />
        </section>
    }
    .into_any()
}

fn row(entry: AuditEntry) -> impl IntoView {
    let (tone, ended) = match entry.phase {
        Phase::Started => (Tone::Info, "Started"),
        Phase::Succeeded => (Tone::Success, "Succeeded"),
        Phase::Failed => (Tone::Error, "Failed"),
        Phase::Refused => (Tone::Stopped, "Refused"),
    };
    let what = match entry.permission {
        Permission::Read => "Read",
        Permission::Verify => "Check copies",
        Permission::Plan => "Plan",
        Permission::Restore => "Restore",
        Permission::Cancel => "Cancel",
    };
    let href = if entry.subject.starts_with("r-") {
        format!("/restores/{}", entry.subject)
    } else {
        format!("/recovery-points/{}", entry.subject)
    };
    view! {
        <tr>
            <th scope="row" class="num">
                {entry.sequence}
            </th>
            <td data-label="When">
                <Time at=entry.at form=TimeForm::Seconds />
            </td>
            <td data-label="Who">
                {entry.actor.name} <small class="quiet">{entry.actor.role.name()}</small>
            </td>
            <td data-label="What">{what}</td>
            <td data-label="On">
                <a href=href>
                    <code>{entry.subject}</code>
                </a>
            </td>
            <td data-label="How it ended">
                <Status tone>{ended}</Status>
            </td>
            <td data-label="Details" class="wide">
                {entry.detail}
                {entry
                    .reason
                    .map(|reason| {
                        view! {
                            <small class="quiet">
                                "Reason: " <q>{reason}</q>
                            </small>
                        }
                    })} <details class="hash">
                    <summary>"Hash"</summary>
                    <code>{entry.hash}</code>
                </details>
            </td>
        </tr>
    }
}
