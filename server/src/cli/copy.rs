//! A copy as it is named on the command line, looked at without any server.

use aws::{Cloud, CloudConfig};
use recovery::ids::Region;
use recovery::plan::CopyRef;
use recovery::table::KeyCandidate;
use restore::{Inspection, TableInspection};
use tokio_util::sync::CancellationToken;

use super::location::Location;
use super::source_table::SourceTable;
use crate::failure::{Failure, Result};

/// The door to AWS as every AWS tool finds it: endpoint, credentials, profile.
pub async fn cloud() -> Cloud {
    Cloud::connect(CloudConfig::default()).await
}

/// The copy at `location`, of which no catalogue knows more.
pub fn reference(location: &Location, region: &Region) -> CopyRef {
    CopyRef {
        recovery_point: None,
        source: None,
        data_as_of: None,
        region: region.clone(),
        account: None,
        bucket: location.bucket.clone(),
        prefix: location.prefix.clone(),
    }
}

/// Refuses tables without a key, with the candidates that were proven by reading every row.
pub async fn require_keys(cloud: &Cloud, inspection: &Inspection, tables: &[SourceTable]) -> Result<()> {
    let Some(table) = tables.iter().find(|table| table.key.is_none()) else {
        return Ok(());
    };
    let found = inspection
        .table(&table.source)
        .ok_or_else(|| unknown_table(table, inspection))?;
    let cancel = CancellationToken::new();
    let candidates = restore::prove_candidates(cloud, &inspection.copy, found, &cancel).await?;
    Err(no_key(table, found, &candidates))
}

fn unknown_table(table: &SourceTable, inspection: &Inspection) -> Failure {
    let known: Vec<String> = inspection
        .tables
        .iter()
        .map(|table| table.summary.name.to_string())
        .collect();
    Failure::new(
        "unknown_table",
        format!(
            "The copy s3://{}/{} has no table {}",
            inspection.copy.bucket, inspection.copy.prefix, table.source
        ),
    )
    .hint(format!("It has {}.", known.join(", ")))
}

/// Refuses a table without a key.
fn no_key(table: &SourceTable, found: &TableInspection, candidates: &[KeyCandidate]) -> Failure {
    let columns: Vec<&str> = found
        .summary
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    missing_key(table, candidates, &columns)
}

/// What to say of a table whose key was left out.
pub fn missing_key(table: &SourceTable, candidates: &[KeyCandidate], columns: &[&str]) -> Failure {
    let failure =
        Failure::new("key_missing", format!("The key of {} is not named", table.source)).detail(&candidates);
    let proven: Vec<String> = candidates
        .iter()
        .filter(|candidate| candidate.proven)
        .map(|candidate| {
            let sort = candidate
                .sort
                .as_ref()
                .map(|sort| format!(",{sort}"))
                .unwrap_or_default();
            format!(
                "  --table {}={}:{}{sort}",
                table.source, table.target, candidate.partition
            )
        })
        .collect();
    if proven.is_empty() {
        failure.hint(format!(
            "No column or pair of columns was found to be unique and never NULL. The columns are {}.",
            columns.join(", ")
        ))
    } else {
        failure.hint(format!(
            "Every row was read; these are unique and never NULL:\n{}",
            proven.join("\n")
        ))
    }
}
