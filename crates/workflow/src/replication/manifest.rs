//! Evidence manifests: made of a comparison, stored beside copies, and held against their own digest.

use aws::{Cloud, ErrorKind};
use bytes::Bytes;
use jiff::Timestamp;
use recovery::evidence::{FORMAT, Manifest, Origin, Side, manifest_key, objects};
use recovery::ids::{RecoveryPointId, SourceId};
use recovery::point::ManifestRef;
use serde_json::Value;

use super::{Compared, Location};
use crate::audit::hash_without;
use crate::error::{Error, Result};

/// Objects that one manifest tells of: each takes about a kilobyte, and a manifest is in memory whole.
const OBJECTS_MAX: usize = 100_000;

/// The largest manifest that is read.
pub const BYTES_MAX: usize = 256 << 20;

/// The member that carries the digest.
const DIGEST: &str = "sha256";

/// What a manifest says of its recovery point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) point: &'a RecoveryPointId,
    pub(crate) source: &'a SourceId,
    pub(crate) origin: &'a Origin,
}

/// The manifest of a comparison, with its digest. Fails where a copy has more objects than a manifest holds.
pub(crate) fn of(
    about: Option<About<'_>>,
    from: &Location,
    to: &Location,
    compared: &Compared,
    checked_at: Timestamp,
) -> Result<Manifest> {
    let Compared {
        check,
        original,
        copy,
        in_place,
    } = compared;
    let objects = objects(*in_place, original, copy, &check.comparison, &check.arriving);
    if objects.len() > OBJECTS_MAX {
        return Err(Error::Invalid(format!(
            "the evidence of {} objects does not fit into a manifest, which holds {OBJECTS_MAX}",
            objects.len()
        )));
    }
    let mut manifest = Manifest {
        format: FORMAT,
        recovery_point: about.map(|about| about.point.clone()),
        source: about.map(|about| about.source.clone()),
        origin: about.map(|about| about.origin.clone()),
        checked_at,
        verdict: check.verdict.clone(),
        evidence: check.evidence.clone(),
        original: side(from),
        copy: side(to),
        objects,
        sha256: String::new(),
    };
    manifest.sha256 = hash_without(
        serde_json::to_value(&manifest).map_err(|error| unwritable(&error))?,
        DIGEST,
    );
    Ok(manifest)
}

/// Reads a manifest and holds it against the digest that it carries. A digest covers members that this version does not
/// know, too.
pub fn read(json: &[u8]) -> Result<Manifest> {
    let unreadable =
        |error: serde_json::Error| Error::Invalid(format!("this is no evidence manifest: {error}"));
    let value: Value = serde_json::from_slice(json).map_err(unreadable)?;
    let manifest: Manifest = serde_json::from_value(value.clone()).map_err(unreadable)?;
    let digest = hash_without(value, DIGEST);
    if digest == manifest.sha256 {
        return Ok(manifest);
    }
    Err(Error::Invalid(format!(
        "the manifest was altered: its digest is {digest}, and it carries {}",
        manifest.sha256
    )))
}

/// The manifest as it is stored.
pub fn bytes(manifest: &Manifest) -> Result<Vec<u8>> {
    serde_json::to_vec(manifest).map_err(|error| unwritable(&error))
}

/// How a record refers to a manifest of the copy at `at`.
pub fn reference(manifest: &Manifest, at: &Location) -> ManifestRef {
    ManifestRef {
        key: manifest_key(&at.prefix, &at.region, manifest.checked_at, &manifest.sha256),
        sha256: manifest.sha256.clone(),
        checked_at: manifest.checked_at,
    }
}

/// Puts a manifest into the bucket of `at`. One that is there already is the same, for its key names its digest.
pub async fn store(cloud: &Cloud, at: &Location, key: &str, json: Bytes) -> Result<(), aws::Error> {
    match cloud
        .put_new_object(&at.bucket(), key, json, Some("application/json"))
        .await
    {
        Err(error) if error.kind == ErrorKind::Precondition => Ok(()),
        result => result,
    }
}

/// Reads a manifest from the bucket of `at`, and holds it against its own digest and the recorded one.
pub(crate) async fn load(cloud: &Cloud, at: &Location, reference: &ManifestRef) -> Result<Bytes> {
    let json = cloud.get_object(&at.bucket(), &reference.key, BYTES_MAX).await?;
    let manifest = read(&json)?;
    if manifest.sha256 == reference.sha256 {
        return Ok(json);
    }
    Err(Error::Invalid(format!(
        "another manifest lies at s3://{}/{}: its digest is {}, and {} was recorded",
        at.bucket, reference.key, manifest.sha256, reference.sha256
    )))
}

pub(crate) fn side(at: &Location) -> Side {
    Side {
        region: at.region.clone(),
        account: at.account.clone(),
        bucket: at.bucket.clone(),
        prefix: at.prefix.clone(),
    }
}

/// Where a side of a comparison lies.
pub(crate) fn place(side: &Side) -> Location {
    Location {
        region: side.region.clone(),
        account: side.account.clone(),
        bucket: side.bucket.clone(),
        prefix: side.prefix.clone(),
    }
}

fn unwritable(error: &serde_json::Error) -> Error {
    Error::Invalid(format!("the manifest cannot be written as JSON: {error}"))
}
