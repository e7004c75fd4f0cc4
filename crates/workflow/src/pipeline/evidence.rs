//! Writing down what a check saw: a manifest beside every copy.

use bytes::Bytes;
use recovery::ids::Region;
use recovery::point::{Copy, ManifestRef, RecoveryPoint};

use super::looks::{Seen, location};
use super::pass::Pass;
use crate::error::Result;
use crate::replication::manifest;

impl Pass<'_> {
    /// Stores the manifest of a check of `copy` in the bucket of every copy, its own first. Where its own bucket does not
    /// take it, the evidence says so and nothing refers to it.
    pub(super) async fn write_down(
        &self,
        point: &RecoveryPoint,
        export: &Copy,
        copy: &Copy,
        seen: &mut Seen,
    ) -> Option<ManifestRef> {
        match self.stored(point, export, copy, seen).await {
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

    async fn stored(
        &self,
        point: &RecoveryPoint,
        export: &Copy,
        copy: &Copy,
        seen: &mut Seen,
    ) -> Result<Option<ManifestRef>> {
        let Some(mut compared) = seen.compared.take() else {
            return Ok(None);
        };
        compared.check.verdict = seen.verdict.clone();
        compared.check.evidence = seen.evidence.clone();
        let known = Some((&point.id, &point.source));
        let at = location(copy);
        let manifest = manifest::of(known, &location(export), &at, &compared, self.now)?;
        let reference = manifest::reference(&manifest, &at);
        let json = Bytes::from(manifest::bytes(&manifest)?);
        drop((manifest, compared));
        manifest::store(&self.shared().cloud, &at, &reference.key, json.clone()).await?;
        for other in point.copies.iter().filter(|other| other.region != copy.region) {
            self.store_elsewhere(other, &reference, json.clone()).await;
        }
        Ok(Some(reference))
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
