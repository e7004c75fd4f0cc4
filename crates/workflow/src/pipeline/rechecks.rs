//! Checking verified copies again: copies rot, and nobody says so.

use std::collections::BinaryHeap;

use jiff::{SignedDuration, Timestamp};
use recovery::ids::{RecoveryPointId, Region};
use serde::{Deserialize, Serialize};

use super::pass::Pass;
use super::report::Reconciled;
use crate::Workflow;
use crate::control::{Change, Key};
use crate::error::Result;

/// Recovery points that are checked again in one go; the next go follows soon.
const AT_A_TIME: usize = 20;

/// What a recovery point's verified copies need of a re-check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Checked {
    /// When the first of its verified copies was last checked.
    pub(crate) oldest_at: Timestamp,
    /// Bytes of all of its copies.
    pub(crate) bytes: u64,
}

/// What was checked again on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Spent {
    recovery_points: u64,
    bytes: u64,
}

impl Spent {
    /// Whether the day's budget has room. What is larger than the whole budget is checked as the first of a day.
    fn has_room(self, bytes: u64, budget: u64) -> bool {
        self.bytes.saturating_add(bytes) <= budget || (self.bytes == 0 && budget > 0)
    }
}

impl Workflow {
    /// Checks recovery points again whose verified copies were last checked long ago: the oldest first, all copies of one
    /// together, as many bytes as the day's budget still has. What it needs to know of them, a pass has remembered.
    pub async fn recheck(&self) -> Result<Reconciled> {
        let pass = Pass::new(self);
        let settings = &self.shared.settings.copies;
        let (due, count) = pass.due_for_recheck(settings.recheck_after);
        self.shared.meter.count(|metrics| metrics.rechecks_due = count);
        let key = || Key::rechecked(&pass.now.strftime("%Y-%m-%d").to_string());
        for (checked, id) in due {
            let spent: Spent = self
                .shared
                .control
                .get(&key())
                .await?
                .map(|record| record.value)
                .unwrap_or_default();
            if !spent.has_room(checked.bytes, settings.recheck_bytes_per_day) {
                break;
            }
            let has_looked = match pass.recheck_point(&id, checked.oldest_at).await {
                Ok(has_looked) => has_looked,
                Err(error) => {
                    pass.report.error(&id, &error);
                    false
                }
            };
            if !has_looked {
                // A Region that cannot be reached is not asked again and again for the oldest; the next go tries anew.
                break;
            }
            let spent = Spent {
                recovery_points: spent.recovery_points + 1,
                bytes: spent.bytes.saturating_add(checked.bytes),
            };
            self.shared
                .control
                .write(vec![Change::put(key(), &spent)?])
                .await?;
            self.shared
                .meter
                .count(|metrics| metrics.rechecked_bytes += checked.bytes);
        }
        Ok(pass.report.finish())
    }
}

impl Pass<'_> {
    /// The oldest of the recovery points that are due, the oldest first, and how many are due.
    fn due_for_recheck(&self, after: SignedDuration) -> (Vec<(Checked, RecoveryPointId)>, u64) {
        let mut oldest: BinaryHeap<(Checked, RecoveryPointId)> = BinaryHeap::new();
        let mut count = 0;
        for known in self.shared().pipeline.memory().points.values() {
            let Some(checked) = known.checked else { continue };
            if self.now.duration_since(checked.oldest_at) < after {
                continue;
            }
            count += 1;
            let is_older = oldest.peek().is_none_or(|(newest, _)| checked < *newest);
            if oldest.len() < AT_A_TIME || is_older {
                oldest.push((checked, known.id.clone()));
            }
            if oldest.len() > AT_A_TIME {
                oldest.pop();
            }
        }
        (oldest.into_sorted_vec(), count)
    }

    /// Whether the oldest of its verified copies has been looked at since.
    async fn recheck_point(&self, id: &RecoveryPointId, oldest_at: Timestamp) -> Result<bool> {
        let Some(mut record) = self.shared().catalogue.entry(id).await? else {
            return Ok(false);
        };
        let regions: Vec<Region> = record
            .value
            .point
            .copies
            .iter()
            .map(|copy| copy.region.clone())
            .collect();
        self.check_copies(&mut record, &regions, true).await?;
        Ok(Checked::of(&record.value).is_none_or(|checked| checked.oldest_at > oldest_at))
    }
}

impl Checked {
    /// `None` where no copy is verified.
    pub(crate) fn of(entry: &crate::catalogue::PointEntry) -> Option<Self> {
        let copies = &entry.point.copies;
        let oldest_at = copies
            .iter()
            .filter(|copy| copy.verdict.is_restorable())
            .filter_map(|copy| copy.checked_at)
            .min()?;
        let bytes = copies
            .iter()
            .filter_map(|copy| copy.evidence.as_ref())
            .map(|evidence| evidence.bytes)
            .sum();
        Some(Self { oldest_at, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_bounds_a_day_and_starves_nobody() {
        let spent = |bytes| Spent {
            recovery_points: 1,
            bytes,
        };
        assert!(spent(60).has_room(40, 100));
        assert!(!spent(61).has_room(40, 100));
        assert!(spent(0).has_room(400, 100), "as the first of a day");
        assert!(!spent(0).has_room(1, 0), "switched off");
    }
}
