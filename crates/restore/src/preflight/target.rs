//! Whether a target can be written to.

use aws::Cloud;
use aws::dynamodb::{TableDescription, TableStatus};
use recovery::plan::{Plan, TablePlan};
use recovery::preflight::{Finding, Severity};

use super::findings::finding;
use crate::Error;
use crate::import::is_imported;
use crate::targets::{definition, table_ref};

/// What is found of the table's target.
pub(super) async fn look(cloud: &Cloud, plan: &Plan, table: &TablePlan) -> Result<Vec<Finding>, Error> {
    let target = table_ref(plan, table);
    let existing = match cloud.describe_table(&target).await {
        Ok(existing) => existing,
        Err(error) if error.is_not_found() => {
            let message = format!("{target} is not there and will be created.");
            return Ok(vec![finding(table, Severity::Passed, "target_free", message)]);
        }
        Err(error) => return Err(error.into()),
    };
    let blocks = |code: &str, message: String, hint: &str| {
        let mut finding = finding(table, Severity::Blocks, code, message);
        finding.hint = Some(hint.to_owned());
        Ok(vec![finding])
    };
    if is_imported(table) {
        return blocks(
            "target_exists",
            format!("{target} is there, and DynamoDB imports into new tables only."),
            "Choose another target, or restore by write.",
        );
    }
    if let Some(difference) = key_difference(table, &existing) {
        return blocks(
            "target_key_differs",
            format!("{target} is there with another key: {difference}."),
            "Choose another target, or the key that the table has.",
        );
    }
    if !matches!(existing.status, TableStatus::Active | TableStatus::Updating) {
        return blocks(
            "target_not_active",
            format!("{target} is there and is {:?}.", existing.status),
            "Wait until the table is ACTIVE, or choose another target.",
        );
    }
    if !cloud.is_table_empty(&target).await? {
        return blocks(
            "target_not_empty",
            format!("{target} is there and holds items."),
            "Choose another target, or empty the table: a restore never writes over items.",
        );
    }
    let message = format!("{target} is there, is empty and has the right key.");
    Ok(vec![finding(table, Severity::Passed, "target_free", message)])
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
