//! `/audit`: who did what to what, when, why, and how it ended.

use leptos::prelude::*;
use leptos_meta::Title;
use recovery::actor::Permission;
use recovery::audit::{AuditEntry, Phase};

use crate::api::audit::{AuditList, read_audit};
use crate::components::loaded::Loaded;
use crate::ui::format::TimeForm;
use crate::ui::pager::{EmptyPage, Listing, Pager};
use crate::ui::status::{Status, Tone};
use crate::ui::table::TableFrame;
use crate::ui::time::Time;

/// `/audit?subject=&cursor=`.
#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let asked = Listing::of_address("/audit", &["subject"]);
    let request = asked.clone();
    let list = Resource::new(
        || (),
        move |()| read_audit(request.filter("subject"), request.cursor.clone()),
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
            view=move |list| view! { <List list listing=asked.clone() /> }.into_any()
        />
    }
}

#[component]
fn List(list: AuditList, listing: Listing) -> impl IntoView {
    let page = list.page;
    let filter = listing.filter("subject").map(|subject| {
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
        return view! {
            <EmptyPage
                listing
                no_match="No entry matches"
                show_all="Show all entries"
                none_yet="Nothing is recorded yet"
            >
                <p>"An entry appears when somebody checks a copy, starts or cancels a restore, or is refused."</p>
            </EmptyPage>
        }
        .into_any();
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
            <Pager listing next=page.next_cursor />
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
        Permission::Portal => "See the portal",
        Permission::Read => "Read",
        Permission::Verify => "Check copies",
        Permission::Export => "Export",
        Permission::Plan => "Plan",
        Permission::ShowValues => "See values",
        Permission::Restore => "Restore",
        Permission::Cancel => "Cancel",
        Permission::Pause => "Pause or resume",
        Permission::Repair => "Repair copies",
        Permission::Thaw => "Thaw a copy",
        Permission::ApplyPolicies => "Apply policies",
        Permission::Lifecycle => "Follow a copy's lifecycle",
    };
    let href = if entry.subject.starts_with('/') {
        // The path of a call that was refused before it reached anything.
        None
    } else if entry.subject.starts_with("r-") {
        Some(format!("/restores/{}", entry.subject))
    } else if entry.permission == Permission::ApplyPolicies {
        Some("/policies".to_owned())
    } else {
        Some(format!("/recovery-points/{}", entry.subject))
    };
    let subject = view! { <code>{entry.subject}</code> };
    let subject = match href {
        Some(href) => view! { <a href=href>{subject}</a> }.into_any(),
        None => subject.into_any(),
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
            <td data-label="On">{subject}</td>
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
