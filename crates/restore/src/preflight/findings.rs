//! Counts as sentences.

use aws::dynamodb::ITEM_BYTES_MAX;
use recovery::plan::{Capacity, TablePlan};
use recovery::preflight::{Finding, Severity};
use recovery::types::ColumnKind;

use super::rows::{PARTITION_BYTES_MAX, SORT_BYTES_MAX, Tally, key_columns};
use crate::keys::Duplicates;

/// Writes a second that a new on-demand table takes before it has seen any traffic.
const NEW_TABLE_WRITES: u64 = 4_000;

/// A finding about a table.
pub(super) fn finding(table: &TablePlan, severity: Severity, code: &str, message: String) -> Finding {
    Finding {
        severity,
        code: code.to_owned(),
        table: Some(table.source.clone()),
        column: None,
        count: None,
        message,
        hint: None,
        examples: Vec::new(),
    }
}

pub(super) fn of_rows(
    table: &TablePlan,
    tally: &Tally,
    duplicates: &Duplicates,
    examples: Vec<String>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    rows(table, tally, &mut found);
    keys(table, tally, duplicates, examples, &mut found);
    columns(table, tally, &mut found);
    sizes(table, tally, &mut found);
    found
}

fn rows(table: &TablePlan, tally: &Tally, found: &mut Vec<Finding>) {
    let (severity, message) = if tally.rows == table.rows {
        (
            Severity::Passed,
            format!(
                "All {} were read, as the footers count them.",
                count(tally.rows, "row")
            ),
        )
    } else {
        (
            Severity::Blocks,
            format!(
                "The footers count {}, but {} were read.",
                count(table.rows, "row"),
                tally.rows
            ),
        )
    };
    let mut finding = finding(table, severity, "rows_readable", message);
    finding.count = Some(tally.rows);
    if severity == Severity::Blocks {
        finding.hint = Some("The copy is damaged. Restore from another Region's copy.".to_owned());
    }
    found.push(finding);
}

fn keys(
    table: &TablePlan,
    tally: &Tally,
    duplicates: &Duplicates,
    examples: Vec<String>,
    found: &mut Vec<Finding>,
) {
    let names = key_columns(table);
    let key = names.join(", ");
    let before = found.len();
    let mut blocks = |column: Option<&String>, code: &str, rows: u64, message: String, hint: &str| {
        let mut finding = finding(table, Severity::Blocks, code, message);
        finding.column = column.cloned();
        finding.count = Some(rows);
        finding.hint = Some(hint.to_owned());
        found.push(finding);
    };
    if duplicates.rows > 0 {
        let message = format!(
            "{} have a key ({key}) that another row has too; each would overwrite the other.",
            count(duplicates.rows, "row")
        );
        let hint = "Choose a key that is unique in every row, for example by adding a sort key.";
        blocks(names.first(), "duplicate_key", duplicates.rows, message, hint);
    }
    for (part, column) in names.iter().enumerate() {
        let (role, max) = if part == 0 {
            ("partition", PARTITION_BYTES_MAX)
        } else {
            ("sort", SORT_BYTES_MAX)
        };
        if tally.null_keys[part] > 0 {
            let message = format!(
                "{} are NULL in {column}, and a key cannot be NULL.",
                count(tally.null_keys[part], "row")
            );
            let hint = "Choose a key whose columns hold a value in every row.";
            blocks(Some(column), "null_key", tally.null_keys[part], message, hint);
        }
        if tally.empty_keys[part] > 0 {
            let message = format!(
                "{} are empty in {column}, and a key cannot be empty.",
                count(tally.empty_keys[part], "row")
            );
            let hint = "Choose a key whose columns hold a value in every row.";
            blocks(Some(column), "empty_key", tally.empty_keys[part], message, hint);
        }
        if tally.long_keys[part] > 0 {
            let message = format!(
                "{} hold more than {max} bytes in {column}, which a {role} key cannot.",
                count(tally.long_keys[part], "row")
            );
            let hint = "Choose a shorter column as the key.";
            blocks(Some(column), "long_key", tally.long_keys[part], message, hint);
        }
    }
    if let Some(duplicate) = found.iter_mut().find(|finding| finding.code == "duplicate_key") {
        duplicate.examples = examples;
    }
    if found.len() == before {
        let message = format!("{key} is unique and present in every row.");
        let mut finding = finding(table, Severity::Passed, "key_unique", message);
        finding.count = Some(tally.rows);
        found.push(finding);
    }
}

fn columns(table: &TablePlan, tally: &Tally, found: &mut Vec<Finding>) {
    let before = found.len();
    for (position, column) in table.columns.iter().enumerate() {
        let at = |severity, code: &str, values: u64, message: String, hint: &str| {
            let mut finding = finding(table, severity, code, message);
            finding.column = Some(column.name.clone());
            finding.count = Some(values);
            finding.hint = (!hint.is_empty()).then(|| hint.to_owned());
            finding
        };
        let unfit = tally.unfit.get(position).copied().unwrap_or_default();
        if unfit > 0
            && matches!(
                column.kind,
                ColumnKind::DateTime | ColumnKind::Timestamp | ColumnKind::DateOrTimeText
            )
            && !column.parquet_type.starts_with("BYTE_ARRAY")
        {
            found.push(at(
                Severity::Blocks,
                "unrepresentable_value",
                unfit,
                format!(
                    "{} of {} lie outside the years 0 to 9999.",
                    count(unfit, "value"),
                    column.name
                ),
                "Leave the table out, or mend the values at the source and export a later recovery point.",
            ));
        } else if unfit > 0 {
            found.push(at(
                Severity::Blocks,
                "invalid_utf8",
                unfit,
                format!(
                    "{} of {} are not UTF-8, which a string must be.",
                    count(unfit, "value"),
                    column.name
                ),
                "Take the column as binary: its bytes are then kept as they are.",
            ));
        }
        let as_text = tally.as_text.get(position).copied().unwrap_or_default();
        if as_text > 0 {
            found.push(at(
                Severity::Note,
                "double_as_text",
                as_text,
                format!(
                    "{} of {} are beyond DynamoDB's numbers and are kept as strings, exactly.",
                    count(as_text, "value"),
                    column.name
                ),
                "",
            ));
        }
        let is_guess = column.original_type.is_none()
            && column.kind == ColumnKind::Binary
            && column.parquet_type.starts_with("BYTE_ARRAY");
        if is_guess {
            found.push(at(
                Severity::Note,
                "unknown_bytes",
                tally.rows,
                format!(
                    "The export does not tell whether {} is text or bytes; it is kept as bytes.",
                    column.name
                ),
                "Take the column as text if it was CHAR.",
            ));
        }
    }
    if !found[before..]
        .iter()
        .any(|finding| finding.severity == Severity::Blocks)
    {
        let message = format!(
            "Every value of {} has a lossless form.",
            count(table.columns.len() as u64, "column")
        );
        found.push(finding(table, Severity::Passed, "values_representable", message));
    }
}

fn sizes(table: &TablePlan, tally: &Tally, found: &mut Vec<Finding>) {
    if tally.large_items > 0 {
        let mut finding = finding(
            table,
            Severity::Blocks,
            "item_too_large",
            format!(
                "{} would be larger than {} KB, DynamoDB's limit.",
                count(tally.large_items, "item"),
                ITEM_BYTES_MAX / 1_024
            ),
        );
        finding.count = Some(tally.large_items);
        finding.examples.clone_from(&tally.large_examples);
        finding.hint = Some("Leave the table out: an item cannot hold these rows.".to_owned());
        found.push(finding);
    } else {
        let message = format!(
            "The largest item has at most {} bytes of {ITEM_BYTES_MAX}.",
            tally.largest
        );
        found.push(finding(table, Severity::Passed, "item_sizes", message));
    }
    let (per_second, basis) = match table.capacity {
        Capacity::OnDemand => (NEW_TABLE_WRITES, "a new on-demand table starts at"),
        Capacity::Provisioned { write_units, .. } => (write_units.max(1), "the plan provisions"),
    };
    let mut capacity = finding(
        table,
        Severity::Note,
        "write_capacity",
        format!(
            "Writing takes about {} write units, so at least {} s while {basis} {per_second} a second.",
            tally.write_units,
            tally.write_units.div_ceil(per_second)
        ),
    );
    capacity.count = Some(tally.write_units);
    found.push(capacity);
}

/// `1 row`, `2 rows`.
fn count(number: u64, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}
