//! Token buckets: what a table may still do this second, by its billing mode.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How many seconds of unused provisioned capacity a table keeps for bursts.
const BURST_SECONDS: f64 = 300.0;

/// An on-demand table may double its peak of this long ago.
const DOUBLING: Duration = Duration::from_mins(30);

/// Peaks are averages over this long.
const WINDOW: Duration = Duration::from_mins(1);

/// The most that a table takes, by the default quota.
const TABLE_UNITS_MAX: f64 = 40_000.0;

/// How a table's capacity is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Capacity {
    /// Units per second, as provisioned.
    Provisioned(f64),
    /// On demand, starting with this many units per second.
    OnDemand(f64),
}

/// Reads or writes of one table.
#[derive(Debug)]
pub(super) struct Bucket {
    capacity: Capacity,
    tokens: f64,
    filled: Instant,
    /// Peaks of past windows, each with the window's end; on demand only.
    peaks: VecDeque<(Instant, f64)>,
    window_start: Instant,
    window_units: f64,
}

impl Bucket {
    /// A bucket with one second's capacity.
    pub(super) fn new(capacity: Capacity, now: Instant) -> Self {
        let mut bucket = Self {
            capacity,
            tokens: 0.0,
            filled: now,
            peaks: VecDeque::new(),
            window_start: now,
            window_units: 0.0,
        };
        bucket.tokens = bucket.rate(now);
        bucket
    }

    /// Follows a change of the table's capacity; what has been saved for bursts stays, within the new bound.
    pub(super) fn set_capacity(&mut self, capacity: Capacity, now: Instant) {
        if capacity != self.capacity {
            self.fill(now);
            self.capacity = capacity;
            self.tokens = self.tokens.min(self.most(now));
        }
    }

    /// Takes `units`, or nothing where they aren't there.
    pub(super) fn take(&mut self, units: f64, now: Instant) -> bool {
        self.fill(now);
        // One item may need more than a second's capacity; it may pass when the bucket is as full as it gets.
        let enough = self.tokens >= units.min(self.most(now));
        if enough {
            self.spend(units);
        }
        enough
    }

    /// Whether anything is left: requests whose cost is known only afterwards pass then.
    pub(super) fn has_any(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.tokens > 0.0
    }

    /// Charges what a request has cost; the bucket may owe for a while.
    pub(super) fn charge(&mut self, units: f64, now: Instant) {
        self.fill(now);
        self.spend(units);
    }

    fn spend(&mut self, units: f64) {
        self.tokens -= units;
        self.window_units += units;
    }

    fn fill(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + elapsed * self.rate(now)).min(self.most(now));
        self.filled = now;
        if now.saturating_duration_since(self.window_start) >= WINDOW {
            let seconds = now.saturating_duration_since(self.window_start).as_secs_f64();
            self.peaks.push_back((now, self.window_units / seconds));
            self.window_start = now;
            self.window_units = 0.0;
            self.forget(now);
        }
    }

    /// Keeps the peaks of the last half hour, and of those before only the highest.
    fn forget(&mut self, now: Instant) {
        while let [(_, first), (second_end, second), ..] = self.peaks.make_contiguous() {
            if now.saturating_duration_since(*second_end) < DOUBLING {
                break;
            }
            *second = second.max(*first);
            self.peaks.pop_front();
        }
    }

    /// Units per second now.
    fn rate(&self, now: Instant) -> f64 {
        match self.capacity {
            Capacity::Provisioned(units) => units,
            Capacity::OnDemand(start) => {
                let old = self
                    .peaks
                    .iter()
                    .filter(|(end, _)| now.saturating_duration_since(*end) >= DOUBLING);
                let peak = old.map(|(_, peak)| *peak).fold(start / 2.0, f64::max);
                (peak * 2.0).min(TABLE_UNITS_MAX.max(start))
            }
        }
    }

    fn most(&self, now: Instant) -> f64 {
        match self.capacity {
            Capacity::Provisioned(units) => units * BURST_SECONDS,
            Capacity::OnDemand(_) => self.rate(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(bucket: &mut Bucket, now: Instant) -> u32 {
        let mut taken = 0;
        while bucket.take(1.0, now) {
            taken += 1;
        }
        taken
    }

    #[test]
    fn a_provisioned_table_bursts_with_five_minutes_unused_capacity_and_no_more() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Capacity::Provisioned(10.0), start);
        assert_eq!(drain(&mut bucket, start), 10);
        assert_eq!(drain(&mut bucket, start + Duration::from_secs(2)), 20);
        assert_eq!(drain(&mut bucket, start + Duration::from_hours(1)), 3000);
    }

    #[test]
    fn an_on_demand_table_doubles_its_peak_after_half_an_hour() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Capacity::OnDemand(4000.0), start);
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        for second in 0..=120 {
            assert_eq!(drain(&mut bucket, at(second)), 4000, "second {second}");
        }
        assert_eq!(drain(&mut bucket, at(1000)), 4000);
        let later = drain(&mut bucket, at(60 + 1801));
        assert!((7900..=8100).contains(&later), "{later}");
    }

    #[test]
    fn debts_are_paid_before_anything_passes() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Capacity::Provisioned(5.0), start);
        bucket.charge(15.0, start);
        assert!(!bucket.has_any(start + Duration::from_secs(1)));
        assert!(bucket.has_any(start + Duration::from_secs(3)));
    }
}
