//! How many requests to one table may be in flight: more after each success, fewer after a throttle.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Throttles that come together are one sign, so the limit is cut at most so often.
const CUT_INTERVAL: Duration = Duration::from_millis(200);

/// What is left of the limit after a cut.
const CUT: f64 = 0.7;

/// An adaptive limit: it grows by one over the time that as many requests as it allows take, and shrinks to seven
/// tenths when DynamoDB says that it is too much.
#[derive(Debug)]
pub(crate) struct Gate {
    permits: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limit: f64,
    max: f64,
    /// Permits that exist beyond the limit and are to vanish when they come back.
    surplus: usize,
    cut_at: Option<Instant>,
}

/// Leave to make one request.
#[derive(Debug)]
pub(crate) struct Permit {
    gate: Arc<Gate>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Gate {
    pub(crate) fn new(start: usize, max: usize) -> Arc<Self> {
        let max = max.max(1);
        let start = start.clamp(1, max);
        Arc::new(Self {
            permits: Arc::new(Semaphore::new(start)),
            state: Mutex::new(State {
                limit: to_f64(start),
                max: to_f64(max),
                surplus: 0,
                cut_at: None,
            }),
        })
    }

    /// Waits for leave.
    pub(crate) async fn enter(self: &Arc<Self>) -> Permit {
        Permit {
            gate: Arc::clone(self),
            // The semaphore is never closed, so an error cannot come.
            permit: Arc::clone(&self.permits).acquire_owned().await.ok(),
        }
    }

    /// A request was taken whole.
    pub(crate) fn succeeded(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let before = state.limit;
        state.limit = (before + 1.0 / before).min(state.max);
        if to_count(state.limit) > to_count(before) {
            if state.surplus > 0 {
                state.surplus -= 1;
            } else {
                self.permits.add_permits(1);
            }
        }
    }

    /// A request was refused, in part or whole, for being too much.
    pub(crate) fn throttled(&self) {
        self.throttled_at(Instant::now());
    }

    fn throttled_at(&self, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.cut_at.is_some_and(|at| now - at < CUT_INTERVAL) {
            return;
        }
        state.cut_at = Some(now);
        let before = to_count(state.limit);
        state.limit = (state.limit * CUT).max(1.0);
        state.surplus += before - to_count(state.limit);
    }

    /// How many requests may be in flight now.
    #[cfg(test)]
    pub(crate) fn limit(&self) -> usize {
        to_count(self.state.lock().unwrap_or_else(PoisonError::into_inner).limit)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.gate.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.surplus > 0 {
            state.surplus -= 1;
            if let Some(permit) = self.permit.take() {
                permit.forget();
            }
        }
    }
}

fn to_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a limit lies between 1 and a u32"
)]
fn to_count(limit: f64) -> usize {
    limit as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_limit_grows_by_one_a_round_and_shrinks_by_a_part() {
        let gate = Gate::new(10, 12);
        for _ in 0..40 {
            gate.succeeded();
        }
        assert_eq!(gate.limit(), 12, "never above its maximum");
        let mut now = Instant::now();
        gate.throttled_at(now);
        gate.throttled_at(now);
        assert_eq!(gate.limit(), 8, "throttles that come together are one sign");
        for _ in 0..20 {
            now += CUT_INTERVAL * 2;
            gate.throttled_at(now);
        }
        assert_eq!(gate.limit(), 1, "never below one");
        // Exactly one permit is left once those beyond the limit have come back.
        let mut held = Vec::new();
        for _ in 0..12 {
            held.push(gate.enter().await);
        }
        drop(held);
        let one = gate.enter().await;
        assert!(
            tokio::time::timeout(Duration::from_millis(50), gate.enter())
                .await
                .is_err()
        );
        drop(one);
        gate.enter().await;
    }
}
