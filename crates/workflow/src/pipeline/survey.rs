//! Looking into our buckets for exports with evidence beside them that the catalogue does not know.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use aws::s3::BucketRef;
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use recovery::ids::{RecoveryPointId, Region};
use recovery::label::{made_at, read_task_identifier};

use super::pass::Pass;
use super::report::Reconciled;
use crate::Workflow;
use crate::catalogue::{Backup, Brief};
use crate::error::{Error, Result};
use crate::settings::Bucket;

/// Folders of one bucket that are listed: each export has two, and 1,000 sources have 1.7 million of them in 35 days.
const FOLDERS_MAX: usize = 4_000_000;

/// Buckets that are listed at once.
const BUCKETS_AT_ONCE: usize = 4;

/// Strangers that wait to be taken up, the newest; the next survey finds the others again.
const WAITING_MAX: usize = 100_000;

/// What could not be taken up is not tried again for so long: somebody has to write other evidence first.
const REFUSED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What ends the name of the folder of an export's evidence.
const EVIDENCE: &str = ".evidence/";

/// Exports that the catalogue did not know when they were seen.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    /// Their task identifiers by the age of their recovery points, with the Regions in whose buckets their evidence lies.
    waiting: BTreeMap<(Timestamp, String), BTreeSet<Region>>,
    /// Those that could not be taken up, and when that was.
    refused: HashMap<String, Timestamp>,
    /// The Regions of the copies of what was taken up.
    adopted: HashMap<RecoveryPointId, BTreeSet<Region>>,
}

impl Strangers {
    /// Keeps in mind which copies of an adopted recovery point are known.
    pub(super) fn note(&mut self, brief: &Brief) {
        let glance = &brief.glance;
        if brief.backup == Backup::Adopted {
            self.adopted
                .insert(glance.id.clone(), glance.copies.keys().cloned().collect());
        } else {
            self.adopted.remove(&glance.id);
        }
    }

    /// The newest, at most `max`; they wait no longer.
    pub(super) fn take(&mut self, max: usize) -> Vec<(String, BTreeSet<Region>)> {
        std::iter::from_fn(|| self.waiting.pop_last())
            .take(max)
            .map(|((_, identifier), regions)| (identifier, regions))
            .collect()
    }

    pub(super) fn are_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(super) fn refuse(&mut self, identifier: String, now: Timestamp) {
        self.refused.insert(identifier, now);
    }

    /// Whether a copy in `region` is none that has to be taken up.
    fn is_settled(&self, identifier: &str, id: &RecoveryPointId, region: &Region, is_known: bool) -> bool {
        match self.adopted.get(id) {
            Some(regions) => regions.contains(region),
            None => is_known || self.refused.contains_key(identifier),
        }
    }

    fn add(&mut self, made_at: Timestamp, identifier: String, region: Region) {
        self.waiting
            .entry((made_at, identifier))
            .or_default()
            .insert(region);
        if self.waiting.len() > WAITING_MAX {
            self.waiting.pop_first();
        }
    }
}

impl Workflow {
    /// Looks into every bucket for exports with evidence that the catalogue does not know; passes take them up. It is asked
    /// for once a pass has gone through, so that what vaults list is known before.
    pub async fn survey_buckets(&self) -> Result<Reconciled> {
        let pass = Pass::new(self);
        let hasher = RandomState::new();
        let known: HashSet<u64> = {
            let mut memory = self.shared.pipeline.memory();
            memory.strangers.waiting.clear();
            let forgotten = pass.now - REFUSED_FOR;
            memory.strangers.refused.retain(|_, at| *at > forgotten);
            let ids = memory.points.values().map(|known| hasher.hash_one(&known.id));
            ids.collect()
        };
        // Hashes of a million labels take 16 MB where the labels would take a hundred. That a new label has the hash of a
        // known one is as good as impossible, and the next survey hashes otherwise.
        let is_known = &|id: &RecoveryPointId| known.contains(&hasher.hash_one(id));
        let looking = &pass;
        stream::iter(&self.shared.settings.buckets)
            .for_each_concurrent(BUCKETS_AT_ONCE, |(region, bucket)| async move {
                if let Err(error) = looking.survey_bucket(region, bucket, is_known).await {
                    looking
                        .report
                        .error(&format!("bucket {} ({region})", bucket.name), &error);
                }
            })
            .await;
        let waiting = self.shared.pipeline.memory().strangers.waiting.len() as u64;
        if waiting > 0 {
            tracing::info!(
                exports = waiting,
                "exports lie in our buckets that no vault lists"
            );
            self.shared.pipeline.wake.notify_one();
        }
        pass.report.count(|report| report.waiting = waiting);
        Ok(pass.report.finish())
    }
}

impl Pass<'_> {
    async fn survey_bucket(
        &self,
        region: &Region,
        bucket: &Bucket,
        is_known: &(impl Fn(&RecoveryPointId) -> bool + Sync),
    ) -> Result<()> {
        let below = self.shared().settings.export_prefix("");
        let place =
            BucketRef::new(region.clone(), bucket.name.clone()).of_account(Some(bucket.account.clone()));
        // An export's evidence is listed right before the export itself. Where only the evidence is left, nothing is to be
        // taken up.
        let mut evidenced: Option<String> = None;
        let mut folders = std::pin::pin!(self.shared().cloud.list_folders(&place, &below).enumerate());
        while let Some((index, folder)) = folders.next().await {
            if index == FOLDERS_MAX {
                return Err(Error::Invalid(format!(
                    "more than {FOLDERS_MAX} exports and folders lie in it; the rest is not looked at"
                )));
            }
            let folder = folder?;
            let Some(name) = folder.strip_prefix(&below) else {
                continue;
            };
            if let Some(identifier) = name.strip_suffix(EVIDENCE) {
                evidenced = Some(identifier.to_owned());
                continue;
            }
            let Some(identifier) = evidenced
                .as_deref()
                .filter(|identifier| name.strip_suffix('/') == Some(identifier))
            else {
                continue;
            };
            let Some((id, _)) = read_task_identifier(identifier) else {
                continue;
            };
            let strangers = &mut self.shared().pipeline.memory().strangers;
            if !strangers.is_settled(identifier, &id, region, is_known(&id))
                && let Some(made_at) = made_at(&id)
            {
                strangers.add(made_at, identifier.to_owned(), region.clone());
            }
        }
        Ok(())
    }
}
