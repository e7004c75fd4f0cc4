//! Thawing a copy: asking S3 for a readable copy of each archived object, and seeing how far that is.
//!
//! S3 keeps what was asked, so whoever is killed asks again and waits for the same thaw.

use aws::Cloud;
use aws::s3::Thawing;
use futures::{StreamExt, TryStreamExt, stream};
use recovery::archive::{Archived, Tier, is_archive};
use recovery::inventory::ObjectFact;

use super::Location;
use super::listing::{OBJECTS_AT_ONCE, facts_of_archived};
use crate::error::Result;

/// What of the copy at `at` lies in an archive, as it is now; `None` where all of it can be read at once.
pub async fn archived(cloud: &Cloud, at: &Location) -> Result<Option<Archived>> {
    Ok(Archived::of(&look(cloud, at).await?))
}

/// Asks for every archived object of the copy that is neither thawed nor being thawed. How many were asked for.
pub async fn thaw(cloud: &Cloud, at: &Location, tier: Tier, days: u32) -> Result<u64> {
    let (bucket, below) = (at.bucket(), at.below());
    let cold = look(cloud, at)
        .await?
        .into_iter()
        .filter(|fact| fact.thaw.is_none());
    let asked: Vec<Thawing> = stream::iter(cold)
        .map(|fact| {
            let (bucket, key) = (&bucket, format!("{below}{}", fact.path));
            async move { cloud.thaw_object(bucket, &key, tier, days).await }
        })
        .buffer_unordered(OBJECTS_AT_ONCE)
        .try_collect()
        .await?;
    let count = asked.iter().filter(|thawing| **thawing == Thawing::Asked).count();
    Ok(count as u64)
}

async fn look(cloud: &Cloud, at: &Location) -> Result<Vec<ObjectFact>> {
    let facts = facts_of_archived(cloud, at, is_archive)
        .await
        .map_err(|unread| unread.error)?;
    Ok(facts)
}
