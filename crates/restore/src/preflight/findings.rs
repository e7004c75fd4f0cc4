//! Counts over all rows as findings.

use aws::dynamodb::ITEM_BYTES_MAX;
use recovery::estimate::{Limit, Load, PARTITION_WRITES_MAX, write_pace};
use recovery::plan::{Capacity, TablePlan};
use recovery::preflight::{Choice, Example, Finding, Severity};
use recovery::request::TreatAs;
use recovery::synthetic_key::SyntheticKey;
use recovery::table::{Column, KeyCandidate};
use recovery::types::ColumnKind;

use super::added_key;
use super::rows::{Counted, Tally, key_columns};
use crate::frequent::Top;
use crate::keys::{Duplicates, KEY_BYTES_MAX};

/// A partition key value that alone takes less time than this is no risk, however large its share.
const HOT_SECONDS_MIN: u64 = 10;

/// What every finding of one table begins with.
#[derive(Clone, Copy)]
pub(super) struct Of<'a>(pub(super) &'a TablePlan);

impl Of<'_> {
    pub(super) fn finding(self, severity: Severity, code: &str, message: String) -> Finding {
        Finding::new(severity, code, message).of(&self.0.source)
    }

    pub(super) fn leave_out(self) -> Choice {
        Choice::LeaveOut {
            table: self.0.source.clone(),
        }
    }

    pub(super) fn treat_as(self, column: &Column, treat_as: TreatAs) -> Choice {
        Choice::TreatAs {
            table: self.0.source.clone(),
            column: column.name.clone(),
            treat_as,
        }
    }
}

/// `id`, or `order_id, line`.
pub(super) fn key_text(table: &TablePlan) -> String {
    key_columns(table).join(", ")
}

/// What was found over all rows of a table.
pub(super) struct Found {
    pub(super) tally: Tally,
    pub(super) duplicates: Duplicates,
    /// The first keys that several rows share.
    pub(super) shared_keys: Vec<Example>,
    /// Other keys that were proven, where this one is none.
    pub(super) other_keys: Vec<KeyCandidate>,
    /// Where none was: the key that can be added, which every row has by itself.
    pub(super) addable: Option<SyntheticKey>,
}

impl Found {
    /// Whether the key is none.
    pub(super) fn refuses_key(tally: &Tally, duplicates: &Duplicates) -> bool {
        let faults = [&tally.null_keys, &tally.empty_keys, &tally.long_keys];
        duplicates.rows > 0
            || faults
                .iter()
                .flat_map(|parts| parts.iter())
                .any(|part| part.count > 0)
    }

    /// What is to be written.
    pub(super) fn load(&self, table: &TablePlan) -> Load {
        Load {
            items: self.tally.rows,
            bytes: self.tally.bytes,
            write_units: self.tally.write_units,
            hottest_units: self.hottest(table).map(|top| top.at_least),
            is_exact: true,
        }
    }

    /// The most frequent partition key value, where items can share one.
    pub(super) fn hottest(&self, table: &TablePlan) -> Option<Top> {
        table.key.sort.as_ref()?;
        self.tally.partitions.top()
    }

    /// Everything but the target.
    pub(super) fn findings(
        &self,
        table: &TablePlan,
        capacity: Capacity,
        hottest: Vec<Example>,
    ) -> Vec<Finding> {
        let mut found = vec![self.rows(table)];
        found.extend(self.keys(table));
        found.extend(self.columns(table));
        found.push(self.sizes(table));
        found.extend(self.partitions(table, capacity, hottest));
        found
    }

    fn rows(&self, table: &TablePlan) -> Finding {
        let rows = self.tally.rows;
        if rows == table.rows {
            let message = format!("All {} were read, as the footers count them.", count(rows, "row"));
            return Of(table)
                .finding(Severity::Passed, "rows_readable", message)
                .count(rows);
        }
        let message = format!(
            "The footers count {}, but {rows} were read.",
            count(table.rows, "row")
        );
        Of(table)
            .finding(Severity::Blocks, "rows_readable", message)
            .count(rows)
            .hint("The copy is damaged. Restore from another Region's copy.")
            .choices([Choice::UseCopy { region: None }, Of(table).leave_out()])
    }

    fn keys(&self, table: &TablePlan) -> Vec<Finding> {
        if let Some(kind) = table.key.synthetic {
            let examples = self.shared_keys.clone();
            let unique = added_key::exact(table, kind, self.duplicates.rows, examples);
            return vec![added_key::note(table, kind), unique];
        }
        let names = key_columns(table);
        let mut found = Vec::new();
        let mut choices: Vec<Choice> = self
            .other_keys
            .iter()
            .map(|key| Choice::UseKey {
                table: table.source.clone(),
                partition: key.partition.clone(),
                sort: key.sort.clone(),
                synthetic: None,
                proven: key.proven,
            })
            .collect();
        choices.extend(self.addable.map(|kind| added_key::choice(table, kind, true)));
        choices.push(Of(table).leave_out());
        let mut blocks =
            |column: Option<&String>, code: &str, rows: &Counted, message: String, hint: &str| {
                let mut finding = Of(table)
                    .finding(Severity::Blocks, code, message)
                    .count(rows.count)
                    .hint(hint)
                    .examples(rows.examples.clone())
                    .choices(choices.clone());
                finding.column = column.cloned();
                found.push(finding);
            };
        if self.duplicates.rows > 0 {
            let shared = Counted {
                count: self.duplicates.rows,
                examples: self.shared_keys.clone(),
            };
            let message = format!(
                "{} a key ({}) that another row has too; each would overwrite the other.",
                have(shared.count, "row"),
                key_text(table)
            );
            let hint = "Choose a key that is unique in every row, for example by adding a sort key.";
            blocks(names.first(), "duplicate_key", &shared, message, hint);
        }
        for (part, (column, max)) in names.iter().zip(KEY_BYTES_MAX).enumerate() {
            let role = if part == 0 { "partition" } else { "sort" };
            let present = "Choose a key whose columns hold a value in every row.";
            let rows = &self.tally.null_keys[part];
            if rows.count > 0 {
                let message = format!(
                    "{} NULL in {column}, and a key cannot be NULL.",
                    are(rows.count, "row")
                );
                blocks(Some(column), "null_key", rows, message, present);
            }
            let rows = &self.tally.empty_keys[part];
            if rows.count > 0 {
                let message = format!(
                    "{} empty in {column}, and a key cannot be empty.",
                    are(rows.count, "row")
                );
                blocks(Some(column), "empty_key", rows, message, present);
            }
            let rows = &self.tally.long_keys[part];
            if rows.count > 0 {
                let message = format!(
                    "{} more than {max} bytes in {column}, which a {role} key cannot.",
                    hold(rows.count, "row")
                );
                blocks(
                    Some(column),
                    "long_key",
                    rows,
                    message,
                    "Choose a shorter column as the key.",
                );
            }
        }
        if found.is_empty() {
            let message = format!("{} is unique and present in every row.", key_text(table));
            let passed = Of(table).finding(Severity::Passed, "key_unique", message);
            found.push(passed.count(self.tally.rows));
        }
        found
    }

    fn columns(&self, table: &TablePlan) -> Vec<Finding> {
        let mut found = Vec::new();
        let at = |column: &Column, severity, code: &str, values: &Counted, message: String| {
            Of(table)
                .finding(severity, code, message)
                .column(&column.name)
                .count(values.count)
                .examples(values.examples.clone())
        };
        for (position, column) in table.columns.iter().enumerate() {
            let name = &column.name;
            let unfit = &self.tally.unfit[position];
            if unfit.count > 0 && is_bytes(column) {
                let message = format!("{} not UTF-8, which a string must be.", are_of(unfit.count, name));
                let mut finding = at(column, Severity::Blocks, "invalid_utf8", unfit, message);
                if matches!(column.kind, ColumnKind::Text | ColumnKind::Json) {
                    finding = finding.hint("Take the column as binary: its bytes are then kept as they are.");
                    finding.choices.push(Of(table).treat_as(column, TreatAs::Binary));
                }
                finding.choices.push(Of(table).leave_out());
                found.push(finding);
            } else if unfit.count > 0 {
                let message = format!("{} outside the years 0 to 9999.", are_of(unfit.count, name));
                found.push(
                    at(column, Severity::Blocks, "unrepresentable_value", unfit, message)
                        .hint("Leave the table out, or mend the values at the source and export a later recovery point.")
                        .choices([Of(table).leave_out()]),
                );
            }
            let as_text = &self.tally.as_text[position];
            if as_text.count > 0 {
                let message = format!(
                    "{} beyond DynamoDB's numbers and kept as {}, exactly.",
                    are_of(as_text.count, name),
                    if as_text.count == 1 { "a string" } else { "strings" }
                );
                found.push(at(column, Severity::Note, "double_as_text", as_text, message));
            }
            let zero = &self.tally.zero_dates[position];
            if zero.count > 0 {
                let message = format!(
                    "{} no day of any calendar (such as 0000-00-00) and kept as the text that was exported.",
                    are_of(zero.count, name)
                );
                found.push(at(column, Severity::Note, "zero_date", zero, message));
            }
            found.extend(of_kind(table, column, self.tally.rows));
        }
        if !found.iter().any(|finding| finding.severity == Severity::Blocks) {
            let message = format!(
                "Every value of {} has a lossless form.",
                count(table.columns.len() as u64, "column")
            );
            found.push(Of(table).finding(Severity::Passed, "values_representable", message));
        }
        found
    }

    fn sizes(&self, table: &TablePlan) -> Finding {
        let large = &self.tally.large;
        if large.count > 0 {
            let message = format!(
                "{} be larger than {} KB, DynamoDB's limit; the largest takes {} bytes.",
                would(large.count, "item"),
                ITEM_BYTES_MAX / 1_024,
                self.tally.largest
            );
            return Of(table)
                .finding(Severity::Blocks, "item_too_large", message)
                .count(large.count)
                .examples(large.examples.clone())
                .hint("Leave the table out: an item cannot hold these rows.")
                .choices([Of(table).leave_out()]);
        }
        let message = format!(
            "The largest item has at most {} bytes of {ITEM_BYTES_MAX}.",
            self.tally.largest
        );
        Of(table).finding(Severity::Passed, "item_sizes", message)
    }

    /// How evenly writes are spread over partition key values.
    fn partitions(&self, table: &TablePlan, capacity: Capacity, examples: Vec<Example>) -> Option<Finding> {
        let top = self.hottest(table)?;
        let units = self.tally.write_units.max(1);
        let partition = &table.key.partition.column;
        let share = percent(top.at_least, units);
        if self.is_hot(table, capacity) {
            let seconds = top.at_least.div_ceil(PARTITION_WRITES_MAX);
            let message = format!(
                "One value of {partition} takes {share} of the write units ({} of {units}), and DynamoDB takes \
                 {PARTITION_WRITES_MAX} a second of one: writing lasts at least {seconds} s, however much capacity the \
                 table has.",
                top.at_least
            );
            let warning = Of(table)
                .finding(Severity::Warning, "hot_partition", message)
                .column(partition)
                .count(top.at_least)
                .examples(examples)
                .hint("Take a column with more, and more evenly used, values as the partition key.");
            return Some(warning);
        }
        let message = format!("The most frequent value of {partition} takes {share} of the write units.");
        Some(
            Of(table)
                .finding(Severity::Passed, "partition_spread", message)
                .column(partition),
        )
    }

    /// Whether one partition key value alone decides how long writing takes.
    pub(super) fn is_hot(&self, table: &TablePlan, capacity: Capacity) -> bool {
        let pace = write_pace(&self.load(table), capacity, &table.pace);
        pace.limit == Limit::PartitionKeyValue && pace.seconds >= HOT_SECONDS_MIN
    }
}

fn is_bytes(column: &Column) -> bool {
    column.parquet_type.starts_with("BYTE_ARRAY") || column.parquet_type.starts_with("FIXED_LEN_BYTE_ARRAY")
}

/// What the kind of a column alone says, whatever its values.
pub(super) fn of_kind(table: &TablePlan, column: &Column, rows: u64) -> Option<Finding> {
    let name = &column.name;
    let note = |code: &str, message: String| {
        Of(table)
            .finding(Severity::Note, code, message)
            .column(name)
            .count(rows)
    };
    let is_guess = column.original_type.is_none()
        && column.kind == ColumnKind::Binary
        && column.parquet_type.starts_with("BYTE_ARRAY");
    if is_guess {
        let message =
            format!("The export does not tell whether {name} is text or bytes; it is kept as bytes.");
        let note = note("unknown_bytes", message).hint("Take the column as text if it was CHAR.");
        return Some(note.choices([Of(table).treat_as(column, TreatAs::Text)]));
    }
    let is_long = match column.kind {
        ColumnKind::Decimal { precision, .. } => precision > 38,
        ColumnKind::DecimalText => true,
        _ => false,
    };
    is_long.then(|| {
        let message = format!(
            "{name} has more digits than DynamoDB's numbers, which are 38; it is kept as strings, with every digit."
        );
        note("decimal_as_text", message)
    })
}

/// `12.5 %`.
fn percent(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1_000 / u128::from(whole.max(1));
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// `1 row`, `2 rows`.
pub(super) fn count(number: u64, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

fn with_verb(number: u64, noun: &str, one: &str, several: &str) -> String {
    let verb = if number == 1 { one } else { several };
    format!("{} {verb}", count(number, noun))
}

pub(super) fn are(number: u64, noun: &str) -> String {
    with_verb(number, noun, "is", "are")
}

fn are_of(number: u64, column: &str) -> String {
    let verb = if number == 1 { "is" } else { "are" };
    format!("{} of {column} {verb}", count(number, "value"))
}

fn have(number: u64, noun: &str) -> String {
    with_verb(number, noun, "has", "have")
}

fn hold(number: u64, noun: &str) -> String {
    with_verb(number, noun, "holds", "hold")
}

fn would(number: u64, noun: &str) -> String {
    with_verb(number, noun, "would", "would")
}
