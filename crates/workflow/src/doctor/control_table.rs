//! The control table.

use aws::Cloud;
use aws::dynamodb::{TableRef, TableStatus};
use recovery::types::AttributeType;

use super::report::Notes;
use crate::settings::Settings;

pub(super) async fn examine(cloud: &Cloud, settings: &Settings) -> Notes {
    let mut notes = Notes::default();
    let region = &settings.control_region;
    let check = notes.check(
        "control_table",
        format_args!("table {} ({region})", settings.control_table),
    );
    let name = match settings.control_table.parse() {
        Ok(name) => name,
        Err(error) => {
            check.error(format!("{error}"), "Correct control_table in data-restore.toml.");
            return notes;
        }
    };
    let mut table = TableRef::new(region.clone(), name);
    table.account = Some(settings.home_account().clone());
    let found = match cloud.describe_table(&table).await {
        Ok(found) => found,
        Err(error) if error.is_not_found() => {
            check.warning(
                "It is not there; the server would make it at its first start, in this Region alone and for nothing but a try",
                "Make it by the stack infra/cloudformation/control-table.yaml, with a replica in another Region.",
            );
            return notes;
        }
        Err(error) => {
            check.call_failed(&error, "dynamodb:DescribeTable", "");
            return notes;
        }
    };
    let is_text = |key: &aws::dynamodb::KeyDefinition, name: &str| {
        key.name == name && key.attribute_type == AttributeType::S
    };
    if !is_text(&found.partition, "pk") || !found.sort.as_ref().is_some_and(|sort| is_text(sort, "sk")) {
        check.error(
            "Its key is not pk (S) and sk (S): it is another table",
            "Correct control_table in data-restore.toml.",
        );
    } else if !matches!(found.status, TableStatus::Active | TableStatus::Updating) {
        check.error(
            format!("It is {:?}", found.status),
            "Wait until it is active; if it is inaccessible, look at its KMS key.",
        );
    }
    notes
}
