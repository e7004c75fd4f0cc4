//! A preflight without a row: footers and their statistics.
//!
//! Statistics can speak against a plan and cannot prove that nothing does, so most checks end `not_checked` here.

use aws::Cloud;
use aws::dynamodb::ITEM_BYTES_MAX;
use recovery::estimate::{Load, WRITE_UNIT_BYTES};
use recovery::plan::{Plan, TablePlan};
use recovery::preflight::{Choice, Finding, Severity};
use recovery::types::{ColumnKind, base_type};
use tokio_util::sync::CancellationToken;

use super::added_key;
use super::findings::{Of, are, count, key_text, of_kind};
use super::rows::key_columns;
use crate::inspect::bucket_of;
use crate::row::{added_bytes, number};
use crate::statistics::{Range, Statistics};
use crate::{Error, Refusal, concurrent, footer};

/// Footers read at once.
const FOOTERS_IN_FLIGHT: usize = 24;

/// Reads the footers of a table's objects, which must be the plan's.
pub(super) async fn look(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    cancel: &CancellationToken,
) -> Result<(Vec<Finding>, Load), Error> {
    let bucket = &bucket_of(&plan.copy);
    let objects = table.objects.as_slice();
    let footers = concurrent::ordered(objects.len(), FOOTERS_IN_FLIGHT, |index| async move {
        let object = &objects[index];
        let footer = footer::read(cloud, bucket, &object.key, object.size, &object.etag, cancel).await?;
        if footer.row_groups() != object.row_groups {
            return Err(Refusal::new(
                "object_changed",
                bucket.uri(&object.key),
                "its row groups are not those of the plan",
                "The copy has changed since the plan was made. Verify the copy, then make a new plan.",
            )
            .into());
        }
        Ok(Statistics::of(&footer, &table.columns))
    })
    .await?;
    let mut statistics = Statistics::new(table.columns.len());
    for own in footers {
        statistics.merge(own);
    }
    let load = load(table, &statistics);
    Ok((findings(table, &statistics), load))
}

/// What is to be written, about.
fn load(table: &TablePlan, statistics: &Statistics) -> Load {
    let bytes = statistics.bytes(&table.columns) + statistics.rows * added_bytes(&table.key) as u64;
    let each = bytes.div_ceil(statistics.rows.max(1)).div_ceil(WRITE_UNIT_BYTES);
    Load {
        items: statistics.rows,
        bytes,
        write_units: statistics.rows * each.max(1),
        hottest_units: None,
        is_exact: false,
    }
}

fn findings(table: &TablePlan, statistics: &Statistics) -> Vec<Finding> {
    let mut found = Vec::new();
    let not_checked = |code: &str, message: String| {
        Of(table)
            .finding(Severity::NotChecked, code, message)
            .choices([Choice::CheckExactly])
    };
    let message = format!(
        "The footers count {}; whether each can be read was not checked.",
        count(statistics.rows, "row")
    );
    found.push(not_checked("rows_readable", message).count(statistics.rows));

    let before = found.len();
    match table.key.synthetic {
        Some(kind) => found.extend([added_key::note(table, kind), added_key::quick(table, kind)]),
        None => found.extend(keys(table, statistics)),
    }
    if found.len() == before {
        let message = format!(
            "Whether {} is unique and present in every row was not checked.",
            key_text(table)
        );
        found.push(not_checked("key_unique", message));
    }
    for (column, own) in table.columns.iter().zip(&statistics.columns) {
        found.extend(of_kind(table, column, statistics.rows));
        let exceeds = |value: f64| !number::double_is_number(value) && value != 0.0;
        let beyond = matches!(own.range, Range::Doubles(min, max) if exceeds(min) || exceeds(max));
        if beyond {
            let message = format!(
                "Some values of {} are beyond DynamoDB's numbers and kept as strings, exactly.",
                column.name
            );
            found.push(
                Of(table)
                    .finding(Severity::Note, "double_as_text", message)
                    .column(&column.name),
            );
        }
        let is_date = column.original_type.as_deref().map(base_type).as_deref() == Some("date");
        let has_zero = matches!(&own.range, Range::Bytes(min, _) if min.starts_with(b"0000-"));
        if is_date && has_zero {
            let message = format!(
                "Some values of {} are no day of any calendar (such as 0000-00-00) and kept as the text that was exported.",
                column.name
            );
            found.push(
                Of(table)
                    .finding(Severity::Note, "zero_date", message)
                    .column(&column.name),
            );
        }
    }
    let always_fits = |kind| {
        matches!(
            kind,
            ColumnKind::Integer | ColumnKind::Decimal { .. } | ColumnKind::Boolean | ColumnKind::Binary
        )
    };
    found.push(if table.columns.iter().all(|column| always_fits(column.kind)) {
        let message = format!(
            "Every value of {} has a lossless form, whatever it is.",
            count(table.columns.len() as u64, "column")
        );
        Of(table).finding(Severity::Passed, "values_representable", message)
    } else {
        let message = "Whether every value is UTF-8, a day, an instant and a number that DynamoDB holds was not checked.";
        not_checked("values_representable", message.to_owned())
    });
    let item_bytes_max = statistics.item_bytes_max + added_bytes(&table.key) as u64;
    found.push(if item_bytes_max <= ITEM_BYTES_MAX as u64 {
        let message = format!("No item can be larger than {item_bytes_max} bytes of {ITEM_BYTES_MAX}.");
        Of(table).finding(Severity::Passed, "item_sizes", message)
    } else {
        let message = format!(
            "Whether every item fits into {} KB was not checked.",
            ITEM_BYTES_MAX / 1_024
        );
        not_checked("item_sizes", message)
    });
    if table.key.sort.is_some() {
        let partition = &table.key.partition.column;
        let message = format!("How evenly rows are spread over values of {partition} was not checked.");
        found.push(not_checked("partition_spread", message).column(partition));
    }
    found
}

/// What statistics alone say against the key.
fn keys(table: &TablePlan, statistics: &Statistics) -> Vec<Finding> {
    let mut found = Vec::new();
    let blocks = |column: &str, code: &str, message: String, hint: &str| {
        Of(table)
            .finding(Severity::Blocks, code, message)
            .column(column)
            .hint(hint)
            .choices([Of(table).leave_out()])
    };
    let names = key_columns(table);
    for name in &names {
        let Some(own) = table
            .columns
            .iter()
            .position(|column| column.name == *name)
            .and_then(|position| statistics.columns.get(position))
        else {
            continue;
        };
        let present = "Choose a key whose columns hold a value in every row.";
        if let Some(nulls) = own.nulls.filter(|nulls| *nulls > 0) {
            let message = format!("{} NULL in {name}, and a key cannot be NULL.", are(nulls, "row"));
            found.push(blocks(name, "null_key", message, present).count(nulls));
        }
        if matches!(&own.range, Range::Bytes(min, _) if min.is_empty()) {
            let message = format!("Rows are empty in {name}, and a key cannot be empty.");
            found.push(blocks(name, "empty_key", message, present));
        }
        if names.len() == 1 && own.repeats(statistics.rows) {
            let message = format!(
                "{} cannot all differ in {name}: its least and its greatest value leave room for fewer.",
                count(statistics.rows, "row")
            );
            let hint = "Choose a key that is unique in every row, for example by adding a sort key.";
            found.push(blocks(name, "duplicate_key", message, hint));
        }
    }
    found
}
