//! The tables of an export.

use leptos::prelude::*;
use recovery::table::{Column, TableExport, TableSummary};

use crate::ui::format;
use crate::ui::status::{Status, Tone};

/// Name, rows and size of each table, for the split panel.
#[component]
pub(crate) fn TablesBrief(
    /// The tables.
    tables: Vec<TableSummary>,
) -> impl IntoView {
    if tables.is_empty() {
        return view! { <p class="quiet">"Known once the export is complete."</p> }.into_any();
    }
    view! {
        <table class="brief">
            <caption class="visually-hidden">"Tables of the export"</caption>
            <tbody>
                {tables
                    .into_iter()
                    .map(|table| {
                        let note = match (&table.skipped, table.warning()) {
                            (Some(_), _) => Some("not exported"),
                            (None, Some(_)) => Some("exported with a warning"),
                            (None, None) => None,
                        };
                        view! {
                            <tr>
                                <th scope="row">
                                    <code>{table.name.to_string()}</code>
                                    {note.map(|note| view! { <Status tone=Tone::Warning>{note}</Status> })}
                                </th>
                                <td class="num">{format::counted(table.rows, "row", "rows")}</td>
                                <td class="num">{format::bytes(table.bytes)}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
    .into_any()
}

/// Each table with its columns.
#[component]
pub(crate) fn TablesInFull(
    /// The tables.
    tables: Vec<TableSummary>,
) -> impl IntoView {
    if tables.is_empty() {
        return view! { <p class="quiet">"The tables are known once the export is complete."</p> }.into_any();
    }
    let single = tables.len() == 1;
    view! {
        <div class="tables">
            {tables
                .into_iter()
                .map(|table| {
                    let columns = table.columns.len() as u64;
                    let warning = table.warning().map(str::to_owned);
                    let said = table.export.as_ref().map(said_by_rds).filter(|said| !said.is_empty());
                    view! {
                        <details class="table-details" open=single>
                            <summary>
                                <code>{table.name.to_string()}</code>
                                {table
                                    .skipped
                                    .clone()
                                    .map(|why| view! { <Status tone=Tone::Warning>{format!("Not exported: {why}")}</Status> })}
                                {warning
                                    .map(|why| {
                                        view! { <Status tone=Tone::Warning>{format!("Exported with a warning: {why}")}</Status> }
                                    })}
                                <span class="meta">
                                    {format!(
                                        "{} · {} · {} · {}",
                                        format::counted(table.rows, "row", "rows"),
                                        format::bytes(table.bytes),
                                        format::counted(table.objects, "object", "objects"),
                                        format::counted(columns, "column", "columns"),
                                    )}
                                </span>
                            </summary>
                            {said.map(|said| view! { <p class="meta">{said}</p> })}
                            <Columns columns=table.columns />
                        </details>
                    }
                })
                .collect_view()}
        </div>
    }
    .into_any()
}

/// What RDS says of a table's export besides a warning: `COMPLETE · 1.2 GiB read in 3 of 3 parts`.
fn said_by_rds(export: &TableExport) -> String {
    let read = export
        .extracted_bytes
        .map(|read| format!("{} read uncompressed", format::bytes(read)));
    let parts = export.partitions.map(|all| {
        let completed = export.partitions_completed.unwrap_or(all);
        format!(
            "{} of {} completed",
            format::count(completed),
            format::counted(all, "part", "parts")
        )
    });
    let time = match (&export.extraction_start_time, &export.extraction_end_time) {
        (Some(start), Some(end)) => Some(format!("from {start} to {end}")),
        _ => None,
    };
    let status = export.status.as_ref().map(|status| format!("RDS: {status}"));
    [status, export.failure_cause.clone(), read, parts, time]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ")
}

/// Columns with the type they had, the type they are stored in, and the attribute type they become.
#[component]
fn Columns(columns: Vec<Column>) -> impl IntoView {
    view! {
        <table class="grid rows">
            <thead>
                <tr>
                    <th scope="col">"Column"</th>
                    <th scope="col">"Source type"</th>
                    <th scope="col">"Parquet type"</th>
                    <th scope="col">"DynamoDB"</th>
                </tr>
            </thead>
            <tbody>
                {columns
                    .into_iter()
                    .map(|column| {
                        let attribute = column.kind.attribute_type().name();
                        view! {
                            <tr>
                                <th scope="row">
                                    <code>{column.name}</code>
                                </th>
                                <td data-label="Source type">
                                    {column.original_type.unwrap_or_else(|| "not recorded".to_owned())}
                                </td>
                                <td data-label="Parquet type">{column.parquet_type}</td>
                                <td data-label="DynamoDB">
                                    <code>{attribute}</code>
                                </td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}
