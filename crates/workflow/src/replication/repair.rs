//! Repair: what a copy lacks, or has otherwise than a verified copy, is copied within S3. Nothing passes through this
//! process, and nothing is lost: a new object goes only where none is, or over the very object that was compared, whose
//! version stays.

use std::sync::Mutex;
use std::sync::PoisonError;

use aws::s3::{BucketRef, CopySource, Onto};
use aws::{Cloud, ErrorKind};
use futures::{StreamExt, stream};
use recovery::repair::{RefusedRepair, RepairPlan, RepairStep, RepairedCopy, plan};

use super::{Check, Checker, Compared, Location, Pace, Readings, compare_copies};
use crate::error::Result;

/// Objects that are copied at once.
const COPIES_AT_ONCE: usize = 8;

/// Parts of one object that are copied at once.
const PARTS_AT_ONCE: usize = 4;

/// Refused objects that are told by name.
const REFUSED_MAX: usize = 100;

/// The least size of a part that S3 takes.
const PART_BYTES_MIN: u64 = 5 << 20;

/// Parts of one upload, at most.
const PARTS_MAX: u64 = 10_000;

/// The largest object that S3 copies in one call.
pub const WHOLE_BYTES_MAX: u64 = 5 << 30;

/// What objects are copied whole by default, and the size of the parts of larger ones. S3 takes up to 5 GiB, and takes
/// minutes for it without an answer.
pub const WHOLE_BYTES: u64 = 512 << 20;

/// What a repair of a copy outside a server would do, or did.
#[derive(Clone, Debug)]
pub struct Repair {
    /// What was found before.
    pub before: Check,
    /// What is copied.
    pub plan: RepairPlan,
}

/// Compares the copy at `to` with the one at `from` and plans what makes them equal. Changes nothing.
pub async fn plan_repair(cloud: &Cloud, from: &Location, to: &Location) -> Result<Repair> {
    let (pace, readings) = (Pace::new(super::BYTES_PER_SECOND), Readings::none());
    let checker = Checker {
        cloud,
        pace: &pace,
        readings: &readings,
    };
    let compared = compare_copies(&checker, from, to)
        .await
        .map_err(|unread| unread.error)?;
    let plan = planned(&compared);
    Ok(Repair {
        before: compared.check,
        plan,
    })
}

/// What makes a compared copy equal to its original.
pub(crate) fn planned(compared: &Compared) -> RepairPlan {
    let Compared {
        check,
        original,
        copy,
        ..
    } = compared;
    plan(original, copy, &check.comparison, &check.arriving)
}

/// Copies what the plan names. What S3 refuses of one object is told and leaves the others; an outage breaks it off.
/// Whoever plans again goes on with what is left.
///
/// Objects above `whole_bytes_max` are copied in parts of that size.
pub async fn execute(
    cloud: &Cloud,
    from: &Location,
    to: &Location,
    plan: RepairPlan,
    whole_bytes_max: u64,
) -> RepairedCopy {
    let RepairPlan { steps, refused } = plan;
    let done = Mutex::new(RepairedCopy {
        region: to.region.clone(),
        from: from.region.clone(),
        copied: 0,
        bytes: 0,
        refused,
        failed: None,
    });
    let lock = || done.lock().unwrap_or_else(PoisonError::into_inner);
    stream::iter(steps)
        .for_each_concurrent(COPIES_AT_ONCE, |step| async move {
            if lock().failed.is_some() {
                return;
            }
            let result = copy(cloud, from, to, &step, whole_bytes_max).await;
            let mut done = lock();
            match result {
                Ok(()) => {
                    done.copied += 1;
                    done.bytes += step.size;
                }
                Err(error) if is_of_one_object(error.kind) => done.refused.push(RefusedRepair {
                    path: step.path,
                    why: why(&error),
                }),
                Err(error) => done.failed = Some(error.to_string()),
            }
        })
        .await;
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    let more = done.refused.len().saturating_sub(REFUSED_MAX);
    if more > 0 {
        done.refused.truncate(REFUSED_MAX);
        done.refused.push(RefusedRepair {
            path: format!("… and {more} more"),
            why: "for like reasons".to_owned(),
        });
    }
    done
}

async fn copy(
    cloud: &Cloud,
    from: &Location,
    to: &Location,
    step: &RepairStep,
    whole_bytes_max: u64,
) -> Result<(), aws::Error> {
    let source = CopySource {
        bucket: from.bucket(),
        key: format!("{}{}", from.below(), step.path),
        version_id: step.version_id.clone(),
        etag: step.etag.clone(),
    };
    let (bucket, key) = (to.bucket(), format!("{}{}", to.below(), step.path));
    let onto = match &step.over {
        None => Onto::Nothing,
        Some(etag) => Onto::Etag(etag.clone()),
    };
    if step.size <= whole_bytes_max.min(WHOLE_BYTES_MAX) {
        cloud.copy_object(&source, &bucket, &key, &onto).await?;
        return Ok(());
    }
    let upload = cloud.create_multipart_upload(&bucket, &key, None).await?;
    let copied = copy_parts(
        cloud, &source, &bucket, &key, &upload, step.size, whole_bytes_max, &onto,
    )
    .await;
    if copied.is_err()
        && let Err(error) = cloud.abort_multipart_upload(&bucket, &key, &upload).await
    {
        tracing::warn!(%error, upload, "an upload that broke off could not be ended; its parts are billed until it is");
    }
    copied
}

#[expect(
    clippy::too_many_arguments,
    reason = "source, target, upload and sizes of one call each"
)]
async fn copy_parts(
    cloud: &Cloud,
    source: &CopySource,
    bucket: &BucketRef,
    key: &str,
    upload: &str,
    size: u64,
    whole_bytes_max: u64,
    onto: &Onto,
) -> Result<(), aws::Error> {
    let part = part_bytes(size, whole_bytes_max);
    let starts = (0..size).step_by(usize::try_from(part).unwrap_or(usize::MAX));
    let mut copies = stream::iter((1..).zip(starts))
        .map(|(number, start)| {
            let range = start..(start + part).min(size);
            cloud.upload_part_copy(source, range, bucket, key, upload, number)
        })
        .buffered(PARTS_AT_ONCE);
    let mut parts = Vec::new();
    while let Some(copied) = copies.next().await {
        parts.push(copied?);
    }
    cloud
        .complete_multipart_upload(bucket, key, upload, parts, size, onto)
        .await?;
    Ok(())
}

/// The size of the parts of an object: as asked for, within what S3 takes.
fn part_bytes(size: u64, asked: u64) -> u64 {
    asked
        .clamp(PART_BYTES_MIN, WHOLE_BYTES)
        .max(size.div_ceil(PARTS_MAX))
}

/// Whether a failure says something of one object, and nothing of the next.
fn is_of_one_object(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Precondition | ErrorKind::AccessDenied | ErrorKind::NotFound | ErrorKind::Invalid
    )
}

fn why(error: &aws::Error) -> String {
    match error.kind {
        ErrorKind::Precondition => {
            format!("it changed while it was repaired, and was left as it is; repair again ({error})")
        }
        _ => match error.hint() {
            Some(hint) => format!("{error}. {hint}"),
            None => error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_what_s3_takes() {
        const GIB: u64 = 1 << 30;
        assert_eq!(part_bytes(12 << 20, 1), PART_BYTES_MIN);
        assert_eq!(part_bytes(6 * GIB, WHOLE_BYTES), WHOLE_BYTES);
        assert_eq!(part_bytes(6 * GIB, WHOLE_BYTES_MAX), WHOLE_BYTES);
        let largest = 48_828 * GIB;
        assert!(largest.div_ceil(part_bytes(largest, WHOLE_BYTES)) <= PARTS_MAX);
    }
}
