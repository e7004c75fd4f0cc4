//! How many write units a second a table is given.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use recovery::plan::{Capacity, TablePlan};
use tokio::time::Instant;

/// What was not spent over so long may be spent at once.
const SAVED: Duration = Duration::from_secs(1);

/// A bound on write units a second, or none. A table on demand has none of its own: DynamoDB throttles what exceeds
/// twice its former peak, and the [gate](crate::gate) follows that.
#[derive(Debug)]
pub(crate) struct Rate {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Units a second.
    bound: Option<u64>,
    /// When everything that was spent will have been paid.
    paid_at: Instant,
}

impl Rate {
    /// What a table of this capacity is given, by its plan.
    pub(crate) fn new(table: &TablePlan, capacity: Capacity) -> Self {
        Self {
            state: Mutex::new(State {
                bound: bound(table, capacity),
                paid_at: Instant::now(),
            }),
        }
    }

    /// The table has another capacity now.
    pub(crate) fn follow(&self, table: &TablePlan, capacity: Capacity) {
        self.state().bound = bound(table, capacity);
    }

    /// Takes so many units and waits until they may be used.
    pub(crate) async fn spend(&self, units: u64) {
        if let Some(at) = self.take(units, Instant::now()) {
            tokio::time::sleep_until(at).await;
        }
    }

    /// When the units may be used; `None` for at once.
    fn take(&self, units: u64, now: Instant) -> Option<Instant> {
        let mut state = self.state();
        let nanos = u128::from(units) * 1_000_000_000 / u128::from(state.bound?.max(1));
        let takes = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        let saved_since = now.checked_sub(SAVED).unwrap_or(now);
        state.paid_at = state.paid_at.max(saved_since) + takes;
        Some(state.paid_at).filter(|at| *at > now)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lower of what the plan allows and what is provisioned.
fn bound(table: &TablePlan, capacity: Capacity) -> Option<u64> {
    let provisioned = match capacity {
        Capacity::OnDemand => None,
        Capacity::Provisioned { write_units, .. } => Some(write_units.max(1)),
    };
    [table.pace.max_write_units, provisioned]
        .into_iter()
        .flatten()
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(bound: Option<u64>, now: Instant) -> Rate {
        Rate {
            state: Mutex::new(State { bound, paid_at: now }),
        }
    }

    #[test]
    fn units_are_spread_over_time_and_at_most_a_second_is_saved_up() {
        let began = Instant::now() + Duration::from_mins(1);
        let bounded = rate(Some(100), began);
        assert_eq!(bounded.take(50, began), Some(began + Duration::from_millis(500)));
        assert_eq!(bounded.take(50, began), Some(began + Duration::from_secs(1)));
        let later = began + Duration::from_mins(1);
        assert_eq!(bounded.take(100, later), None, "saved up");
        assert_eq!(bounded.take(25, later), Some(later + Duration::from_millis(250)));
        assert_eq!(rate(None, began).take(1_000_000, began), None);
    }
}
