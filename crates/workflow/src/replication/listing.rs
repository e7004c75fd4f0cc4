//! What a copy holds: listing, and facts that decide.

use std::collections::BTreeMap;

use aws::{Cloud, ErrorKind};
use futures::{StreamExt, TryStreamExt, stream};
use recovery::inventory::ObjectFact;

use super::{Location, Unread};

/// Objects of one export; beyond that something else than an export lies there.
const OBJECTS_MAX: usize = 1_000_000;

/// Questions about objects under way at once, on each side.
pub(super) const OBJECTS_AT_ONCE: usize = 24;

/// Sizes by path below the copy's prefix.
pub(crate) async fn list(cloud: &Cloud, at: &Location) -> Result<BTreeMap<String, u64>, Unread> {
    let below = at.below();
    let listing = cloud
        .list_objects_up_to(&at.bucket(), &below, OBJECTS_MAX)
        .await
        .map_err(|error| unread(at, error))?;
    Ok(listing
        .into_iter()
        .filter_map(|entry| Some((entry.key.strip_prefix(&below)?.to_owned(), entry.size)))
        .collect())
}

/// What S3 tells of each path: size, checksums, version, times, locks. An object that is gone meanwhile is left out.
pub(crate) async fn facts(
    cloud: &Cloud,
    at: &Location,
    paths: Vec<String>,
) -> Result<Vec<ObjectFact>, Unread> {
    let (bucket, below) = (at.bucket(), at.below());
    let facts: Vec<Option<ObjectFact>> = stream::iter(paths)
        .map(|path| {
            let (bucket, key) = (&bucket, format!("{below}{path}"));
            async move {
                match cloud.object_evidence(bucket, &key, &path).await {
                    Ok(fact) => Ok(Some(fact)),
                    Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
                    Err(error) => Err(unread(at, error)),
                }
            }
        })
        .buffered(OBJECTS_AT_ONCE)
        .try_collect()
        .await?;
    Ok(facts.into_iter().flatten().collect())
}

/// What S3 tells of the objects in storage classes that are archives. Only these are asked about.
pub(super) async fn facts_of_archived(
    cloud: &Cloud,
    at: &Location,
    is_archive: fn(&str) -> bool,
) -> Result<Vec<ObjectFact>, Unread> {
    let below = at.below();
    let listing = cloud
        .list_objects_up_to(&at.bucket(), &below, OBJECTS_MAX)
        .await
        .map_err(|error| unread(at, error))?;
    let paths = listing
        .into_iter()
        .filter(|entry| entry.storage_class.as_deref().is_some_and(is_archive))
        .filter_map(|entry| Some(entry.key.strip_prefix(&below)?.to_owned()))
        .collect();
    facts(cloud, at, paths).await
}

pub(super) fn unread(at: &Location, error: aws::Error) -> Unread {
    Unread {
        region: at.region.clone(),
        error,
    }
}
