//! Checking copies: the export by itself, each replica against it.

use futures::{StreamExt, stream};
use recovery::ids::Region;
use recovery::point::{Copy, Evidence};
use recovery::table::TableSummary;
use recovery::verdict::{Verdict, bounded};
use restore::Inspection;

use super::pass::Pass;
use crate::catalogue::PointEntry;
use crate::control::Record;
use crate::error::Result;
use crate::replication::{Check, Location, compare_copies, facts, list};

/// Names that a record keeps of each list; the rest is counted. With every list full and eight Regions, a record
/// still has room for its tables in DynamoDB's 400 KB.
const NAMES_MAX: usize = 100;
const NAMES_BYTES_MAX: usize = 8 * 1024;

/// Replicas of one recovery point that are compared at once.
const REPLICAS_AT_ONCE: usize = 4;

/// What one look at a copy found, or why it could not be looked at.
type Found = std::result::Result<(Verdict, Evidence), Unseen>;

/// Why a copy could not be looked at.
struct Unseen {
    cause: String,
    /// Whether it was the export that could not be read, and not the replica that was to be compared with it.
    is_export: bool,
}

impl Unseen {
    fn new(error: &dyn std::fmt::Display, is_export: bool) -> Self {
        Self {
            cause: error.to_string(),
            is_export,
        }
    }
}

impl Pass<'_> {
    /// Compares the copies in `regions` and records what is found.
    pub(super) async fn check_copies(
        &self,
        record: &mut Record<PointEntry>,
        regions: &[Region],
    ) -> Result<()> {
        let due: Vec<Copy> = record
            .value
            .point
            .copies
            .iter()
            .filter(|copy| regions.contains(&copy.region))
            .cloned()
            .collect();
        let Some(export) = record
            .value
            .point
            .copies
            .iter()
            .find(|copy| copy.is_export)
            .cloned()
        else {
            return Ok(());
        };
        let mut tables: Option<Vec<TableSummary>> = None;
        let mut found: Vec<(Region, Found)> = Vec::new();
        if due.iter().any(|copy| copy.is_export) {
            let (outcome, inspected) = self.check_export(&export).await;
            tables = inspected;
            found.push((export.region.clone(), outcome));
        }
        let mut checks = Vec::new();
        for replica in due.into_iter().filter(|copy| !copy.is_export) {
            let export = export.clone();
            checks.push(async move { (replica.region.clone(), self.check_replica(export, replica).await) });
        }
        let checks = stream::iter(checks).buffered(REPLICAS_AT_ONCE);
        found.extend(checks.collect::<Vec<_>>().await);
        for (region, outcome) in found {
            // The export's own verdict is the first, so that the replicas' are capped by it.
            let outcome = capped(&record.value, &region, outcome);
            self.apply(&mut record.value, &region, outcome);
        }
        if let Some(tables) = tables {
            self.shared()
                .catalogue
                .set_tables(&mut record.value, tables)
                .await?;
        }
        self.save(record).await?;
        Ok(())
    }

    fn apply(&self, entry: &mut PointEntry, region: &Region, found: Found) {
        let Some(copy) = entry.point.copies.iter_mut().find(|copy| copy.region == *region) else {
            return;
        };
        self.report.count(|report| report.checked += 1);
        match found {
            Ok((verdict, mut evidence)) => {
                if verdict.is_restorable() && !copy.verdict.is_restorable() {
                    self.report.count(|report| report.verified += 1);
                    tracing::info!(recovery_point = %entry.point.id, %region, "verified");
                }
                let has_arrived = match &verdict {
                    Verdict::Verified => true,
                    Verdict::Incomplete { missing, .. } => missing.is_empty(),
                    Verdict::Pending | Verdict::Unknown { .. } => false,
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
                copy.verified_at = match verdict {
                    Verdict::Verified => copy.verified_at.or(Some(self.now)),
                    _ => None,
                };
                evidence.extra = bounded(evidence.extra, NAMES_MAX, NAMES_BYTES_MAX);
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

    /// Whether the export is consistent in itself: metadata complete, every footer readable, checksums held.
    async fn check_export(&self, export: &Copy) -> (Found, Option<Vec<TableSummary>>) {
        if let Some(error) = self.is_down(&export.region) {
            return (Err(Unseen::new(&error, true)), None);
        }
        let at = location(export);
        let inspection = match restore::inspect(&self.shared().cloud, &at.copy_ref()).await {
            Ok(inspection) => inspection,
            Err(restore::Error::Refused(refusal)) => {
                let evidence = Evidence {
                    objects_expected: 0,
                    objects_found: 0,
                    basis: refusal.to_string(),
                    bytes: 0,
                    extra: Vec::new(),
                };
                let verdict = Verdict::Incomplete {
                    missing: Vec::new(),
                    different: vec![refusal.subject],
                };
                return (Ok((verdict, evidence)), None);
            }
            Err(error) => {
                if let restore::Error::Aws(error) = &error {
                    self.note_down(&export.region, error);
                }
                self.report.error(&export.uri(), &error);
                return (Err(Unseen::new(&error, true)), None);
            }
        };
        let found = self.export_evidence(&at, &inspection).await;
        let tables = inspection.tables.into_iter().map(|table| table.summary).collect();
        (found, Some(tables))
    }

    async fn export_evidence(&self, at: &Location, inspection: &Inspection) -> Found {
        let cloud = &self.shared().cloud;
        let unread = |unread: crate::replication::Unread| {
            self.note_down(&unread.region, &unread.error);
            Unseen::new(&unread.error, true)
        };
        let sizes = list(cloud, at).await.map_err(unread)?;
        let facts = facts(cloud, at, sizes.keys().cloned().collect())
            .await
            .map_err(unread)?;
        let with_checksum = facts
            .iter()
            .filter(|fact| fact.checksums.iter().any(|checksum| checksum.full_object))
            .count();
        let problems: Vec<String> = inspection
            .problems
            .iter()
            .chain(
                inspection
                    .tables
                    .iter()
                    // A table that RDS did not export is stated as such; the export is what RDS made of it.
                    .filter(|table| table.summary.skipped.is_none())
                    .flat_map(|table| &table.problems),
            )
            .map(ToString::to_string)
            .collect();
        let basis = if problems.is_empty() {
            format!(
                "Metadata complete, every Parquet footer read; full-object checksums held for {with_checksum} of {} \
                 objects",
                sizes.len()
            )
        } else {
            bounded(problems.clone(), 5, 2_000).join("; ")
        };
        let evidence = Evidence {
            objects_expected: sizes.len() as u64,
            objects_found: facts.len() as u64,
            basis,
            bytes: sizes.values().sum(),
            extra: Vec::new(),
        };
        let verdict = if problems.is_empty() {
            Verdict::Verified
        } else {
            Verdict::Incomplete {
                missing: Vec::new(),
                different: problems,
            }
        };
        Ok((verdict, evidence))
    }

    async fn check_replica(&self, export: Copy, replica: Copy) -> Found {
        for region in [&replica.region, &export.region] {
            if let Some(error) = self.is_down(region) {
                return Err(Unseen::new(&error, *region == export.region));
            }
        }
        match compare_copies(&self.shared().cloud, &location(&export), &location(&replica)).await {
            Ok(Check {
                verdict, evidence, ..
            }) => Ok((verdict, evidence)),
            Err(unread) => {
                self.note_down(&unread.region, &unread.error);
                self.report.error(&replica.uri(), &unread.error);
                Err(Unseen::new(&unread.error, unread.region == export.region))
            }
        }
    }
}

fn location(copy: &Copy) -> Location {
    Location {
        region: copy.region.clone(),
        account: Some(copy.account.clone()),
        bucket: copy.bucket.clone(),
        prefix: copy.prefix.clone(),
    }
}

/// A replica is no better than the export that it is equal to.
fn capped(entry: &PointEntry, region: &Region, found: Found) -> Found {
    let export = entry.point.copies.iter().find(|copy| copy.is_export);
    let (Some(export), Ok((Verdict::Verified, evidence))) = (export, &found) else {
        return found;
    };
    if export.region == *region || export.verdict.is_restorable() {
        return found;
    }
    let basis = format!(
        "{}; but the export itself is {}: {}",
        evidence.basis,
        export.verdict.name(),
        export.verdict.explanation()
    );
    let verdict = match &export.verdict {
        incomplete @ Verdict::Incomplete { .. } => incomplete.clone(),
        // Nobody has seen yet whether the export is consistent.
        Verdict::Verified | Verdict::Pending | Verdict::Unknown { .. } => Verdict::Pending,
    };
    Ok((
        verdict,
        Evidence {
            basis,
            ..evidence.clone()
        },
    ))
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
