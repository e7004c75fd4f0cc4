//! Every item of a target, read back in parallel.

use aws::Cloud;
use aws::dynamodb::{Item, Scan};
use recovery::plan::{Plan, TablePlan};
use tokio_util::sync::CancellationToken;

use crate::targets::table_ref;
use crate::{Error, Tuning, concurrent, retry};

/// A segment is made for so many rows.
const SEGMENT_ROWS: u64 = 10_000;

/// The most segments of one scan.
const SEGMENTS_MAX: u64 = 256;

/// Items of a page. DynamoDB would give a megabyte, which the SDK makes ten of; pages this small cost little more.
const PAGE_ITEMS: u32 = 1_000;

/// What is done with items, on a thread of its own.
pub(crate) trait Sift: Send + 'static {
    /// Takes a page of items.
    fn items(&mut self, items: &[Item]);
}

/// Reads every item of a table's target consistently, through workers that `sift` makes, one for each segment that is
/// read at once, and gives them back.
pub(crate) async fn through<S: Sift>(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    tuning: &Tuning,
    cancel: &CancellationToken,
    sift: impl Fn() -> S,
) -> Result<Vec<S>, Error> {
    let target = table_ref(plan, table);
    let segments = u32::try_from(table.rows.div_ceil(SEGMENT_ROWS).clamp(1, SEGMENTS_MAX)).unwrap_or(1);
    concurrent::with_workers(
        segments as usize,
        tuning.segments_in_flight,
        sift,
        |segment, mut sift| {
            let segment = u32::try_from(segment).unwrap_or_default();
            let target = &target;
            async move {
                let mut scan = Scan {
                    segment: (segments > 1).then_some((segment, segments)),
                    limit: Some(PAGE_ITEMS),
                    ..Scan::default()
                };
                loop {
                    let page =
                        retry::patient(cancel, tuning.give_up_after, || cloud.scan_segment(target, &scan))
                            .await?;
                    sift = tokio::task::spawn_blocking(move || {
                        sift.items(&page.items);
                        sift
                    })
                    .await
                    .map_err(|error| Error::from_join(&error))?;
                    match page.next {
                        Some(next) => scan.start_after = Some(next),
                        None => return Ok(sift),
                    }
                }
            }
        },
    )
    .await
}
