//! Looking at copies of what was taken up from evidence: each by itself, against the evidence that lies beside it. The export,
//! where it is among them, is a copy like the others.

use recovery::evidence::Manifest;
use recovery::ids::Region;
use recovery::point::Copy;
use recovery::table::TableSummary;

use super::looks::{Found, Unseen, judged, location};
use super::pass::Pass;
use crate::catalogue::PointEntry;
use crate::replication::{Checker, compare_with_record};

impl Pass<'_> {
    /// Whether each copy is consistent in itself (metadata complete, every footer readable) and, object by object, what its
    /// evidence says. The tables, where a copy is whole.
    ///
    /// That the evidence calls a copy verified counts for nothing: its objects are looked at.
    pub(super) async fn look_alone(
        &self,
        checker: &Checker<'_>,
        entry: &PointEntry,
        regions: &[Region],
    ) -> (Vec<(Region, Found)>, Option<Vec<TableSummary>>) {
        let mut found: Vec<(Region, Found)> = Vec::new();
        let mut tables = None;
        let copies = entry.point.copies.iter();
        for copy in copies.filter(|copy| regions.contains(&copy.region)) {
            let (outcome, inspected) = self.look_at_copy_alone(checker, entry, copy).await;
            // A table that lacks an object would be told with too few rows.
            if matches!(&outcome, Ok(seen) if seen.verdict.is_restorable()) {
                tables = inspected.or(tables);
            }
            found.push((copy.region.clone(), outcome));
        }
        (found, tables)
    }

    async fn look_at_copy_alone(
        &self,
        checker: &Checker<'_>,
        entry: &PointEntry,
        copy: &Copy,
    ) -> (Found, Option<Vec<TableSummary>>) {
        let (problems, tables) = match self.inspect(checker, copy).await {
            Ok(inspected) => inspected,
            Err(unseen) => return (Err(unseen), None),
        };
        let own = copy.verified_manifest.as_ref();
        let shared = entry.pipeline.adopted.as_ref().map(|adopted| &adopted.record);
        let Some(record) = self.recorded(&entry.point, own.or(shared)).await else {
            let cause = "the evidence that it is to be held against cannot be read in any Region";
            return (Err(Unseen::new(&cause, false)), None);
        };
        let facts = record.export_facts();
        match compare_with_record(checker, facts, &location(copy), is_of(&record, copy)).await {
            Ok(compared) => {
                let against = format!("against the evidence of {}", record.checked_at);
                let mut seen = judged(compared, problems, Some(against), tables.is_some());
                seen.by_record = true;
                (Ok(seen), tables)
            }
            Err(unread) => {
                self.note_down(&unread.region, &unread.error);
                self.report.error(&copy.uri(), &unread.error);
                (Err(Unseen::new(&unread.error, false)), None)
            }
        }
    }
}

/// Whether a manifest tells of that very copy as it was, so that versions tell which objects nobody has written anew.
fn is_of(record: &Manifest, copy: &Copy) -> bool {
    record.verdict.is_restorable()
        && (&record.copy.region, &record.copy.bucket, &record.copy.prefix)
            == (&copy.region, &copy.bucket, &copy.prefix)
}
