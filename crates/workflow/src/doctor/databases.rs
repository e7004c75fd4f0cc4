//! The databases, and how many exports RDS still takes.

use std::collections::BTreeSet;

use aws::Cloud;

use super::report::Notes;
use crate::databases::databases;
use crate::settings::Settings;

/// RDS's quota for an account and Region, whoever starts them.
const EXPORTS_MAX: usize = 5;

pub(super) async fn examine(cloud: &Cloud, settings: &Settings) -> Notes {
    let mut notes = Notes::default();
    let places: BTreeSet<_> = settings
        .vaults
        .iter()
        .map(|vault| (&vault.region, &vault.account))
        .collect();
    for (region, account) in places {
        let subject = format!("account {account} ({region})");
        let check = notes.check("databases", &subject);
        match databases(cloud, region, account).await {
            Ok(databases) if databases.is_empty() => check.note(
                "RDS has no DB instance or cluster there, or shows none",
                "Nothing, if the vault holds recovery points of databases that are gone.",
            ),
            Ok(_) => {}
            Err(error) => check.call_failed(
                &error,
                "rds:DescribeDBInstances and rds:DescribeDBClusters",
                "Check the Region.",
            ),
        }
        let check = notes.check("exports", &subject);
        match cloud.exports_under_way(region, account).await {
            Ok(exports) if exports.len() < EXPORTS_MAX => {}
            Ok(exports) => {
                let names: Vec<&str> = exports.iter().map(|task| task.identifier.as_str()).collect();
                check.warning(
                    format!(
                        "{} exports are under way, and RDS takes {EXPORTS_MAX} at once: {}. The next ones wait",
                        exports.len(),
                        names.join(", ")
                    ),
                    "Wait; if it is always so, back up or export less often, or spread databases over accounts. The quota cannot be \
                     raised.",
                );
            }
            Err(error) => check.call_failed(&error, "rds:DescribeExportTasks", "Check the Region."),
        }
    }
    notes
}
