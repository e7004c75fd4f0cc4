//! What is found of a key that the restore adds.

use recovery::plan::TablePlan;
use recovery::preflight::{Choice, Example, Finding, Severity};
use recovery::synthetic_key::SyntheticKey;

use super::findings::{Of, are, count};

/// The choice to add a key; `is_proven` where every row was read and has one of its own.
pub(super) fn choice(table: &TablePlan, kind: SyntheticKey, is_proven: bool) -> Choice {
    Choice::UseKey {
        table: table.source.clone(),
        partition: SyntheticKey::free_name(&table.columns),
        sort: None,
        synthetic: Some(kind),
        proven: is_proven,
    }
}

/// Says that items have an attribute that their rows do not have.
pub(super) fn note(table: &TablePlan, kind: SyntheticKey) -> Finding {
    let message = format!(
        "The restore adds one attribute to each item, {}: {}, as its key.",
        table.key.partition.column,
        kind.description()
    );
    Of(table)
        .finding(Severity::Note, "attribute_added", message)
        .count(table.rows)
}

/// What reading every row says: `identical` are those that another one before them equals.
pub(super) fn exact(
    table: &TablePlan,
    kind: SyntheticKey,
    identical: u64,
    examples: Vec<Example>,
) -> Finding {
    if identical == 0 {
        return match kind {
            SyntheticKey::RowDigest => {
                let message = "No row is identical to another one: each has a digest of its own.";
                Of(table)
                    .finding(Severity::Passed, "key_unique", message.to_owned())
                    .count(table.rows)
            }
            SyntheticKey::RowPlace => place(table),
        };
    }
    let message = format!(
        "{} identical to another row in every column, so they share a digest; each would overwrite the other.",
        are(identical, "row")
    );
    let by_place = table
        .existing
        .is_refuse()
        .then(|| choice(table, SyntheticKey::RowPlace, true));
    Of(table)
        .finding(Severity::Blocks, "identical_rows", message)
        .count(identical)
        .hint("Key the rows by their place in the copy: then each is an item of its own.")
        .examples(examples)
        .choices(by_place.into_iter().chain([Of(table).leave_out()]))
}

/// What footers say.
pub(super) fn quick(table: &TablePlan, kind: SyntheticKey) -> Finding {
    match kind {
        SyntheticKey::RowDigest => {
            let message = format!(
                "Whether any of {} are identical, and would share a digest, was not checked.",
                count(table.rows, "row")
            );
            Of(table)
                .finding(Severity::NotChecked, "key_unique", message)
                .choices([Choice::CheckExactly])
        }
        SyntheticKey::RowPlace => place(table),
    }
}

fn place(table: &TablePlan) -> Finding {
    let message = "No two rows stand in one place: each has a key of its own.";
    Of(table)
        .finding(Severity::Passed, "key_unique", message.to_owned())
        .count(table.rows)
}
