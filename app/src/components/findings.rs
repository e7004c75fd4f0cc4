//! What a preflight found.

use leptos::prelude::*;
use recovery::preflight::{Finding, Preflight, Severity};

use crate::ui::format;
use crate::ui::status::{Status, Tone};

/// The findings, the gravest first; passed checks in one line at the end.
#[component]
pub(crate) fn Findings(
    /// The preflight.
    preflight: Preflight,
) -> impl IntoView {
    let (passed, other): (Vec<Finding>, Vec<Finding>) = preflight
        .findings
        .into_iter()
        .partition(|finding| finding.severity == Severity::Passed);
    view! {
        <ul class="findings">
            {other.into_iter().map(|finding| view! { <FindingLine finding /> }).collect_view()}
            {(!passed.is_empty())
                .then(|| {
                    let count = passed.len() as u64;
                    view! {
                        <li>
                            <Status tone=Tone::Success>"Passed"</Status>
                            <details>
                                <summary>{format::counted(count, "check found nothing", "checks found nothing")}</summary>
                                <ul>
                                    {passed.into_iter().map(|finding| view! { <li>{finding.message}</li> }).collect_view()}
                                </ul>
                            </details>
                        </li>
                    }
                })}
        </ul>
    }
}

#[component]
fn FindingLine(finding: Finding) -> impl IntoView {
    let (tone, word) = match finding.severity {
        Severity::Blocks => (Tone::Error, "Blocks"),
        Severity::Note => (Tone::Info, "Note"),
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
                    })} <p class="finding-what">{finding.message}</p>
                {finding.hint.map(|hint| view! { <p class="quiet">{hint}</p> })}
                {(!finding.examples.is_empty())
                    .then(|| {
                        view! {
                            <p class="examples">
                                "For example "
                                {finding
                                    .examples
                                    .into_iter()
                                    .map(|example| {
                                        view! {
                                            <code>{example}</code>
                                            " "
                                        }
                                    })
                                    .collect_view()}
                            </p>
                        }
                    })}
            </div>
        </li>
    }
}
