//! Which tables are restored, under which keys and names.

use leptos::prelude::*;
use recovery::plan::Capacity;
use recovery::request::{DraftTable, TreatAs};
use recovery::synthetic_key::SyntheticKey;
use recovery::table::{KeyCandidate, RefusedKey};
use recovery::types::ColumnKind;

use super::choice::TableChoice;
use crate::ui::form::{Field, FieldKind};
use crate::ui::format;
use crate::ui::status::{Status, Tone};

/// The most units that a table is created with by default quotas.
const UNITS_MAX: u64 = 40_000;

/// The fields of one table.
#[component]
pub(super) fn TableFields<'a>(
    /// What the copy holds, with suggestions.
    table: &'a DraftTable,
    /// What is chosen.
    choice: &'a TableChoice,
) -> impl IntoView + use<> {
    let name = table.summary.name.to_string();
    let figures = format!(
        "{} · {}",
        format::counted(table.summary.rows, "row", "rows"),
        format::bytes(table.summary.bytes)
    );
    let keys: Vec<String> = table
        .summary
        .columns
        .iter()
        .filter(|column| column.kind.can_be_key())
        .map(|column| column.name.clone())
        .collect();
    let partitions: Vec<(String, String, bool)> = ordered(&keys, |column| {
        table.candidates.iter().any(|key| key.partition == column)
    })
    .into_iter()
    .map(|column| {
        let note = partition_note(&table.candidates, &column);
        let is_selected = column == choice.partition;
        (column.clone(), format!("{column}{note}"), is_selected)
    })
    .chain(added_keys(table, &choice.partition))
    .collect();
    let sorts: Vec<(String, String, bool)> = ordered(&keys, |column| {
        table
            .candidates
            .iter()
            .any(|key| key.sort.as_deref() == Some(column))
    })
    .into_iter()
    .map(|column| {
        let note = sort_note(&table.candidates, &column);
        let is_selected = column == choice.sort;
        (column.clone(), format!("{column}{note}"), is_selected)
    })
    .collect();
    let suggestion = match table.candidates.first() {
        Some(key) if key.proven => view! {
            <Status tone=Tone::Success>{format!("{} is proven unique and never NULL", columns(key))}</Status>
        }
        .into_any(),
        Some(key) => view! {
            <Status tone=Tone::Info>{format!("{} is likely, and proven before anything is written", columns(key))}</Status>
        }
        .into_any(),
        None => view! {
            <Status tone=Tone::Warning>"No key was found; choose or add one, and it is proven before anything is written"</Status>
        }
        .into_any(),
    };
    let bytes: Vec<(String, &'static str, Option<TreatAs>)> = table
        .summary
        .columns
        .iter()
        .filter_map(|column| {
            let kind = match column.kind {
                ColumnKind::Text => "text",
                ColumnKind::Binary => "binary",
                _ => return None,
            };
            Some((
                column.name.clone(),
                kind,
                choice.treat_as.get(&column.name).copied(),
            ))
        })
        .collect();
    let treated = !choice.treat_as.is_empty();
    // Where there is a key, nobody needs to know what is none.
    let refused = if table.candidates.is_empty() {
        table.refused.clone()
    } else {
        Vec::new()
    };
    let skipped = table.summary.skipped.clone();
    let is_skipped = skipped.is_some();
    view! {
        <li class="choose-table">
            <label class="check">
                <input
                    type="checkbox"
                    name="table"
                    value=name.clone()
                    checked=choice.is_chosen && !is_skipped
                    disabled=is_skipped
                />
                <code>{name.clone()}</code>
                <span class="meta">{figures}</span>
            </label>
            {match skipped {
                Some(why) => view! { <Status tone=Tone::Warning>{format!("RDS did not export it: {why}")}</Status> }.into_any(),
                None => view! {
                    <div class="fields">
                        <label class="field">
                            <span>"Partition key"</span>
                            <select name=format!("partition.{name}")>
                                <option value="">"Choose a key"</option>
                                {options(partitions)}
                            </select>
                        </label>
                        <label class="field">
                            <span>"Sort key"</span>
                            <select name=format!("sort.{name}")>
                                <option value="">"None"</option>
                                {options(sorts)}
                            </select>
                        </label>
                        <label class="field">
                            <span>"Target table"</span>
                            <input
                                type="text"
                                name=format!("target.{name}")
                                value=choice.target.clone()
                                minlength="3"
                                maxlength="255"
                                pattern="[A-Za-z0-9_.\\-]+"
                                title="3 to 255 letters, digits, underscores, hyphens and dots"
                                spellcheck="false"
                                autocomplete="off"
                                required
                            />
                        </label>
                    </div>
                    <p class="suggestion">{suggestion}</p>
                    <Refused keys=refused />
                    <Bytes table=name.clone() columns=bytes open=treated />
                }
                .into_any(),
            }}
        </li>
    }
}

/// The keys that can be added, behind the columns.
fn added_keys(table: &DraftTable, chosen: &str) -> impl Iterator<Item = (String, String, bool)> {
    let name = SyntheticKey::free_name(&table.summary.columns);
    SyntheticKey::ALL.into_iter().map(move |kind| {
        let value = kind.argument(&name);
        let text = format!("Add {name}: {}", kind.description());
        let is_selected = value == chosen;
        (value, text, is_selected)
    })
}

/// Those that are suggested first.
fn ordered(columns: &[String], is_suggested: impl Fn(&str) -> bool) -> Vec<String> {
    let (mut first, rest): (Vec<String>, Vec<String>) =
        columns.iter().cloned().partition(|column| is_suggested(column));
    first.extend(rest);
    first
}

fn columns(key: &KeyCandidate) -> String {
    match &key.sort {
        Some(sort) => format!("{} with {sort}", key.partition),
        None => key.partition.clone(),
    }
}

fn partition_note(candidates: &[KeyCandidate], column: &str) -> String {
    match candidates.iter().find(|key| key.partition == column) {
        Some(KeyCandidate {
            sort: None,
            proven: true,
            ..
        }) => " · proven unique".to_owned(),
        Some(KeyCandidate {
            sort: None,
            proven: false,
            ..
        }) => " · likely unique".to_owned(),
        Some(KeyCandidate {
            sort: Some(sort),
            proven: true,
            ..
        }) => format!(" · with {sort}, proven unique"),
        Some(KeyCandidate {
            sort: Some(sort),
            proven: false,
            ..
        }) => format!(" · with {sort}, likely unique"),
        None => String::new(),
    }
}

fn sort_note(candidates: &[KeyCandidate], column: &str) -> String {
    candidates
        .iter()
        .find(|key| key.sort.as_deref() == Some(column))
        .map_or_else(String::new, |key| {
            let proof = if key.proven { "proven" } else { "likely" };
            format!(" · with {}, {proof} unique", key.partition)
        })
}

fn options(options: Vec<(String, String, bool)>) -> impl IntoView {
    options
        .into_iter()
        .map(|(value, text, is_selected)| {
            view! {
                <option value=value selected=is_selected>
                    {text}
                </option>
            }
        })
        .collect_view()
}

/// On demand or provisioned, for tables that are created.
#[component]
pub(super) fn CapacityFields(
    /// What is chosen.
    capacity: Capacity,
) -> impl IntoView {
    let (is_provisioned, read, write) = match capacity {
        Capacity::OnDemand => (false, 1000, 1000),
        Capacity::Provisioned {
            read_units,
            write_units,
        } => (true, read_units, write_units),
    };
    view! {
        <label class="field">
            <span>"Capacity"</span>
            <select name="capacity" class="capacity">
                <option value="on_demand" selected=!is_provisioned>
                    "On demand"
                </option>
                <option value="provisioned" selected=is_provisioned>
                    "Provisioned"
                </option>
            </select>
        </label>
        <div class="provisioned fields">
            <Field name="write_units" kind=FieldKind::Number(Some(UNITS_MAX)) value=write.to_string()>
                "Write units, if provisioned"
            </Field>
            <Field name="read_units" kind=FieldKind::Number(Some(UNITS_MAX)) value=read.to_string()>
                "Read units, if provisioned"
            </Field>
        </div>
    }
}

/// What speaks against the columns that looked like keys.
#[component]
fn Refused(keys: Vec<RefusedKey>) -> impl IntoView {
    (!keys.is_empty()).then(|| {
        view! {
            <details class="treat">
                <summary>"Why the likely ones are none"</summary>
                <ul class="refused-keys">
                    {keys
                        .into_iter()
                        .map(|key| {
                            let places = key.examples.first().map(|example| format!(": {}", example.places_text()));
                            view! {
                                <li>
                                    <code>{key.columns()}</code>
                                    " "
                                    {key.reason()}
                                    <span class="quiet">{places}</span>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </details>
        }
    })
}

/// Which columns are taken as text and which as bytes: for exports that do not say, and for text that is no UTF-8.
#[component]
fn Bytes(table: String, columns: Vec<(String, &'static str, Option<TreatAs>)>, open: bool) -> impl IntoView {
    (!columns.is_empty()).then(|| {
        view! {
            <details class="treat" open=open>
                <summary>"Text or bytes, by column"</summary>
                <div class="fields">
                    {columns
                        .into_iter()
                        .map(|(column, kind, treat_as)| {
                            view! {
                                <label class="field">
                                    <span>
                                        <code>{column.clone()}</code>
                                    </span>
                                    <select name=format!("treat.{table}.{column}")>
                                        <option value="">{format!("As exported: {kind}")}</option>
                                        <option value="text" selected=treat_as == Some(TreatAs::Text)>
                                            "Text"
                                        </option>
                                        <option value="binary" selected=treat_as == Some(TreatAs::Binary)>
                                            "Bytes"
                                        </option>
                                    </select>
                                </label>
                            }
                        })
                        .collect_view()}
                </div>
            </details>
        }
    })
}
