//! Taking up recovery points that are known from the evidence beside their copies alone: their account is lost, their vault
//! is not looked at, or AWS Backup has ended them before this catalogue began.
//!
//! What the evidence says of the recovery point is listed as such. What it says of the copies is what they are held
//! against; the verdict comes from their objects.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use recovery::evidence::Side;
use recovery::glance::Glance;
use recovery::ids::Region;
use recovery::label::read_task_identifier;
use recovery::point::{Copy, RecoveryPoint, State};

use super::discover::Resource;
use super::evidence_beside::{Beside, places};
use super::exports::unchecked;
use super::known::ArnDigest;
use super::pass::Pass;
use crate::catalogue::{Adopted, Backup, Export, PointEntry};
use crate::control::Record;
use crate::error::{Error, Result};
use crate::replication::Location;
use crate::settings::Vault;

/// Exports that one pass takes up; the next pass follows at once while there are more.
const AT_A_TIME: usize = 200;

/// Exports that are taken up at once.
const AT_ONCE: usize = 4;

impl Pass<'_> {
    /// Takes up the newest of what the last survey found.
    pub(super) async fn adopt(&self) {
        let pipeline = &self.shared().pipeline;
        let strangers = pipeline.memory().strangers.take(AT_A_TIME);
        stream::iter(strangers)
            .for_each_concurrent(AT_ONCE, |(identifier, regions)| async move {
                if let Err(error) = self.take_up(&identifier, &regions).await {
                    self.report.error(&identifier, &error);
                    // What AWS did not answer is found again by the next survey.
                    if !matches!(&error, Error::Aws(error) if error.is_transient()) {
                        pipeline.memory().strangers.refuse(identifier, self.now);
                    }
                }
            })
            .await;
        if pipeline.memory().strangers.are_waiting() {
            pipeline.wake.notify_one();
        }
    }

    async fn take_up(&self, identifier: &str, regions: &BTreeSet<Region>) -> Result<()> {
        let (id, attempt) = read_task_identifier(identifier)
            .ok_or_else(|| Error::Invalid(format!("{identifier} is no export of ours")))?;
        let places = places(self, regions, identifier);
        if let Some(record) = self.shared().catalogue.entry(&id).await? {
            return self.add_copies(record, &places).await;
        }
        let beside = self.evidence_beside(&id, &places).await?;
        let origin = &beside.origin;
        let arn = ArnDigest::of(&origin.arn);
        if let Some(known) = self.shared().pipeline.memory().points.get(&arn) {
            return Err(Error::Conflict(format!(
                "its recovery point is known as {} and has copies of its own",
                known.id
            )));
        }
        let resource = Resource::of(&origin.source_arn)
            .ok_or_else(|| Error::Invalid(format!("{:?} is no ARN of a DB instance", origin.source_arn)))?;
        let settings = &self.shared().settings;
        let source = settings.source_id(&resource.name, &resource.region, &resource.account)?;
        self.ensure_source(&source, &resource, &origin.source_arn, origin.engine.as_ref())
            .await?;
        let mut copies: Vec<Copy> = places
            .iter()
            .filter_map(|at| self.evidenced(at, &beside))
            .collect();
        // The export first, as everywhere.
        copies.sort_by_key(|copy| !copy.is_export);
        let point = RecoveryPoint {
            id,
            source,
            arn: origin.arn.clone(),
            vault: origin.vault.clone(),
            region: origin.region.clone(),
            account: origin.account.clone(),
            created_at: origin.created_at,
            late_by_seconds: None,
            expires_at: origin.expires_at,
            ended_at: None,
            copied_from: origin.copied_from.clone(),
            adopted_at: Some(self.now),
            state: State::Replicating,
            steps: Vec::new(),
            copies,
            tables: Vec::new(),
        };
        let Beside { origin, record, .. } = beside;
        let entry = PointEntry::adopted(point, attempt, Adopted { origin, record });
        if self.shared().catalogue.create(&entry).await? {
            self.report.count(|report| report.adopted += 1);
            tracing::info!(
                recovery_point = %entry.point.id, source = %entry.point.source, account = %entry.point.account,
                "taken up from the evidence beside its copies"
            );
        }
        self.remember(&entry);
        Ok(())
    }

    /// Lists copies of an adopted recovery point that were not there, or out of reach, when it was taken up.
    async fn add_copies(&self, mut record: Record<PointEntry>, places: &[Location]) -> Result<()> {
        let entry = &mut record.value;
        let adopted = entry.pipeline.adopted.clone();
        let new: Vec<&Location> = places
            .iter()
            .filter(|at| entry.point.copy_in(&at.region).is_none())
            .collect();
        // One that a vault lists has the copies that its policy asks for.
        let Some(adopted) = adopted.filter(|_| entry.pipeline.backup == Backup::Adopted && !new.is_empty())
        else {
            self.remember(entry);
            return Ok(());
        };
        let export = &adopted.origin.export;
        entry
            .point
            .copies
            .extend(new.into_iter().filter_map(|at| self.pending(at, export)));
        self.save(&mut record).await?;
        Ok(())
    }

    /// A vault lists what was known from evidence alone: from now on it is one like any other, with the copies that its
    /// policy asks for.
    pub(super) fn recognise(&self, entry: &mut PointEntry, vault: &Vault) -> Result<()> {
        entry.point.adopted_at = None;
        entry.point.vault.clone_from(&vault.name);
        entry.point.region = vault.region.clone();
        entry.point.account = vault.account.clone();
        let attempt = match entry.pipeline.export {
            Export::Complete { attempt, .. } => attempt,
            _ => 1,
        };
        for expected in self.copies(&entry.point, attempt)? {
            if entry.point.copy_in(&expected.region).is_none() {
                entry.point.copies.push(expected);
            }
        }
        // The export first.
        entry.point.copies.sort_by_key(|copy| !copy.is_export);
        self.note_oldest(&entry.point.source, &Glance::of(&entry.point));
        tracing::info!(recovery_point = %entry.point.id, "its vault lists it again");
        Ok(())
    }

    /// A copy of which only its evidence is known.
    fn evidenced(&self, at: &Location, beside: &Beside) -> Option<Copy> {
        let manifests = beside.manifests.get(&at.region);
        Some(Copy {
            manifest: manifests.and_then(|manifests| manifests.newest.clone()),
            verified_manifest: manifests.and_then(|manifests| manifests.verified.clone()),
            ..self.pending(at, &beside.origin.export)?
        })
    }

    fn pending(&self, at: &Location, export: &Side) -> Option<Copy> {
        let bucket = self.shared().settings.buckets.get(&at.region)?;
        let is_export =
            (&at.region, &at.bucket, &at.prefix) == (&export.region, &export.bucket, &export.prefix);
        Some(unchecked(&at.region, bucket, &at.prefix, is_export))
    }
}
