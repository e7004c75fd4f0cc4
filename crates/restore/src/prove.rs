//! Reading a target back, whole, and digesting what DynamoDB really holds.

use std::sync::Arc;

use aws::Cloud;
use aws::dynamodb::Scan;
use recovery::digest::TableDigest;
use recovery::plan::Plan;
use tokio_util::sync::CancellationToken;

use crate::row::readback;
use crate::targets::table_ref;
use crate::{Error, MultisetHash, Progress, Refusal, Tuning, concurrent, retry};

/// A segment is made for so many rows.
const SEGMENT_ROWS: u64 = 10_000;

/// The most segments of one scan.
const SEGMENTS_MAX: u64 = 256;

/// Reads every item of a table's target, consistently and in parallel, and digests it in the canonical form.
///
/// Items that the copy does not have, lost items, altered values and attributes too many all make the digest another
/// one than the copy's.
pub async fn prove_table(
    cloud: &Cloud,
    plan: &Plan,
    table_index: u32,
    tuning: &Tuning,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<TableDigest, Error> {
    let table = plan.tables.get(table_index as usize).ok_or_else(|| {
        Refusal::new(
            "unknown_table",
            format!("table {table_index}"),
            "the plan has no such table",
            "Name a table of the plan.",
        )
    })?;
    let target = table_ref(plan, table);
    let counters = progress.table(table_index);
    let columns = Arc::new(table.columns.clone());
    let segments = u32::try_from(table.rows.div_ceil(SEGMENT_ROWS).clamp(1, SEGMENTS_MAX)).unwrap_or(1);
    let hashes = concurrent::ordered(segments as usize, tuning.segments_in_flight, |segment| {
        let segment = u32::try_from(segment).unwrap_or_default();
        let (target, counters, columns) = (&target, &counters, &columns);
        async move {
            let mut hash = MultisetHash::default();
            let mut scan = Scan {
                segment: (segments > 1).then_some((segment, segments)),
                ..Scan::default()
            };
            loop {
                let page = retry::patient(cancel, tuning.give_up_after, || cloud.scan_segment(target, &scan))
                    .await?;
                counters.add_read_back(page.items.len() as u64);
                let columns = Arc::clone(columns);
                let of_page = tokio::task::spawn_blocking(move || {
                    let mut hash = MultisetHash::default();
                    let mut form = Vec::new();
                    for item in &page.items {
                        form.clear();
                        readback::canonical_of(&columns, item, &mut form);
                        hash.add_row(&form);
                    }
                    hash
                })
                .await
                .map_err(|error| Error::from_join(&error))?;
                hash.add(&of_page);
                match page.next {
                    Some(next) => scan.start_after = Some(next),
                    None => return Ok::<_, Error>(hash),
                }
            }
        }
    })
    .await?;
    let mut whole = MultisetHash::default();
    for hash in &hashes {
        whole.add(hash);
    }
    Ok(whole.digest())
}
