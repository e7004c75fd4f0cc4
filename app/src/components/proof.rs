//! The proof of a run: both digests of each table, and whether they are equal.

use leptos::prelude::*;
use recovery::console;
use recovery::differences::Differences;
use recovery::digest::TableDigest;
use recovery::plan::Existing;
use recovery::run::{HeldBefore, Run, TableRun};

use super::console_link::ConsoleLink;
use crate::ui::copy_button::CopyButton;
use crate::ui::format;
use crate::ui::status::{Status, Tone};

/// A table of digests.
#[component]
pub(crate) fn Proof<'a>(
    /// The run.
    run: &'a Run,
) -> impl IntoView + use<> {
    let has_ended = run.outcome.is_some();
    let region = run.target_region.clone();
    view! {
        <ul class="proof">
            {run
                .tables
                .iter()
                .map(|table| {
                    let (tone, text) = result(table, has_ended);
                    view! {
                        <li>
                            <div class="proof-head">
                                <code>{table.target.to_string()}</code>
                                <CopyButton text=table.target.to_string() what="table name" />
                                <ConsoleLink
                                    href=console::table(&region, table.target.as_str())
                                    what=format!("table {}", table.target)
                                />
                                <Status tone>{text}</Status>
                            </div>
                            <dl class="digests">
                                <Digest name="Copy" digest=table.digest_source />
                                <Digest name="DynamoDB" digest=table.digest_target />
                            </dl>
                            {table.held_before.map(|held| before(table.existing, held))}
                            {table.differences.as_ref().map(different_rows)}
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

fn result(table: &TableRun, has_ended: bool) -> (Tone, &'static str) {
    match (table.digest_source, table.digest_target) {
        (Some(_), Some(_)) if table.is_proven() => (Tone::Success, "Equal"),
        (Some(_), Some(_)) => (Tone::Error, "Not equal"),
        _ if has_ended => (Tone::Stopped, "Not proven"),
        (Some(_), None) => (Tone::InProgress, "To be read back"),
        (None, _) => (Tone::NotStarted, "After writing"),
    }
}

/// What the copy's keys held before the run.
fn before(existing: Existing, held: HeldBefore) -> impl IntoView {
    let fate = match existing {
        Existing::Overwrite => "were replaced",
        Existing::Refuse | Existing::OnlyMissing => "stayed as they were and are not proven",
    };
    let text = format!(
        "Under the copy's keys it held {} that were the rows already, and {} that were others: they {fate}.",
        format::counted(held.equal, "item", "items"),
        format::count(held.different),
    );
    view! { <p class="quiet">{text}</p> }
}

/// The rows that differ, by key.
fn different_rows(differences: &Differences) -> impl IntoView + use<> {
    let rows = differences.first.iter().map(|difference| {
        view! {
            <tr>
                <td>{difference.kind.name()}</td>
                <td><code>{difference.key.clone()}</code></td>
            </tr>
        }
    });
    view! {
        <details class="differences" open>
            <summary>{differences.to_string()}</summary>
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Row"</th>
                        <th scope="col">"Key"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </details>
    }
}

#[component]
fn Digest(name: &'static str, #[prop(optional_no_strip)] digest: Option<TableDigest>) -> impl IntoView {
    digest.map(|digest| {
        let text = digest.to_string();
        let hex = text
            .split_once(':')
            .map_or_else(String::new, |(_, hex)| hex.to_owned());
        view! {
            <div>
                <dt>{name}</dt>
                <dd>
                    <code title=text>{hex}</code>
                    <span class="quiet">{format::counted(digest.rows(), "row", "rows")}</span>
                </dd>
            </div>
        }
    })
}
