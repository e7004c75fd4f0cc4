//! Copies that were verified and are no longer: the alert, and what the overview shows of them.

use jiff::Timestamp;
use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::ids::{RecoveryPointId, Region, SourceId};
use recovery::point::RecoveryPoint;
use recovery::situation::LostCopy;
use serde::{Deserialize, Serialize};

use super::pass::Pass;
use crate::Workflow;
use crate::audit::Happened;
use crate::control::{Change, Key, Listing};
use crate::ctx::Ctx;
use crate::error::Result;

/// Lost copies that are shown; the metrics count them all.
const SHOWN_MAX: usize = 100;

/// A lost copy in the control table.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Lost {
    recovery_point: RecoveryPointId,
    source: SourceId,
    region: Region,
    at: Timestamp,
}

impl Pass<'_> {
    /// Tells everybody of a copy that was verified and is no longer: log, metric, audit log, overview. Called before the
    /// verdict is recorded, so that whoever records it can rely on its having been told.
    pub(super) async fn alert(
        &self,
        point: &RecoveryPoint,
        region: &Region,
        explanation: &str,
    ) -> Result<()> {
        tracing::error!(
            recovery_point = %point.id, %region, explanation,
            "a copy that was verified is no longer; repair it from a verified one"
        );
        let lost = Lost {
            recovery_point: point.id.clone(),
            source: point.source.clone(),
            region: region.clone(),
            at: self.now,
        };
        let change = Change::put(Key::lost_copy(&point.id, region), &lost)?;
        self.shared().control.write(vec![change]).await?;
        let happened = Happened::new(&Ctx::worker(), Permission::Verify, &point.id, Phase::Failed).detail(
            format!("The copy in {region} was verified and is no longer: {explanation}"),
        );
        self.workflow.record(happened).await?;
        self.shared()
            .meter
            .count(|metrics| *metrics.copies_lost.entry(region.to_string()).or_default() += 1);
        Ok(())
    }

    /// A copy is verified again: nothing is shown of it any more.
    pub(super) async fn all_clear(&self, id: &RecoveryPointId, region: &Region) -> Result<()> {
        let change = Change::Delete(Key::lost_copy(id, region));
        self.shared().control.write(vec![change]).await
    }
}

impl Workflow {
    /// Copies that were verified and are no longer, at most 100.
    pub async fn lost_copies(&self) -> Result<Vec<LostCopy>> {
        let rows = self
            .shared
            .control
            .list(&Listing::all(Key::LOST_COPIES), SHOWN_MAX)
            .await?;
        let mut lost = Vec::new();
        for row in rows {
            let item: Lost = row.value()?;
            // What the recovery point's record says counts: a process may have died between the two.
            let entry = self.shared.catalogue.entry(&item.recovery_point).await?;
            let copy = entry
                .as_ref()
                .and_then(|entry| entry.value.point.copy_in(&item.region));
            if let Some(at) = copy.and_then(|copy| copy.lost_at) {
                lost.push(LostCopy {
                    source: item.source,
                    recovery_point: item.recovery_point,
                    region: item.region,
                    at,
                });
            }
        }
        Ok(lost)
    }
}
