//! Going on from another copy, while the one that is restored cannot be reached.
//!
//! A plan pins every object by size and checksum. Where another copy holds objects of the very sizes and checksums below
//! its own prefix, reading these is reading the same bytes, and nothing else of the plan changes.

use aws::Cloud;
use recovery::plan::{CopyRef, Plan, PlannedObject};
use tokio_util::sync::CancellationToken;

use crate::examples::below;
use crate::inspect::bucket_of;
use crate::{Error, Progress, Refusal, concurrent, retry};

/// Objects that are looked at at once.
const IN_FLIGHT: usize = 24;

/// Whether an error says that the copy cannot be read: it is out of reach, or is not any more what was planned.
pub(crate) fn is_copy_lost(error: &Error) -> bool {
    match error {
        Error::Aws(error) => error.operation == "GetObject",
        Error::Refused(refusal) => refusal.code == "object_changed",
        _ => false,
    }
}

/// The copy that a run reads, and those that it may go on from.
pub(crate) struct Source<'a> {
    plan: &'a Plan,
    repinned: Option<Plan>,
    left: std::slice::Iter<'a, CopyRef>,
}

impl<'a> Source<'a> {
    /// The plan's own copy.
    pub(crate) fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            repinned: None,
            left: plan.fallbacks.iter(),
        }
    }

    /// The plan as it is read now. But for the copy and its objects it is the plan that is run.
    pub(crate) fn plan(&self) -> &Plan {
        self.repinned.as_ref().unwrap_or(self.plan)
    }

    /// Goes on from the next copy that holds the same objects, or gives back why the one before was lost.
    pub(crate) async fn go_on(
        &mut self,
        cloud: &Cloud,
        lost: Error,
        progress: &Progress,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        for copy in self.left.by_ref() {
            match repin(cloud, self.plan, copy, cancel).await {
                Ok(repinned) => {
                    tracing::warn!(region = %copy.region, %lost, "going on from another copy");
                    progress.go_on_from(copy, lost.to_string());
                    self.repinned = Some(repinned);
                    return Ok(());
                }
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(error) => {
                    tracing::warn!(region = %copy.region, %error, "this copy cannot be gone on from either");
                }
            }
        }
        Err(lost)
    }
}

/// The plan as it reads from another copy: its objects are found there, of the planned sizes and checksums, and pinned
/// as they are there.
async fn repin(
    cloud: &Cloud,
    plan: &Plan,
    copy: &CopyRef,
    cancel: &CancellationToken,
) -> Result<Plan, Error> {
    let mut repinned = plan.clone();
    repinned.copy = copy.clone();
    for table in &mut repinned.tables {
        let objects = std::mem::take(&mut table.objects);
        let objects = &objects;
        table.objects = concurrent::ordered(objects.len(), IN_FLIGHT, |index| {
            find(cloud, &plan.copy.prefix, copy, &objects[index], cancel)
        })
        .await?;
    }
    Ok(repinned)
}

/// A planned object in another copy.
async fn find(
    cloud: &Cloud,
    prefix: &str,
    copy: &CopyRef,
    planned: &PlannedObject,
    cancel: &CancellationToken,
) -> Result<PlannedObject, Error> {
    let bucket = bucket_of(copy);
    let path = below(prefix, &planned.key);
    let key = format!("{}/{path}", copy.prefix.trim_end_matches('/'));
    let differs = |cause: String| {
        Error::from(Refusal::new(
            "copy_differs",
            bucket.uri(&key),
            cause,
            "Verify the copies, then make a new plan from one that is whole.",
        ))
    };
    let wanted = planned.checksum.as_ref().ok_or_else(|| {
        differs("the plan has no checksum that says whether it is the same object".to_owned())
    })?;
    // The entity tag first: what is put in its place while the checksum is asked for fails the reading.
    let head = retry::transient(cancel, || cloud.head_object(&bucket, &key)).await?;
    let fact = retry::transient(cancel, || cloud.object_fact(&bucket, &key, &path)).await?;
    if fact.size != planned.size || !fact.checksums.contains(wanted) {
        return Err(differs(
            "it is not the planned object: its size or checksum differs".to_owned(),
        ));
    }
    Ok(PlannedObject {
        key: key.clone(),
        etag: head.etag,
        ..planned.clone()
    })
}
