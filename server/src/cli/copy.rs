//! A copy as it is named on the command line, looked at without any server.

use std::fmt::Write as _;

use aws::{Cloud, CloudConfig};
use recovery::ids::Region;
use recovery::plan::CopyRef;
use recovery::synthetic_key::SyntheticKey;
use recovery::table::{KeyCandidate, RefusedKey};
use restore::{Inspection, KeyProof, TableInspection};
use serde::Serialize;
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
    let proof = restore::prove_candidates(cloud, &inspection.copy, found, &cancel).await?;
    Err(no_key(table, found, &proof))
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
fn no_key(table: &SourceTable, found: &TableInspection, proof: &KeyProof) -> Failure {
    let columns: Vec<&str> = found
        .summary
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    missing_key(table, &proof.proven, &proof.refused, &columns)
}

/// What to say of a table whose key was left out.
pub fn missing_key(
    table: &SourceTable,
    candidates: &[KeyCandidate],
    refused: &[RefusedKey],
    columns: &[&str],
) -> Failure {
    #[derive(Serialize)]
    struct Detail<'a> {
        key_candidates: &'a [KeyCandidate],
        refused_keys: &'a [RefusedKey],
    }
    let (source, target) = (&table.source, &table.target);
    let with_key = |key: &str| format!("  --table {source}={target}:{key}");
    let detail = Detail {
        key_candidates: candidates,
        refused_keys: refused,
    };
    let failure =
        Failure::new("key_missing", format!("The key of {} is not named", table.source)).detail(&detail);
    let proven: Vec<String> = candidates
        .iter()
        .filter(|candidate| candidate.proven)
        .map(|candidate| with_key(&candidate.columns()))
        .collect();
    if !proven.is_empty() {
        return failure.hint(format!(
            "Every row was read; these are unique and never NULL:\n{}",
            proven.join("\n")
        ));
    }
    let mut hint = format!(
        "No column or pair of columns was found to be unique and never NULL. The columns are {}.",
        columns.join(", ")
    );
    for key in refused {
        let example = key.examples.first().map(|example| {
            let places = example.places_text();
            match example.values_text() {
                values if values.is_empty() => format!(": {places}"),
                values => format!(": {values}, {places}"),
            }
        });
        // Writing to a String cannot fail.
        let _ = write!(
            hint,
            "\n  {} {}{}",
            key.columns(),
            key.reason(),
            example.unwrap_or_default()
        );
    }
    let _ = write!(
        hint,
        "\nThe restore can add a key to each row, as one more attribute:"
    );
    for kind in SyntheticKey::ALL {
        let key = with_key(&kind.argument(SyntheticKey::NAME));
        let _ = write!(hint, "\n{key}  ({})", kind.description());
    }
    failure.hint(hint)
}
