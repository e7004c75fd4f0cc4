//! Which part of a vault a pass lists. A small one is listed whole; of a large one what is new, and what is old a slice at a
//! time.

use aws::backup::Made;
use jiff::{SignedDuration, Timestamp};

use super::known::{ListedTo, VaultKey};
use super::pass::Pass;
use crate::catalogue::Backup;

/// A vault of so many recovery points is listed whole in each pass: five requests.
const WHOLE_MAX: usize = 5_000;

/// What was made so long before a pass is new to it: AWS Backup may list a recovery point some time after it began it.
const NEW_FOR: SignedDuration = SignedDuration::from_hours(3);

/// A recovery point that is still being made is new for so long at most.
const CREATING_MAX: SignedDuration = SignedDuration::from_hours(48);

/// Recovery points of a slice: twenty requests.
const SLICE: usize = 20_000;

/// A slice is listed this often, so that 840,000 recovery points are seen in three quarters of an hour.
const SLICE_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// What lies at a border belongs to both sides: AWS Backup compares seconds.
pub(super) const BORDER: SignedDuration = SignedDuration::from_secs(2);

impl Pass<'_> {
    /// What of a vault to list in this pass.
    pub(super) fn windows(&self, vault: &VaultKey) -> Vec<Made> {
        let mut memory = self.shared().pipeline.memory();
        let number = memory.vaults.known(vault);
        let held = || {
            memory
                .points
                .values()
                .filter(|known| Some(known.vault) == number && !known.backup.is_over())
        };
        if held().count() <= WHOLE_MAX {
            return vec![Made::default()];
        }
        let earliest = before(self.now, CREATING_MAX);
        let creating = held()
            .filter(|known| known.backup == Backup::Creating && known.created_at > earliest)
            .map(|known| known.created_at)
            .min();
        let new = before(self.now, NEW_FOR);
        let new = before(creating.map_or(new, |creating| creating.min(new)), BORDER);
        let mut windows = vec![Made {
            after: Some(new),
            before: None,
        }];
        let listed = memory.listed.get(vault).copied();
        if listed.is_none_or(|listed| self.now.duration_since(listed.at).abs() >= SLICE_EVERY) {
            let end = listed.and_then(|listed| listed.before).unwrap_or(new);
            let old: Vec<Timestamp> = held()
                .map(|known| known.created_at)
                .filter(|at| *at < end)
                .collect();
            let begin = begin_of_slice(old);
            windows.push(Made {
                after: begin.map(|begin| before(begin, BORDER)),
                before: Some(end.saturating_add(BORDER).unwrap_or(end)),
            });
            let next = ListedTo {
                at: self.now,
                before: begin,
            };
            memory.listed.insert(vault.clone(), next);
        }
        windows
    }
}

/// When the oldest recovery point of the next slice was made; `None` where everything that is left is one.
fn begin_of_slice(mut old: Vec<Timestamp>) -> Option<Timestamp> {
    if old.len() <= SLICE {
        return None;
    }
    let from_the_end = old.len() - SLICE;
    let (_, begin, _) = old.select_nth_unstable(from_the_end);
    Some(*begin)
}

fn before(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_sub(by).unwrap_or(at)
}

/// Whether a recovery point lies so far within a window that a listing of it names the recovery point.
pub(super) fn lies_within(window: &Made, at: Timestamp) -> bool {
    window
        .after
        .is_none_or(|after| at >= after.saturating_add(BORDER).unwrap_or(after))
        && window.before.is_none_or(|end| at <= before(end, BORDER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_follow_each_other_down_to_the_oldest() {
        let at = |hours: i64| Timestamp::from_second(1_790_000_000 + hours * 3600).unwrap();
        let all =
            |end: Timestamp| -> Vec<Timestamp> { (0..45_000).rev().map(at).filter(|at| *at < end).collect() };
        let first = begin_of_slice(all(at(45_000)));
        assert_eq!(first, Some(at(25_000)));
        let second = begin_of_slice(all(first.unwrap()));
        assert_eq!(second, Some(at(5_000)));
        assert_eq!(
            begin_of_slice(all(second.unwrap())),
            None,
            "the rest is the last one"
        );
    }

    #[test]
    fn what_lies_at_a_border_is_judged_in_one_window_at_least() {
        let border: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        let old = Made {
            after: None,
            before: Some(border + BORDER),
        };
        let new = Made {
            after: Some(border - BORDER),
            before: None,
        };
        for millis in [-3_000, -500, 0, 500, 3_000] {
            let at = border + SignedDuration::from_millis(millis);
            assert!(lies_within(&old, at) || lies_within(&new, at), "{at}");
        }
        assert!(lies_within(&Made::default(), border));
    }
}
