//! How many requests to one table may be in flight: more while more bring more answers, fewer after a throttle.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Throttles that come together are one sign, so the limit is cut at most so often.
const CUT_INTERVAL: Duration = Duration::from_millis(200);

/// What is left of the limit after a cut.
const CUT: f64 = 0.7;

/// Answers are counted over so long before they say whether a higher limit is better.
const WINDOW: Duration = Duration::from_millis(250);

/// How much higher the limit may become from one window to the next.
const STEP: f64 = 1.25;

/// How many more answers a higher limit must bring to be kept.
const GAIN: f64 = 1.03;

/// How long no higher limit is tried after one that brought nothing.
const REST: Duration = Duration::from_secs(5);

/// An adaptive limit: it grows by one over the time that as many requests as it allows take, goes back where that brought
/// no more answers a second, and shrinks to seven tenths when DynamoDB says that it is too much.
///
/// Requests beyond what the table answers at once only wait elsewhere: in its queue, with their memory held here.
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
    window: Window,
}

/// What is known of the limits tried so far.
#[derive(Clone, Copy, Debug)]
struct Window {
    began: Instant,
    answers: u32,
    /// The limit of the window before, and its answers a second.
    before: Option<(f64, f64)>,
    rests_until: Option<Instant>,
}

impl Window {
    fn new(now: Instant) -> Self {
        Self {
            began: now,
            answers: 0,
            before: None,
            rests_until: None,
        }
    }
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
                window: Window::new(Instant::now()),
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
        self.succeeded_at(Instant::now());
    }

    fn succeeded_at(&self, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let before = to_count(state.limit);
        state.window.answers += 1;
        let highest = state.highest(now);
        state.limit = (state.limit + 1.0 / state.limit).min(highest).max(state.limit);
        state.weigh(now);
        match to_count(state.limit) {
            more if more > before => {
                let taken = state.surplus.min(more - before);
                state.surplus -= taken;
                self.permits.add_permits(more - before - taken);
            }
            less => state.surplus += before - less,
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
        state.window = Window::new(now);
    }

    /// How many requests may be in flight now.
    #[cfg(test)]
    pub(crate) fn limit(&self) -> usize {
        to_count(self.state.lock().unwrap_or_else(PoisonError::into_inner).limit)
    }
}

impl State {
    /// How far the limit may grow before it is weighed again.
    fn highest(&self, now: Instant) -> f64 {
        if self.window.rests_until.is_some_and(|until| now < until) {
            return self.limit;
        }
        match self.window.before {
            Some((limit, _)) => (limit * STEP).max(limit + 1.0).min(self.max),
            // The first limit is weighed as it is; what a throttle has cut is won back at once.
            None if self.cut_at.is_none() => self.limit,
            None => self.max,
        }
    }

    /// At a window's end: keeps a higher limit that brought more answers, and goes back from one that did not.
    fn weigh(&mut self, now: Instant) {
        let Window {
            began,
            answers,
            before,
            rests_until,
        } = self.window;
        let seconds = (now - began).as_secs_f64();
        if now - began < WINDOW || f64::from(answers) < 2.0 * self.limit {
            return;
        }
        let rate = f64::from(answers) / seconds;
        let mut next = Window {
            before: Some((self.limit, rate)),
            rests_until,
            ..Window::new(now)
        };
        if let Some((limit, rate_before)) = before
            && to_count(self.limit) > to_count(limit)
            && rate < rate_before * GAIN
        {
            self.limit = limit;
            next.before = Some((limit, rate_before));
            next.rests_until = Some(now + REST);
        }
        self.window = next;
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

    /// Answers at `rate` a second for so long.
    fn answer(gate: &Gate, from: Instant, rate: impl Fn(usize) -> f64, seconds: f64) -> Instant {
        let mut now = from;
        let end = from + Duration::from_secs_f64(seconds);
        while now < end {
            now += Duration::from_secs_f64(1.0 / rate(gate.limit()));
            gate.succeeded_at(now);
        }
        now
    }

    #[tokio::test]
    async fn the_limit_grows_while_that_brings_more_and_no_further() {
        let latency_bound = |limit| to_f64(limit) * 100.0;
        let gate = Gate::new(10, 64);
        answer(&gate, Instant::now(), latency_bound, 5.0);
        assert_eq!(gate.limit(), 64, "never above its maximum");

        let bounded = |limit| latency_bound(limit).min(2_000.0);
        let gate = Gate::new(10, 64);
        let now = answer(&gate, Instant::now(), bounded, 5.0);
        assert!((16..=30).contains(&gate.limit()), "{} of 20", gate.limit());
        answer(&gate, now, latency_bound, 20.0);
        assert_eq!(gate.limit(), 64, "what changes is tried again");
    }

    #[tokio::test]
    async fn the_limit_shrinks_by_a_part_and_its_permits_with_it() {
        let gate = Gate::new(12, 12);
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
