//! The tables of an export.

use leptos::prelude::*;
use recovery::table::{Column, TableSummary};

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
                        view! {
                            <tr>
                                <th scope="row">
                                    <code>{table.name.to_string()}</code>
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
                    view! {
                        <details class="table-details" open=single>
                            <summary>
                                <code>{table.name.to_string()}</code>
                                {table
                                    .skipped
                                    .clone()
                                    .map(|why| view! { <Status tone=Tone::Warning>{format!("Not exported: {why}")}</Status> })}
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
                            <Columns columns=table.columns />
                        </details>
                    }
                })
                .collect_view()}
        </div>
    }
    .into_any()
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
