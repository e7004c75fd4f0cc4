//! The most frequent of any number of values, in bounded memory, with bounds of its weight.
//!
//! The "frequent items" sketch of Misra and Gries, in the weighted form with a purge by the median (Anderson and others,
//! <https://arxiv.org/abs/1705.07001>): while there is room every value is counted exactly; then the median is taken off
//! every count and what falls to nothing is forgotten. What was taken off bounds the error.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher as _};

/// Values that are counted at once. Whatever has more than a thousandth of the weight is found.
const COUNTERS_MAX: usize = 2_048;

/// Weights by the values' hashes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frequent {
    counts: HashMap<u64, u64>,
    /// At most so much was taken off each count.
    slack: u64,
}

/// The most frequent value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Top {
    /// Its hash.
    pub(crate) value: u64,
    /// Its weight is at least this.
    pub(crate) at_least: u64,
    /// And at most this.
    pub(crate) at_most: u64,
}

/// The hash of a value's canonical form. The same in every process.
pub(crate) fn hash(form: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(form);
    hasher.finish()
}

impl Frequent {
    /// Adds weight to a value.
    pub(crate) fn add(&mut self, value: u64, weight: u64) {
        *self.counts.entry(value).or_default() += weight;
        if self.counts.len() > COUNTERS_MAX {
            self.purge();
        }
    }

    /// Adds everything that another one has seen.
    pub(crate) fn merge(&mut self, other: Self) {
        self.slack += other.slack;
        for (value, weight) in other.counts {
            self.add(value, weight);
        }
    }

    /// The value with the most weight; of several, the one with the least hash.
    pub(crate) fn top(&self) -> Option<Top> {
        let most = |(value, count): &(&u64, &u64)| (**count, std::cmp::Reverse(**value));
        let (value, count) = self.counts.iter().max_by_key(most)?;
        Some(Top {
            value: *value,
            at_least: *count,
            at_most: count + self.slack,
        })
    }

    fn purge(&mut self) {
        let mut counts: Vec<u64> = self.counts.values().copied().collect();
        let middle = counts.len() / 2;
        let median = *counts.select_nth_unstable(middle).1;
        self.slack += median;
        self.counts.retain(|_, count| {
            *count = count.saturating_sub(median);
            *count > 0
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn few_values_are_counted_exactly() {
        let mut frequent = Frequent::default();
        assert_eq!(frequent.top(), None);
        for value in 0..1_000 {
            frequent.add(value, 1 + u64::from(value == 7) * 5);
        }
        let top = frequent.top().unwrap();
        assert_eq!((top.value, top.at_least, top.at_most), (7, 6, 6));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn a_heavy_value_among_very_many_is_found_within_its_bounds(
            share in 2_u64..10, seed in any::<u64>(), parts in 1_usize..4
        ) {
            let (rows, hot) = (100_000_u64, u64::MAX);
            let mut sketches = vec![Frequent::default(); parts];
            let mut truth = 0;
            for row in 0..rows {
                let is_hot = row % share == 0;
                let value = if is_hot { hot } else { row.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed };
                truth += u64::from(is_hot);
                let at = usize::try_from(row).unwrap() % parts;
                sketches[at].add(value, 1);
            }
            let mut whole = Frequent::default();
            for sketch in sketches {
                whole.merge(sketch);
                prop_assert!(whole.counts.len() <= COUNTERS_MAX);
            }
            let top = whole.top().unwrap();
            prop_assert_eq!(top.value, hot);
            prop_assert!(top.at_least <= truth && truth <= top.at_most);
            prop_assert!(top.at_most - top.at_least <= rows / 500);
        }
    }
}
