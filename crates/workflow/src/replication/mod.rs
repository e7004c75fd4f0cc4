//! The replication check: is a replica complete and identical, object by object?
//!
//! The listings of both sides decide what is missing, and sizes what differs at once. Where everything is there, or
//! something is lost, S3's full-object checksums of both sides are compared (HeadObject, GetObjectAttributes); where either side
//! holds none of one algorithm, both objects are read and their SHA-256 compared. ETags never decide: under SSE-KMS
//! or multipart they are no digests, and a replica's may differ. What was read is kept until the check is recorded, so
//! that a check which is broken off goes on where it was.
//!
//! An object that the replica lacks is still arriving while S3 says PENDING at the origin. FAILED is never tried again
//! by S3, so such an object is lost, as is one that S3 calls COMPLETED and that is not there.

mod compare;
mod listing;
pub mod manifest;
mod pace;
mod read;
mod readings;
pub mod repair;
pub(crate) mod tag;
pub mod thaw;

use aws::Cloud;
use aws::s3::BucketRef;
use jiff::Timestamp;
use recovery::evidence::Manifest;
use recovery::ids::{AccountId, Region};
use recovery::inventory::Comparison;
use recovery::plan::CopyRef;
use recovery::point::Evidence;
use recovery::verdict::Verdict;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

pub(crate) use compare::{Compared, compare_copies, compare_with_record};
pub(crate) use listing::{facts, list};
pub(crate) use pace::Pace;
pub(crate) use readings::Readings;

/// Bytes a second that checks outside a server read at most.
const BYTES_PER_SECOND: u64 = 256 << 20;

/// Where a copy lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The bucket's Region.
    pub region: Region,
    /// The account whose credentials read it; `None` for those of the SDK's chain.
    pub account: Option<AccountId>,
    /// The bucket.
    pub bucket: String,
    /// The export's prefix, without a trailing slash.
    pub prefix: String,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Object by object.
    pub comparison: Comparison,
    /// Missing objects that S3 still reports as on their way.
    pub arriving: Vec<String>,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The figures behind it.
    pub evidence: Evidence,
}

/// What checks work with.
pub(crate) struct Checker<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) pace: &'a Pace,
    pub(crate) readings: &'a Readings,
}

/// A check that could not be made, and which side could not be read.
#[derive(Debug)]
pub(crate) struct Unread {
    pub(crate) region: Region,
    pub(crate) error: aws::Error,
}

impl Location {
    /// The same place in the engine's words.
    pub fn copy_ref(&self) -> CopyRef {
        CopyRef {
            recovery_point: None,
            source: None,
            data_as_of: None,
            region: self.region.clone(),
            account: self.account.clone(),
            bucket: self.bucket.clone(),
            prefix: self.prefix.clone(),
        }
    }

    pub(crate) fn bucket(&self) -> BucketRef {
        BucketRef::new(self.region.clone(), self.bucket.clone()).of_account(self.account.clone())
    }

    /// What every key of the copy begins with.
    fn below(&self) -> String {
        match self.prefix.trim_end_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        }
    }
}

/// Compares the copy at `to` with the one at `from`. Makes no change anywhere.
pub async fn check(cloud: &Cloud, from: &Location, to: &Location) -> Result<Check> {
    Ok(look(cloud, from, to).await?.check)
}

/// The same with the evidence as a manifest. `now` is the time that it bears.
pub async fn check_with_manifest(
    cloud: &Cloud,
    from: &Location,
    to: &Location,
    now: Timestamp,
) -> Result<(Check, Manifest)> {
    let compared = look(cloud, from, to).await?;
    let manifest = manifest::of(None, from, to, &compared, now)?;
    Ok((compared.check, manifest))
}

async fn look(cloud: &Cloud, from: &Location, to: &Location) -> Result<Compared> {
    let (pace, readings) = (Pace::new(BYTES_PER_SECOND), Readings::none());
    let checker = Checker {
        cloud,
        pace: &pace,
        readings: &readings,
    };
    let found = compare_copies(&checker, from, to)
        .await
        .map_err(|unread| unread.error)?;
    if found.check.evidence.objects_expected == 0 {
        return Err(Error::Invalid(format!(
            "there are no objects under s3://{}/{} in {}, so nothing can be compared with them",
            from.bucket, from.prefix, from.region
        )));
    }
    Ok(found)
}
