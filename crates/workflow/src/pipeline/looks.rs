//! Looking at copies: the export by itself, a replica against it, and either against what was recorded before.

use futures::{StreamExt, stream};
use recovery::archive::Archived;
use recovery::evidence::Manifest;
use recovery::ids::Region;
use recovery::inventory::{ObjectFact, compare_by, judge_in_place};
use recovery::point::{Copy, Evidence, ManifestRef, RecoveryPoint};
use recovery::table::TableSummary;
use recovery::verdict::{Verdict, bounded};

use super::pass::Pass;
use crate::replication::{
    Check, Checker, Compared, Location, Unread, compare_copies, compare_with_record, facts, list, manifest,
};

/// Replicas of one recovery point that are compared at once.
const REPLICAS_AT_ONCE: usize = 4;

/// What one look at a copy found, or why it could not be looked at.
pub(super) type Found = Result<Seen, Unseen>;

/// What one look found.
pub(super) struct Seen {
    pub(super) verdict: Verdict,
    pub(super) evidence: Evidence,
    /// Every object, where the objects were compared.
    pub(super) compared: Option<Compared>,
    /// Whether its objects were looked at one by one, so that what lies in an archive is known.
    pub(super) is_detailed: bool,
    /// What of the copy lies in an archive.
    pub(super) archived: Option<Archived>,
    /// Whether a replica was held against what was recorded of the export, because the export itself is not whole.
    pub(super) by_record: bool,
}

/// Why a copy could not be looked at.
pub(super) struct Unseen {
    pub(super) cause: String,
    /// Whether it was the export that could not be read, and not the replica that was to be compared with it.
    pub(super) is_export: bool,
}

impl Seen {
    fn of(compared: Compared) -> Self {
        Self {
            verdict: compared.check.verdict.clone(),
            evidence: compared.check.evidence.clone(),
            is_detailed: compared.is_looked_at(),
            archived: Archived::of(&compared.copy),
            compared: Some(compared),
            by_record: false,
        }
    }
}

impl Unseen {
    pub(super) fn new(error: &dyn std::fmt::Display, is_export: bool) -> Self {
        Self {
            cause: error.to_string(),
            is_export,
        }
    }
}

impl Pass<'_> {
    /// Whether the export is consistent in itself (metadata complete, every footer readable) and still what it was when
    /// it was last verified. Its tables, where they could be read.
    pub(super) async fn look_at_export(
        &self,
        checker: &Checker<'_>,
        point: &RecoveryPoint,
        export: &Copy,
    ) -> (Found, Option<Vec<TableSummary>>) {
        let (problems, tables) = match self.inspect(checker, export).await {
            Ok(inspected) => inspected,
            Err(unseen) => return (Err(unseen), None),
        };
        let at = location(export);
        let found = match self.export_objects(checker, point, export, &at).await {
            Ok((compared, was_recorded)) => {
                let against = was_recorded.then(|| "since it was verified".to_owned());
                Ok(judged(compared, problems, against, tables.is_some()))
            }
            Err(unread) => {
                self.note_down(&unread.region, &unread.error);
                Err(Unseen::new(&unread.error, true))
            }
        };
        (found, tables)
    }

    /// Whether a copy is consistent in itself: what is wrong with it, and its tables, where they could be read.
    pub(super) async fn inspect(
        &self,
        checker: &Checker<'_>,
        copy: &Copy,
    ) -> Result<(Vec<String>, Option<Vec<TableSummary>>), Unseen> {
        let is_export = copy.is_export;
        if let Some(error) = self.is_down(&copy.region) {
            return Err(Unseen::new(&error, is_export));
        }
        match restore::inspect(checker.cloud, &location(copy).copy_ref()).await {
            Ok(inspection) => {
                let problems = inspection
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
                let tables = inspection.tables.into_iter().map(|table| table.summary);
                Ok((problems, Some(tables.collect())))
            }
            Err(restore::Error::Refused(refusal)) => Ok((vec![refusal.to_string()], None)),
            // It was read when it came, and S3 tells of its objects without giving them out.
            Err(restore::Error::Aws(error)) if error.kind == aws::ErrorKind::Archived => {
                Ok((Vec::new(), None))
            }
            Err(error) => {
                if let restore::Error::Aws(error) = &error {
                    self.note_down(&copy.region, error);
                }
                self.report.error(&copy.uri(), &error);
                Err(Unseen::new(&error, is_export))
            }
        }
    }

    /// The export's objects, held against what was recorded of them when it was last verified. Whether anything was.
    async fn export_objects(
        &self,
        checker: &Checker<'_>,
        point: &RecoveryPoint,
        export: &Copy,
        at: &Location,
    ) -> Result<(Compared, bool), Unread> {
        if let Some(record) = self.recorded(point, export.verified_manifest.as_ref()).await {
            let compared = compare_with_record(checker, record.copy_facts(), at, true).await?;
            return Ok((compared, true));
        }
        let sizes = list(checker.cloud, at).await?;
        let found = facts(checker.cloud, at, sizes.into_keys().collect()).await?;
        let comparison = compare_by(&found, &found, judge_in_place);
        let evidence = Evidence {
            objects_expected: found.len() as u64,
            objects_found: found.len() as u64,
            basis: String::new(),
            bytes: found.iter().map(|fact| fact.size).sum(),
            extra: Vec::new(),
        };
        let compared = Compared {
            check: Check {
                verdict: Verdict::Verified,
                comparison,
                arriving: Vec::new(),
                evidence,
            },
            original: found.clone(),
            copy: found,
            in_place: true,
        };
        Ok((compared, false))
    }

    /// Each replica against the export.
    pub(super) async fn look_at_replicas(
        &self,
        checker: &Checker<'_>,
        export: &Copy,
        replicas: Vec<Copy>,
    ) -> Vec<(Region, Found)> {
        let mut looks = Vec::new();
        for replica in replicas {
            looks.push(async move {
                let found = self.look_at_replica(checker, export, &replica).await;
                (replica.region, found)
            });
        }
        stream::iter(looks).buffered(REPLICAS_AT_ONCE).collect().await
    }

    async fn look_at_replica(&self, checker: &Checker<'_>, export: &Copy, replica: &Copy) -> Found {
        for region in [&replica.region, &export.region] {
            if let Some(error) = self.is_down(region) {
                return Err(Unseen::new(&error, *region == export.region));
            }
        }
        match compare_copies(checker, &location(export), &location(replica)).await {
            Ok(compared) => Ok(Seen::of(compared)),
            Err(unread) => {
                self.note_down(&unread.region, &unread.error);
                self.report.error(&replica.uri(), &unread.error);
                Err(Unseen::new(&unread.error, unread.region == export.region))
            }
        }
    }

    /// Replicas of an export that its lifecycle has ended, against what was recorded of it.
    pub(super) async fn look_without_export(
        &self,
        checker: &Checker<'_>,
        point: &RecoveryPoint,
        export: &Copy,
        replicas: Vec<Copy>,
    ) -> Vec<(Region, Found)> {
        let record = self.recorded(point, export.verified_manifest.as_ref()).await;
        let mut found = Vec::new();
        for replica in replicas {
            let outcome = match &record {
                Some(record) => {
                    self.look_by_record(checker, record, &replica, "has expired")
                        .await
                }
                None => Err(Unseen::new(
                    &"the export has expired, and no Region gives out what was recorded of it",
                    true,
                )),
            };
            found.push((replica.region, outcome));
        }
        found
    }

    /// A replica against what was recorded of the export when that was verified: what it is held against while the
    /// export itself cannot say it, and why not.
    pub(super) async fn look_by_record(
        &self,
        checker: &Checker<'_>,
        record: &Manifest,
        replica: &Copy,
        why: &str,
    ) -> Found {
        if let Some(error) = self.is_down(&replica.region) {
            return Err(Unseen::new(&error, false));
        }
        match compare_with_record(checker, record.copy_facts(), &location(replica), false).await {
            Ok(compared) => {
                let mut seen = Seen::of(compared);
                seen.by_record = true;
                seen.evidence.basis = format!(
                    "{}; held against the evidence of {}, for the export itself {why}",
                    seen.evidence.basis, record.checked_at
                );
                Ok(seen)
            }
            Err(unread) => {
                self.note_down(&unread.region, &unread.error);
                self.report.error(&replica.uri(), &unread.error);
                Err(Unseen::new(&unread.error, false))
            }
        }
    }

    /// What was recorded in a manifest, such as that of the export's last good check, from whichever Region still has it.
    pub(super) async fn recorded(
        &self,
        point: &RecoveryPoint,
        reference: Option<&ManifestRef>,
    ) -> Option<Manifest> {
        let reference = reference?;
        for copy in &point.copies {
            if self.is_down(&copy.region).is_some() {
                continue;
            }
            let loaded = manifest::load(&self.shared().cloud, &location(copy), reference).await;
            match loaded.and_then(|json| manifest::read(&json)) {
                Ok(manifest) => return Some(manifest),
                Err(error) => {
                    tracing::warn!(region = %copy.region, %error, "evidence that copies are held against cannot be read here");
                }
            }
        }
        None
    }
}

/// What the objects and the inspection of a copy say together. `against`: the record that its objects were held against, in
/// words; without one they were only counted.
///
/// A copy in an archive cannot be inspected: it is what was recorded of it, or nobody knows.
pub(super) fn judged(
    compared: Compared,
    problems: Vec<String>,
    against: Option<String>,
    is_inspected: bool,
) -> Seen {
    let mut seen = Seen::of(compared);
    let with_checksum = seen.compared.as_ref().map_or(0, |compared| {
        compared.copy.iter().filter(|fact| is_covered(fact)).count()
    });
    let found = seen.evidence.objects_found;
    let problems_are_none = problems.is_empty();
    let mut basis = if problems.is_empty() && !is_inspected {
        "In Glacier, so its footers were not read".to_owned()
    } else if problems.is_empty() {
        format!(
            "Metadata complete, every Parquet footer read; full-object checksums held for {with_checksum} of {found} \
             objects"
        )
    } else {
        bounded(problems.clone(), 5, 2_000).join("; ")
    };
    let was_recorded = against.is_some();
    if let Some(against) = against {
        let found = std::mem::take(&mut seen.evidence.basis);
        basis = format!("{basis}; {against}: {found}");
    }
    seen.evidence.basis = basis;
    // What an inspection refuses need not be a path; where paths are known to be lost, they say more.
    let is_lost = matches!(seen.verdict, Verdict::Incomplete { .. });
    if !problems.is_empty() && !is_lost {
        seen.verdict = Verdict::Incomplete {
            missing: Vec::new(),
            different: problems,
        };
    }
    if problems_are_none && !is_inspected && !was_recorded {
        seen.verdict = Verdict::Pending;
    }
    if let Some(compared) = &mut seen.compared {
        compared.check.verdict = seen.verdict.clone();
        compared.check.evidence = seen.evidence.clone();
    }
    seen
}

fn is_covered(fact: &ObjectFact) -> bool {
    fact.checksums.iter().any(|checksum| checksum.full_object)
}

/// Where a copy lies.
pub(crate) fn location(copy: &Copy) -> Location {
    Location {
        region: copy.region.clone(),
        account: Some(copy.account.clone()),
        bucket: copy.bucket.clone(),
        prefix: copy.prefix.clone(),
    }
}
