//! Writing down what a check saw: a manifest beside every copy.

use bytes::Bytes;
use recovery::evidence::Origin;
use recovery::ids::Region;
use recovery::point::{Copy, ManifestRef};

use super::looks::{Seen, location};
use super::pass::Pass;
use crate::catalogue::{Export, PointEntry};
use crate::error::{Error, Result};
use crate::replication::manifest::{self, About};

impl Pass<'_> {
    /// Stores the manifest of a check of `copy` in the bucket of every copy, its own first. Where its own bucket does not
    /// take it, the evidence says so and nothing refers to it.
    pub(super) async fn write_down(
        &self,
        entry: &PointEntry,
        copy: &Copy,
        seen: &mut Seen,
    ) -> Option<ManifestRef> {
        match self.stored(entry, copy, seen).await {
            Ok(reference) => reference,
            Err(error) => {
                tracing::warn!(copy = copy.uri(), %error, "the evidence could not be written down");
                seen.evidence.basis = format!(
                    "{}; its manifest could not be written: {error}",
                    seen.evidence.basis
                );
                None
            }
        }
    }

    async fn stored(&self, entry: &PointEntry, copy: &Copy, seen: &mut Seen) -> Result<Option<ManifestRef>> {
        let Some(mut compared) = seen.compared.take() else {
            return Ok(None);
        };
        compared.check.verdict = seen.verdict.clone();
        compared.check.evidence = seen.evidence.clone();
        let point = &entry.point;
        let origin = self.origin(entry).await?;
        let about = About {
            point: &point.id,
            source: &point.source,
            origin: &origin,
        };
        let (from, at) = (manifest::place(&origin.export), location(copy));
        let manifest = manifest::of(Some(about), &from, &at, &compared, self.now)?;
        let reference = manifest::reference(&manifest, &at);
        let json = Bytes::from(manifest::bytes(&manifest)?);
        drop((manifest, compared));
        manifest::store(&self.shared().cloud, &at, &reference.key, json.clone()).await?;
        for other in point.copies.iter().filter(|other| other.region != copy.region) {
            self.store_elsewhere(other, &reference, json.clone()).await;
        }
        Ok(Some(reference))
    }

    /// What a stranger has to know of a recovery point to list it.
    async fn origin(&self, entry: &PointEntry) -> Result<Origin> {
        if let Some(adopted) = &entry.pipeline.adopted {
            return Ok(adopted.origin.clone());
        }
        let point = &entry.point;
        let unexported = || Error::Conflict(format!("{} is not exported yet", point.id));
        let export = point.copies.iter().find(|copy| copy.is_export);
        let export = manifest::side(&location(export.ok_or_else(unexported)?));
        let Export::Complete {
            started_at, ended_at, ..
        } = entry.pipeline.export
        else {
            return Err(unexported());
        };
        let source = self.shared().catalogue.source(&point.source).await?;
        Ok(Origin {
            arn: point.arn.clone(),
            vault: point.vault.clone(),
            region: point.region.clone(),
            account: point.account.clone(),
            created_at: point.created_at,
            expires_at: point.expires_at,
            copied_from: point.copied_from.clone(),
            source_arn: source.arn,
            engine: source.engine,
            export,
            export_started_at: started_at,
            export_ended_at: ended_at,
        })
    }

    async fn store_elsewhere(&self, other: &Copy, reference: &ManifestRef, json: Bytes) {
        if self.is_down(&other.region).is_some() {
            return;
        }
        let stored = manifest::store(&self.shared().cloud, &location(other), &reference.key, json).await;
        if let Err(error) = stored {
            self.note_down(&other.region, &error);
            let region: &Region = &other.region;
            tracing::warn!(%region, key = reference.key, %error, "a manifest could not be stored here too");
        }
    }
}
