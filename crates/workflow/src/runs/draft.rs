//! What somebody who begins a restore chooses from: tables, proven keys, target names that are free.

use std::time::Duration;

use aws::dynamodb::TableRef;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use recovery::actor::Permission;
use recovery::ids::{RecoveryPointId, Region, TableName, TargetName};
use recovery::plan::CopyRef;
use recovery::point::RecoveryPoint;
use recovery::request::{Draft, DraftTable};
use restore::{KeyProof, TableInspection};
use tokio_util::sync::CancellationToken;

use super::planning::restorable_copy;
use crate::Workflow;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// Tables whose rows are read at once in search of keys.
const TABLES_AT_ONCE: usize = 4;

/// A person waits for this: candidates that are not proven by then are shown as likely ones.
const PROOF_PATIENCE: Duration = Duration::from_secs(8);

/// Suffixes that are tried in search of a free name.
const NAMES_MAX: u32 = 50;

/// Longest part of a suggested name that comes from the table: DynamoDB allows 255 in all.
const NAME_CHARS_MAX: usize = 200;

impl Workflow {
    /// What somebody who begins a restore of the copy in `region` chooses from.
    pub async fn draft(&self, ctx: &Ctx, id: &RecoveryPointId, region: &Region) -> Result<Draft> {
        self.permit(ctx, Permission::Plan, id.as_str()).await?;
        let point = self.recovery_point(id).await?;
        let copy = match restorable_copy(&point, region) {
            // What its last check saw is enough to choose from; keys are proven once it can be read.
            Err(Error::NeedsThaw { .. }) if !point.tables.is_empty() => {
                return self.draft_of_frozen(point, region).await;
            }
            copy => copy?,
        };
        let inspection = restore::inspect(&self.shared.cloud, &copy).await?;
        let copy = &copy;
        let made_at = point.created_at;
        let tables = stream::iter(inspection.tables)
            .map(|table| async move {
                let keys = self.keys(copy, &table).await?;
                let target = self
                    .free_target(&copy.region, &table.summary.name, made_at)
                    .await?;
                Ok::<_, Error>(DraftTable {
                    candidates: keys.proven,
                    refused: keys.refused,
                    target,
                    summary: table.summary,
                })
            })
            .buffered(TABLES_AT_ONCE)
            .try_collect()
            .await?;
        Ok(Draft {
            point,
            region: region.clone(),
            target_regions: self.target_regions(region),
            tables,
            thaws: Vec::new(),
        })
    }

    async fn draft_of_frozen(&self, point: RecoveryPoint, region: &Region) -> Result<Draft> {
        let mut tables = Vec::new();
        for summary in &point.tables {
            tables.push(DraftTable {
                candidates: restore::keys_by_name(summary),
                refused: Vec::new(),
                target: self.free_target(region, &summary.name, point.created_at).await?,
                summary: summary.clone(),
            });
        }
        let thaws = point.copy_in(region).map(|copy| self.thaw_options(copy));
        Ok(Draft {
            region: region.clone(),
            target_regions: self.target_regions(region),
            tables,
            thaws: thaws.unwrap_or_default(),
            point,
        })
    }

    /// Regions that a target may lie in, the copy's own first.
    fn target_regions(&self, region: &Region) -> Vec<Region> {
        let mut regions = self.settings().regions.clone();
        regions.sort_by_key(|target| target != region);
        regions
    }

    /// The keys that every row allows, or the likely ones where reading all rows takes too long.
    async fn keys(&self, copy: &CopyRef, table: &TableInspection) -> Result<KeyProof> {
        let likely = || KeyProof {
            proven: table.likely_keys(),
            refused: Vec::new(),
        };
        if table.candidates.is_empty() || table.summary.skipped.is_some() {
            return Ok(likely());
        }
        // Patience that ends drops the proof, and its work with it.
        let never = CancellationToken::new();
        let proof = restore::prove_candidates(&self.shared.cloud, copy, table, &never);
        match tokio::time::timeout(PROOF_PATIENCE, proof).await {
            // Where no candidate holds for every row, those that looked likely would only be refused later.
            Ok(proof) => Ok(proof?),
            Err(_) => Ok(likely()),
        }
    }

    /// A name of no table in `region`, for example `tvshows-shows-20261120-0800`.
    async fn free_target(&self, region: &Region, table: &TableName, at: Timestamp) -> Result<TargetName> {
        let base = suggested(table, at);
        for number in 1..=NAMES_MAX {
            let text = if number == 1 {
                base.clone()
            } else {
                format!("{base}-{number}")
            };
            let Ok(name) = text.parse::<TargetName>() else {
                break;
            };
            let target = TableRef::new(region.clone(), name.clone());
            match self.shared.cloud.describe_table(&target).await {
                Ok(_) => {}
                Err(error) if error.is_not_found() => return Ok(name),
                // Whoever may not look still gets a name; preflight looks again.
                Err(error) if error.kind == aws::ErrorKind::AccessDenied => return Ok(name),
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Conflict(format!(
            "there are {NAMES_MAX} tables named like {base} in {region}; delete those that are not needed"
        )))
    }
}

fn suggested(table: &TableName, at: Timestamp) -> String {
    let name: String = format!("{}-{}", table.database(), table.table())
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') {
                c
            } else {
                '-'
            }
        })
        .take(NAME_CHARS_MAX)
        .collect();
    format!("{name}-{}", at.strftime("%Y%m%d-%H%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_name_is_one_that_dynamodb_takes() {
        let at: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        let table = "shop.größe und gewicht".parse().unwrap();
        assert_eq!(suggested(&table, at), "shop-gr--e-und-gewicht-20261120-0800");
        let long = TableName::new("d", &"x".repeat(300)).unwrap();
        assert!(
            format!("{}-50", suggested(&long, at))
                .parse::<TargetName>()
                .is_ok()
        );
    }
}
