//! Reading the evidence that lies beside copies, where nothing else is known of them.

use std::collections::{BTreeMap, BTreeSet};

use recovery::evidence::{Manifest, Origin, manifests_of, region_and_time};
use recovery::ids::{RecoveryPointId, Region};
use recovery::label::names;
use recovery::point::ManifestRef;

use super::pass::Pass;
use crate::error::{Error, Result};
use crate::replication::{Location, manifest};

/// Manifests beside one copy; a copy that is checked every week has some hundred in a year.
const MANIFESTS_MAX: usize = 20_000;

/// Manifests of one Region that are read in search of one that holds and found the copy verified.
const READ_MAX: usize = 10;

/// What lies beside the copies of one recovery point.
#[derive(Debug)]
pub(super) struct Beside {
    /// What it says of the recovery point.
    pub(super) origin: Origin,
    /// The manifest to hold a copy against that has none of its own.
    pub(super) record: ManifestRef,
    /// By the Region of the copy that they tell of.
    pub(super) manifests: BTreeMap<Region, Manifests>,
}

/// The manifests of one copy.
#[derive(Debug, Default)]
pub(super) struct Manifests {
    /// The newest that holds.
    pub(super) newest: Option<ManifestRef>,
    /// The newest that holds and found the copy verified.
    pub(super) verified: Option<ManifestRef>,
}

impl Pass<'_> {
    /// What the evidence beside the copies in `places` says. Manifests that were altered or tell of something else are
    /// refused, and why is told.
    pub(super) async fn evidence_beside(&self, id: &RecoveryPointId, places: &[Location]) -> Result<Beside> {
        let mut manifests: BTreeMap<Region, Manifests> = BTreeMap::new();
        let mut origin: Option<(ManifestRef, Origin)> = None;
        for (region, keys) in self.keys_beside(places).await? {
            let found = manifests.entry(region).or_default();
            for (key, at) in keys.into_iter().rev().take(READ_MAX) {
                let manifest = match self.read_beside(id, &key, &places[at]).await {
                    Ok(manifest) => manifest,
                    Err(Error::Aws(error)) if error.is_transient() => return Err(error.into()),
                    Err(error) => {
                        self.report
                            .error(&format!("s3://{}/{key}", places[at].bucket), &error);
                        continue;
                    }
                };
                let reference = ManifestRef {
                    key,
                    sha256: manifest.sha256,
                    checked_at: manifest.checked_at,
                };
                if let Some(told) = manifest.origin
                    && origin
                        .as_ref()
                        .is_none_or(|(known, _)| known.checked_at < reference.checked_at)
                {
                    origin = Some((reference.clone(), told));
                }
                found.newest.get_or_insert_with(|| reference.clone());
                if manifest.verdict.is_restorable() {
                    found.verified = Some(reference);
                    break;
                }
            }
        }
        let (told_by, origin) = origin.ok_or_else(|| {
            Error::Invalid(
                "no manifest beside it holds and says which recovery point it is of; a check of the copy by a server that \
                 knows the recovery point writes one"
                    .to_owned(),
            )
        })?;
        let ours = |region: &Region| places.iter().any(|at| at.region == *region);
        let record = manifests
            .iter()
            .filter_map(|(region, found)| Some((ours(region), found.verified.as_ref()?)))
            .max_by_key(|(is_ours, verified)| (*is_ours, verified.checked_at))
            .map_or(told_by, |(_, verified)| verified.clone());
        Ok(Beside {
            origin,
            record,
            manifests,
        })
    }

    /// Every manifest's key, oldest first, with one of the places that has it; by the Region of the copy that it tells of.
    async fn keys_beside(&self, places: &[Location]) -> Result<BTreeMap<Region, BTreeMap<String, usize>>> {
        let mut keys: BTreeMap<Region, BTreeMap<String, usize>> = BTreeMap::new();
        let mut unlisted = None;
        for (index, at) in places.iter().enumerate() {
            let below = manifests_of(&at.prefix);
            let listed = self
                .shared()
                .cloud
                .list_objects_up_to(&at.bucket(), &below, MANIFESTS_MAX)
                .await;
            match listed {
                Ok(listed) => {
                    for entry in listed {
                        // The time comes first in a manifest's name, so that names of one Region sort by age.
                        if let Some((region, _)) = entry.key.strip_prefix(&below).and_then(region_and_time) {
                            keys.entry(region).or_default().entry(entry.key).or_insert(index);
                        }
                    }
                }
                Err(error) => {
                    self.note_down(&at.region, &error);
                    unlisted = Some(error);
                }
            }
        }
        match unlisted {
            Some(error) if keys.is_empty() => Err(error.into()),
            _ => Ok(keys),
        }
    }

    /// A manifest that holds, has the name that it should, and tells of that recovery point.
    async fn read_beside(&self, id: &RecoveryPointId, key: &str, at: &Location) -> Result<Manifest> {
        let cloud = &self.shared().cloud;
        let json = cloud.get_object(&at.bucket(), key, manifest::BYTES_MAX).await?;
        let manifest = manifest::read(&json)?;
        let told_of = manifest::place(&manifest.copy);
        let reference = manifest::reference(&manifest, &told_of);
        if reference.key != key {
            return Err(Error::Invalid(format!(
                "the manifest is not the one of its name: it belongs at {}",
                reference.key
            )));
        }
        let is_named = |origin: &Origin| names(id, origin.created_at, &origin.arn);
        if manifest.recovery_point.as_ref() != Some(id) || !manifest.origin.as_ref().is_none_or(is_named) {
            return Err(Error::Invalid(format!(
                "the manifest tells of another recovery point than {id}"
            )));
        }
        Ok(manifest)
    }
}

/// The places of copies whose evidence lies in the buckets of `regions`, beside the export of that identifier.
pub(super) fn places(pass: &Pass<'_>, regions: &BTreeSet<Region>, identifier: &str) -> Vec<Location> {
    let settings = &pass.shared().settings;
    regions
        .iter()
        .filter_map(|region| {
            let bucket = settings.buckets.get(region)?;
            Some(Location {
                region: region.clone(),
                account: Some(bucket.account.clone()),
                bucket: bucket.name.clone(),
                prefix: settings.export_prefix(identifier),
            })
        })
        .collect()
}
