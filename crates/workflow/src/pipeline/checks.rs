//! Checking copies, and recording what is found.

use recovery::ids::Region;
use recovery::point::{Copy, Evidence, ManifestRef, RecoveryPoint};
use recovery::table::TableSummary;
use recovery::verdict::{Verdict, bounded};

use super::looks::{Found, Seen, Unseen};
use super::pass::Pass;
use crate::catalogue::PointEntry;
use crate::control::Record;
use crate::error::Result;
use crate::replication::{Checker, Readings};

/// Names that a record keeps of each list; the rest is counted. With every list full and eight Regions, a record
/// still has room for its tables in DynamoDB's 400 KB.
const NAMES_MAX: usize = 100;
const NAMES_BYTES_MAX: usize = 8 * 1024;

impl Pass<'_> {
    /// Compares the copies in `regions` and records what is found. `thorough`: somebody or the schedule asks anew, so
    /// that the evidence is written down even where the verdict is as it was. `false`: another process changed the record
    /// first, and nothing is recorded.
    pub(super) async fn check_copies(
        &self,
        record: &mut Record<PointEntry>,
        regions: &[Region],
        thorough: bool,
    ) -> Result<bool> {
        let before = record.value.clone();
        let point = before.point.clone();
        // Nothing is expected of what its lifecycle has ended.
        let regions: Vec<Region> = regions
            .iter()
            .filter(|region| {
                point
                    .copy_in(region)
                    .is_some_and(|copy| !copy.verdict.is_expired())
            })
            .cloned()
            .collect();
        if point.copies.is_empty() {
            return Ok(true);
        }
        let readings = Readings::of(self.shared().control.clone(), point.id.clone(), self.now);
        let checker = Checker {
            cloud: &self.shared().cloud,
            pace: &self.shared().pace,
            readings: &readings,
        };
        let export = point.copies.iter().find(|copy| copy.is_export);
        let (found, tables) = match export {
            Some(export) if record.value.pipeline.adopted.is_none() => {
                self.look(&checker, &point, export, &regions).await
            }
            _ => self.look_alone(&checker, &record.value, &regions).await,
        };
        let mut cleared = Vec::new();
        for (region, outcome) in found {
            // The export's own verdict is the first, so that the replicas' are capped by it.
            let mut outcome = capped(&record.value, &region, outcome);
            let Some(copy) = point.copy_in(&region) else {
                continue;
            };
            let mut manifest = None;
            if let Ok(seen) = &mut outcome
                && (thorough || copy.manifest.is_none() || copy.verdict != short(seen.verdict.clone()))
                && matches!(seen.verdict, Verdict::Verified | Verdict::Incomplete { .. })
            {
                // Boxed, for it holds a whole manifest on its way.
                manifest = Box::pin(self.write_down(&record.value, copy, seen)).await;
            }
            if let Ok(seen) = &outcome
                && copy.verified_at.is_some()
                && matches!(seen.verdict, Verdict::Incomplete { .. })
            {
                self.alert(&point, &region, &seen.verdict.explanation()).await?;
            }
            if copy.lost_at.is_some() && matches!(&outcome, Ok(seen) if seen.verdict.is_restorable()) {
                cleared.push(region.clone());
            }
            self.apply(&mut record.value, &region, outcome, manifest);
        }
        if let Some(tables) = tables {
            self.shared()
                .catalogue
                .set_tables(&mut record.value, tables)
                .await?;
        }
        // A copy that cannot be reached is looked at in every pass, and mostly found as it was.
        let is_recorded = if thorough || record.value != before {
            self.save(record).await?
        } else {
            true
        };
        for region in cleared {
            self.all_clear(&point.id, &region).await?;
        }
        readings.forget().await?;
        Ok(is_recorded)
    }

    /// Looks at the copies in `regions`, the export first. A replica that differs may be the one that is right: then the
    /// export is looked at too, and where that is not whole any more, replicas are held against what was recorded of it.
    async fn look(
        &self,
        checker: &Checker<'_>,
        point: &RecoveryPoint,
        export: &Copy,
        regions: &[Region],
    ) -> (Vec<(Region, Found)>, Option<Vec<TableSummary>>) {
        let mut found: Vec<(Region, Found)> = Vec::new();
        let mut tables = None;
        if regions.contains(&export.region) {
            let (outcome, inspected) = self.look_at_export(checker, point, export).await;
            tables = inspected;
            found.push((export.region.clone(), outcome));
        }
        let replicas: Vec<Copy> = point
            .copies
            .iter()
            .filter(|copy| !copy.is_export && regions.contains(&copy.region))
            .cloned()
            .collect();
        if export.verdict.is_expired() {
            return (
                self.look_without_export(checker, point, export, replicas).await,
                None,
            );
        }
        let looked = self.look_at_replicas(checker, export, replicas).await;
        let is_whole =
            |found: &Found| !matches!(found, Ok(seen) if matches!(seen.verdict, Verdict::Incomplete { .. }));
        if found.is_empty()
            && export.verified_manifest.is_some()
            && looked.iter().any(|(_, outcome)| !is_whole(outcome))
        {
            let (outcome, inspected) = self.look_at_export(checker, point, export).await;
            tables = inspected;
            found.push((export.region.clone(), outcome));
        }
        let is_export_whole = found.first().is_none_or(|(_, outcome)| is_whole(outcome));
        let record = if is_export_whole || looked.is_empty() {
            None
        } else {
            self.recorded(point, export.verified_manifest.as_ref()).await
        };
        for (region, outcome) in looked {
            let replica = point.copy_in(&region);
            let by_record = match (&record, replica) {
                (Some(record), Some(replica)) => {
                    let why = "is not whole any more";
                    self.look_by_record(checker, record, replica, why).await.ok()
                }
                _ => None,
            };
            found.push((region, by_record.map_or(outcome, Ok)));
        }
        (found, tables)
    }

    fn apply(&self, entry: &mut PointEntry, region: &Region, found: Found, manifest: Option<ManifestRef>) {
        let Some(copy) = entry.point.copies.iter_mut().find(|copy| copy.region == *region) else {
            return;
        };
        self.report.count(|report| report.checked += 1);
        match found {
            Ok(Seen {
                verdict,
                mut evidence,
                is_detailed,
                archived,
                ..
            }) => {
                if verdict.is_restorable() && !copy.verdict.is_restorable() {
                    self.report.count(|report| report.verified += 1);
                    tracing::info!(recovery_point = %entry.point.id, %region, "verified");
                }
                let has_arrived = match &verdict {
                    Verdict::Verified => true,
                    Verdict::Incomplete { missing, .. } => missing.is_empty(),
                    Verdict::Pending | Verdict::Unknown { .. } | Verdict::Expired { .. } => false,
                };
                if has_arrived {
                    entry
                        .pipeline
                        .arrived_at
                        .entry(region.clone())
                        .or_insert(self.now);
                }
                let verdict = short(verdict);
                // A copy that lacks something is checked again in every pass, and mostly found as it was.
                if matches!(verdict, Verdict::Incomplete { .. }) && copy.verdict != verdict {
                    tracing::warn!(
                        recovery_point = %entry.point.id, %region, explanation = verdict.explanation(), "incomplete"
                    );
                }
                copy.lost_at = match verdict {
                    Verdict::Verified => None,
                    Verdict::Incomplete { .. } if copy.verified_at.is_some() => Some(self.now),
                    _ => copy.lost_at,
                };
                copy.verified_at = match verdict {
                    Verdict::Verified => copy.verified_at.or(Some(self.now)),
                    _ => None,
                };
                if let Some(manifest) = manifest {
                    if verdict.is_restorable() {
                        copy.verified_manifest = Some(manifest.clone());
                    }
                    copy.manifest = Some(manifest);
                }
                evidence.extra = bounded(evidence.extra, NAMES_MAX, NAMES_BYTES_MAX);
                if is_detailed {
                    copy.archived = archived;
                }
                copy.verdict = verdict;
                copy.checked_at = Some(self.now);
                copy.evidence = Some(evidence);
            }
            // A replica that was verified is no worse for an export that cannot be read now: in an outage of the home
            // Region it is what restores are made from.
            Err(unseen) if unseen.is_export && !copy.is_export && copy.verdict.is_restorable() => {}
            Err(Unseen { cause, .. }) => {
                // What was found before stays beside it, with its age: `checked_at` is left as it is.
                let since = match &copy.verdict {
                    Verdict::Unknown { since, .. } => *since,
                    _ => self.now,
                };
                copy.verdict = short(Verdict::Unknown { since, cause });
            }
        }
        let name = copy.verdict.name().to_owned();
        self.shared()
            .meter
            .count(|metrics| *metrics.checks.entry(name).or_default() += 1);
    }
}

/// A replica is no better than the export that it is equal to.
fn capped(entry: &PointEntry, region: &Region, found: Found) -> Found {
    let export = entry.point.copies.iter().find(|copy| copy.is_export);
    let (Some(export), Ok(seen)) = (export, &found) else {
        return found;
    };
    if export.region == *region
        || export.verdict.is_restorable()
        || seen.by_record
        || !seen.verdict.is_restorable()
    {
        return found;
    }
    let evidence = &seen.evidence;
    let basis = format!(
        "{}; but the export itself is {}: {}",
        evidence.basis,
        export.verdict.name(),
        export.verdict.explanation()
    );
    let verdict = match &export.verdict {
        incomplete @ Verdict::Incomplete { .. } => incomplete.clone(),
        // Nobody has seen yet whether the export is consistent.
        Verdict::Verified | Verdict::Pending | Verdict::Unknown { .. } | Verdict::Expired { .. } => {
            Verdict::Pending
        }
    };
    Ok(Seen {
        verdict,
        evidence: Evidence {
            basis,
            ..evidence.clone()
        },
        compared: seen.compared.clone(),
        is_detailed: seen.is_detailed,
        archived: seen.archived.clone(),
        by_record: false,
    })
}

/// A verdict that fits into a record.
fn short(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Incomplete { missing, different } => Verdict::Incomplete {
            missing: bounded(missing, NAMES_MAX, NAMES_BYTES_MAX),
            different: bounded(different, NAMES_MAX, NAMES_BYTES_MAX),
        },
        Verdict::Unknown { since, cause } => Verdict::Unknown {
            since,
            cause: cause.chars().take(1_000).collect(),
        },
        verdict => verdict,
    }
}
