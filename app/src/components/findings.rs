//! What a preflight found.

use leptos::prelude::*;
use recovery::preflight::{Choice, Example, Finding, Preflight, Severity};

use crate::ui::format;
use crate::ui::prose::Prose;
use crate::ui::status::{Status, Tone};

/// The findings, the gravest first; checks that were not made and those that passed in one line each at the end.
#[component]
pub(crate) fn Findings(
    /// The preflight.
    preflight: Preflight,
    /// Where a choice leads; `None` where it cannot be made from here.
    address: impl Fn(&Choice) -> Option<String>,
) -> impl IntoView {
    let (passed, other): (Vec<Finding>, Vec<Finding>) = preflight
        .findings
        .into_iter()
        .partition(|finding| finding.severity == Severity::Passed);
    let (unchecked, other): (Vec<Finding>, Vec<Finding>) = other
        .into_iter()
        .partition(|finding| finding.severity == Severity::NotChecked);
    let check = unchecked
        .iter()
        .find_map(|finding| links(&finding.choices, &address).pop());
    view! {
        <ul class="findings">
            {other
                .into_iter()
                .map(|finding| {
                    let links = links(&finding.choices, &address);
                    view! { <FindingLine finding links /> }
                })
                .collect_view()}
            {(!unchecked.is_empty())
                .then(|| {
                    let count = unchecked.len() as u64;
                    let summary = format::counted(count, "check was not made", "checks were not made");
                    view! {
                        <li>
                            <Status tone=Tone::Stopped>"Unknown"</Status>
                            <div>
                                <Folded summary findings=unchecked />
                                {check.map(|link| view! { <Choices links=vec![link] /> })}
                            </div>
                        </li>
                    }
                })}
            {(!passed.is_empty())
                .then(|| {
                    let count = passed.len() as u64;
                    let summary = format::counted(count, "check found nothing", "checks found nothing");
                    view! {
                        <li>
                            <Status tone=Tone::Success>"Passed"</Status>
                            <Folded summary findings=passed />
                        </li>
                    }
                })}
        </ul>
    }
}

/// The choices that lead somewhere, with what they do.
fn links(choices: &[Choice], address: impl Fn(&Choice) -> Option<String>) -> Vec<(String, String)> {
    choices
        .iter()
        .filter_map(|choice| Some((address(choice)?, choice.sentence())))
        .collect()
}

#[component]
fn Folded(summary: String, findings: Vec<Finding>) -> impl IntoView {
    view! {
        <details>
            <summary>{summary}</summary>
            <ul>
                {findings
                    .into_iter()
                    .map(|finding| {
                        view! {
                            <li>
                                {finding
                                    .table
                                    .map(|table| {
                                        view! {
                                            <code>{table.to_string()}</code>
                                            ": "
                                        }
                                    })} {finding.message}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </details>
    }
}

#[component]
fn FindingLine(finding: Finding, links: Vec<(String, String)>) -> impl IntoView {
    let (tone, word) = match finding.severity {
        Severity::Blocks => (Tone::Error, "Blocks"),
        Severity::Warning => (Tone::Warning, "Warning"),
        Severity::Note => (Tone::Info, "Note"),
        Severity::NotChecked => (Tone::Stopped, "Unknown"),
        Severity::Passed => (Tone::Success, "Passed"),
    };
    let place = match (&finding.table, &finding.column) {
        (Some(table), Some(column)) => Some(format!("{table} · {column}")),
        (Some(table), None) => Some(table.to_string()),
        (None, Some(column)) => Some(column.clone()),
        (None, None) => None,
    };
    view! {
        <li>
            <Status tone>{word}</Status>
            <div>
                {place
                    .map(|place| {
                        view! {
                            <p class="finding-place">
                                <code>{place}</code>
                                {finding.count.map(|count| format!(" · {}", format::count(count)))}
                            </p>
                        }
                    })} <p class="finding-what">
                    <Prose text=finding.message />
                </p>
                {finding
                    .hint
                    .map(|hint| {
                        view! {
                            <p class="quiet">
                                <Prose text=hint />
                            </p>
                        }
                    })}
                <Examples examples=finding.examples /> <Choices links />
            </div>
        </li>
    }
}

#[component]
fn Examples(examples: Vec<Example>) -> impl IntoView {
    (!examples.is_empty()).then(|| {
        let summary = format::counted(examples.len() as u64, "example", "examples");
        view! {
            <details class="examples">
                <summary>{summary}</summary>
                <ul>
                    {examples
                        .into_iter()
                        .map(|example| {
                            let (values, places) = (example.values_text(), example.places_text());
                            view! {
                                <li>
                                    {(!values.is_empty())
                                        .then(|| {
                                            view! {
                                                <code>{values}</code>
                                                " "
                                            }
                                        })} <span class="quiet">{places}</span>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </details>
        }
    })
}

/// Each choice is the same page with that choice made. It is loaded anew, so that the form shows it too.
#[component]
fn Choices(links: Vec<(String, String)>) -> impl IntoView {
    (!links.is_empty()).then(|| {
        view! {
            <ul class="finding-choices">
                {links
                    .into_iter()
                    .map(|(href, text)| {
                        view! {
                            <li>
                                <a href=href>
                                    {text}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        }
    })
}
