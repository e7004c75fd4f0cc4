//! The copies of a recovery point, each with its verdict and what it rests on.

use std::collections::BTreeMap;

use jiff::Timestamp;
use leptos::prelude::*;
use recovery::archive::ThawOption;
use recovery::console;
use recovery::ids::Region;
use recovery::lifecycle::Action;
use recovery::point::Copy;
use recovery::verdict::Verdict;

use super::console_link::ConsoleLink;
use super::thaw_panel::ThawPanel;
use super::verdict_badge::VerdictBadge;
use crate::api::points::ThawCopy;
use crate::ui::copy_button::CopyLine;
use crate::ui::format;
use crate::ui::link::with_query;
use crate::ui::time::Ago;

/// The copies in few words, for the split panel.
#[component]
pub(crate) fn CopiesBrief(
    /// The copies.
    copies: Vec<Copy>,
) -> impl IntoView {
    if copies.is_empty() {
        return view! { <p class="quiet">"None until the export has begun."</p> }.into_any();
    }
    view! {
        <table class="brief">
            <caption class="visually-hidden">"Copies by Region"</caption>
            <tbody>
                {copies
                    .into_iter()
                    .map(|copy| {
                        let objects = objects(&copy);
                        view! {
                            <tr>
                                <th scope="row">
                                    <code>{copy.region.to_string()}</code>
                                </th>
                                <td>
                                    <VerdictBadge verdict=copy.verdict />
                                </td>
                                <td class="num">{objects}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
    .into_any()
}

/// `4 of 4 objects`
fn objects(copy: &Copy) -> Option<String> {
    copy.evidence.as_ref().map(|evidence| {
        format!(
            "{} of {}",
            format::count(evidence.objects_found),
            format::counted(evidence.objects_expected, "object", "objects")
        )
    })
}

/// The copies in full: where they lie, the verdict with its reasons, what it rests on and when it was found.
#[component]
pub(crate) fn CopyCards(
    /// The recovery point.
    point: String,
    /// The copies.
    copies: Vec<Copy>,
    /// The ways to thaw those that lie in Glacier.
    mut thaws: BTreeMap<Region, Vec<ThawOption>>,
    /// Thaws.
    thaw: ServerAction<ThawCopy>,
    /// Now, as the data say.
    now: Timestamp,
) -> impl IntoView {
    if copies.is_empty() {
        return view! { <p class="quiet">"There is no copy until the export has begun."</p> }.into_any();
    }
    view! {
        <ul class="copies">
            {copies
                .into_iter()
                .map(|copy| {
                    let options = thaws.remove(&copy.region).unwrap_or_default();
                    view! { <CopyCard point=point.clone() copy options thaw now /> }
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}

#[component]
fn CopyCard(
    point: String,
    copy: Copy,
    options: Vec<ThawOption>,
    thaw: ServerAction<ThawCopy>,
    now: Timestamp,
) -> impl IntoView {
    let restore = copy.is_ready().then(|| {
        with_query(
            "/restores/new",
            [
                ("recovery_point", Some(point.as_str())),
                ("region", Some(copy.region.as_str())),
            ],
        )
    });
    let region = copy.region.to_string();
    let reasons = match &copy.verdict {
        Verdict::Incomplete { missing, different } => Some(view! {
            <Objects title="Missing" paths=missing.clone() />
            <Objects title="Different from the export" paths=different.clone() />
        }),
        Verdict::Verified | Verdict::Pending | Verdict::Unknown { .. } | Verdict::Expired { .. } => None,
    };
    let since = match &copy.verdict {
        Verdict::Unknown { since, .. } => Some(*since),
        _ => None,
    };
    let asked = copy.lifecycle.clone().map(|asked| {
        view! {
            <div>
                <dt>"Lifecycle"</dt>
                <dd>
                    {match asked.action {
                        Action::Transition => "S3 moves it to Glacier, asked ",
                        Action::Expiration => "S3 deletes it, asked ",
                    }} <Ago at=asked.tagged_at.unwrap_or(asked.decided_at) now />
                </dd>
            </div>
        }
    });
    let basis = copy.evidence.as_ref().map(|evidence| evidence.basis.clone());
    let size = copy
        .evidence
        .as_ref()
        .map(|evidence| format::bytes(evidence.bytes));
    let frozen = copy.archived.clone().map(|archived| {
        view! { <ThawPanel point=point.clone() region=region.clone() archived options thaw now /> }
    });
    let lost_at = copy.lost_at;
    let manifest = copy.manifest.clone().map(|manifest| {
        let href = format!("/api/v1/recovery-points/{point}/copies/{region}/evidence");
        view! {
            <div>
                <dt>"Written down"</dt>
                <dd>
                    <a href=href>
                        "Evidence of every object"
                    </a>
                    ", " <Ago at=manifest.checked_at now />
                </dd>
            </div>
            <div>
                <dt>"Its SHA-256"</dt>
                <dd>
                    <CopyLine text=manifest.sha256 what="digest" wrap=true />
                </dd>
            </div>
        }
    });
    let extra = copy
        .evidence
        .as_ref()
        .map(|evidence| evidence.extra.clone())
        .unwrap_or_default();
    view! {
        <li class="copy">
            <div class="copy-head">
                <h3>
                    <code>{region.clone()}</code>
                </h3>
                <span class="meta">
                    {if copy.is_export { "export" } else { "replica" }} " · account " {copy.account.to_string()}
                </span>
                <VerdictBadge verdict=copy.verdict.clone() />
            </div>
            <p class="copy-why">
                {copy.verdict.explanation()}
                {since
                    .map(|at| {
                        view! {
                            " Not reached since "
                            <Ago at now />
                            "."
                        }
                    })}
                {lost_at
                    .map(|at| {
                        view! {
                            " It was verified before; that it is so no longer was seen "
                            <Ago at now />
                            "."
                        }
                    })}
            </p>
            {reasons}
            <Objects title="Not part of the export" paths=extra />
            <dl class="facts">
                {basis
                    .map(|basis| {
                        view! {
                            <div>
                                <dt>"Evidence"</dt>
                                <dd>{basis}</dd>
                            </div>
                        }
                    })}
                {size
                    .map(|size| {
                        view! {
                            <div>
                                <dt>"Size"</dt>
                                <dd>{size}</dd>
                            </div>
                        }
                    })}
                <div>
                    <dt>"Checked"</dt>
                    <dd>
                        {match copy.checked_at {
                            Some(at) => view! { <Ago at now /> }.into_any(),
                            None => view! { "not yet" }.into_any(),
                        }}
                    </dd>
                </div>
                {asked}
                {manifest}
            </dl>
            <CopyLine text=copy.uri() what="address" />
            <ConsoleLink href=console::prefix(&copy.region, &copy.bucket, &copy.prefix) what=format!("the copy in {region}") />
            {frozen}
            {restore
                .map(|href| {
                    view! {
                        <p>
                            <a class="btn" href=href>
                                {format!("Restore from {region}")}
                            </a>
                        </p>
                    }
                })}
        </li>
    }
}

/// At most so many objects are named; the rest is counted.
const OBJECTS_MAX: usize = 20;

/// Named objects; nothing where there are none.
#[component]
fn Objects(title: &'static str, paths: Vec<String>) -> impl IntoView {
    let more = paths.len().saturating_sub(OBJECTS_MAX);
    (!paths.is_empty()).then(|| {
        view! {
            <div class="objects">
                <h4>{title}</h4>
                <ul>
                    {paths
                        .into_iter()
                        .take(OBJECTS_MAX)
                        .map(|path| {
                            view! {
                                <li>
                                    <code>{path}</code>
                                </li>
                            }
                        })
                        .collect_view()}
                    {(more > 0).then(|| view! { <li>{format!("and {more} more")}</li> })}
                </ul>
            </div>
        }
    })
}
