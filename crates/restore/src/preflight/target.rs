//! Whether a target can be written to.

use aws::Cloud;
use aws::dynamodb::{TableDescription, TableRef, TableStatus};
use recovery::ids::TargetName;
use recovery::plan::{Capacity, Existing, Plan, TablePlan};
use recovery::preflight::{Choice, Depth, Finding, Severity};
use recovery::synthetic_key::SyntheticKey;
use tokio_util::sync::CancellationToken;

use super::findings::Of;
use crate::existing::look_at_table;
use crate::import::is_imported;
use crate::targets::{definition, table_ref};
use crate::{Error, Tuning};

/// Names that are tried in search of a free one.
const NAMES_MAX: u32 = 9;

/// What is found of the table's target, and the capacity that it has or will have.
pub(super) async fn look(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    depth: Depth,
    cancel: &CancellationToken,
) -> Result<(Finding, Capacity), Error> {
    let target = table_ref(plan, table);
    let finding =
        |severity, code: &str, message: String| Finding::new(severity, code, message).of(&table.source);
    let existing = match cloud.describe_table(&target).await {
        Ok(existing) => existing,
        Err(error) if error.is_not_found() => {
            let message = format!("{target} is not there and will be created.");
            return Ok((finding(Severity::Passed, "target_free", message), table.capacity));
        }
        Err(error) => return Err(error.into()),
    };
    let blocked = if is_imported(table) {
        let message = format!("{target} is there, and DynamoDB imports into new tables only.");
        let blocked = finding(Severity::Blocks, "target_exists", message);
        Some(blocked.hint("Choose another target, or restore by write."))
    } else if let Some(difference) = key_difference(table, &existing) {
        let message = format!("{target} is there with another key: {difference}.");
        let blocked = finding(Severity::Blocks, "target_key_differs", message)
            .hint("Choose another target, or the key that the table has.");
        Some(blocked.choices(key_of(table, &existing)))
    } else if !matches!(existing.status, TableStatus::Active | TableStatus::Updating) {
        let message = format!("{target} is there and is {:?}.", existing.status);
        let blocked = finding(Severity::Blocks, "target_not_active", message);
        Some(blocked.hint("Wait until the table is ACTIVE, or choose another target."))
    } else if !table.existing.is_refuse() {
        let found = existing_items(cloud, plan, table, &target, depth, cancel).await?;
        return Ok((found, existing.capacity));
    } else if !cloud.is_table_empty(&target).await? {
        let message = format!("{target} is there and holds items.");
        let treated = [Existing::OnlyMissing, Existing::Overwrite].map(|existing| Choice::TreatExisting {
            table: table.source.clone(),
            existing,
        });
        let blocked = finding(Severity::Blocks, "target_not_empty", message)
            .hint("Choose another target, or what becomes of its items.");
        // Among other items, a place does not tell whose key it is.
        let is_place = table.key.synthetic == Some(SyntheticKey::RowPlace);
        Some(blocked.choices(treated.into_iter().filter(|_| !is_place)))
    } else {
        None
    };
    let Some(mut blocked) = blocked else {
        let message = format!("{target} is there, is empty and has the right key.");
        return Ok((
            finding(Severity::Passed, "target_free", message),
            existing.capacity,
        ));
    };
    if let Some(free) = free_name(cloud, plan, &target).await? {
        blocked.choices.push(Choice::UseTarget {
            table: table.source.clone(),
            target: free,
        });
    }
    Ok((blocked, existing.capacity))
}

/// What the target holds under the copy's keys, where the plan allows that it holds anything.
async fn existing_items(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    target: &TableRef,
    depth: Depth,
    cancel: &CancellationToken,
) -> Result<Finding, Error> {
    let finding = |severity, message| Of(table).finding(severity, "existing_items", message);
    let fate = match table.existing {
        Existing::Refuse | Existing::OnlyMissing => "stay as they are",
        Existing::Overwrite => "are replaced whole",
    };
    let not_counted = |why: &str| {
        let message = format!("{target} is there. Items that it holds under the copy's keys {fate}; {why}.");
        finding(Severity::NotChecked, message)
    };
    if depth == Depth::Quick {
        return Ok(not_counted("how many there are takes an exact preflight").choices([Choice::CheckExactly]));
    }
    let tuning = Tuning::default();
    let looked = match look_at_table(cloud, plan, table, 0, &tuning, None, cancel).await {
        Ok(looked) => looked,
        // What is wrong with the rows is found and told where they are checked.
        Err(Error::Refused(refusal)) => {
            return Ok(not_counted(&format!(
                "they could not be counted: {}",
                refusal.cause
            )));
        }
        Err(other) => return Err(other),
    };
    let (rows, equal, missing) = (table.rows, looked.equal.rows(), looked.missing);
    let message = format!(
        "{target} is there. Of the copy's {rows} keys it holds {}: {equal} with the very items of the rows, {} with \
         others, which {fate}. {missing} rows are missing and will be written.",
        rows - missing,
        looked.different,
    );
    let severity = match table.existing {
        Existing::Overwrite if looked.different > 0 => Severity::Warning,
        _ => Severity::Note,
    };
    Ok(finding(severity, message))
}

/// The key that the table has, where the copy has such columns.
fn key_of(table: &TablePlan, existing: &TableDescription) -> Option<Choice> {
    let has = |key: &aws::dynamodb::KeyDefinition| {
        table.columns.iter().any(|column| {
            column.name == key.name
                && column.kind.can_be_key()
                && column.kind.attribute_type() == key.attribute_type
        })
    };
    let fits = has(&existing.partition) && existing.sort.as_ref().is_none_or(has);
    fits.then(|| Choice::UseKey {
        table: table.source.clone(),
        partition: existing.partition.name.clone(),
        sort: existing.sort.as_ref().map(|sort| sort.name.clone()),
        synthetic: None,
        proven: false,
    })
}

/// `orders-2`, `orders-3`, … : the first name that neither a table has nor the plan gives to another one.
async fn free_name(cloud: &Cloud, plan: &Plan, taken: &TableRef) -> Result<Option<TargetName>, Error> {
    for number in 2..=NAMES_MAX {
        let Ok(name) = format!("{}-{number}", taken.name).parse::<TargetName>() else {
            return Ok(None);
        };
        if plan.tables.iter().any(|table| table.target == name) {
            continue;
        }
        let candidate = TableRef {
            name: name.clone(),
            ..taken.clone()
        };
        match cloud.describe_table(&candidate).await {
            Ok(_) => {}
            Err(error) if error.is_not_found() => return Ok(Some(name)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// How an existing table's key differs from the plan's, in words.
pub(crate) fn key_difference(table: &TablePlan, existing: &TableDescription) -> Option<String> {
    let wanted = definition(table);
    if wanted.partition == existing.partition && wanted.sort == existing.sort {
        return None;
    }
    let words = |partition: &aws::dynamodb::KeyDefinition, sort: &Option<aws::dynamodb::KeyDefinition>| {
        std::iter::once(partition)
            .chain(sort)
            .map(|key| format!("{} ({})", key.name, key.attribute_type.name()))
            .collect::<Vec<_>>()
            .join(", ")
    };
    Some(format!(
        "it has {}, the plan {}",
        words(&existing.partition, &existing.sort),
        words(&wanted.partition, &wanted.sort)
    ))
}
