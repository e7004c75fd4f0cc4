//! The embedded cloud's clock: it stands still while a day of history is made in seconds, moved forward by hand,
//! and then runs with the machine's.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

/// Shared by every service of one embedded cloud; clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
enum State {
    /// Stands still until it is moved: history is being made.
    Held(Timestamp),
    /// Runs with the machine's clock.
    Running,
}

impl Clock {
    /// A clock that shows the machine's time.
    pub fn running() -> Self {
        Self {
            state: Arc::new(Mutex::new(State::Running)),
        }
    }

    /// A clock that stands at `at` until [`Clock::advance_to`] or [`Clock::run`].
    pub fn held_at(at: Timestamp) -> Self {
        Self {
            state: Arc::new(Mutex::new(State::Held(at))),
        }
    }

    /// The time that every service stamps on what it makes.
    pub fn now(&self) -> Timestamp {
        match &*self.lock() {
            State::Held(at) => *at,
            State::Running => Timestamp::now(),
        }
    }

    /// Whether the clock stands still.
    pub fn is_held(&self) -> bool {
        matches!(&*self.lock(), State::Held(_))
    }

    /// Moves a held clock forward; going back, or moving a running clock, does nothing.
    pub fn advance_to(&self, to: Timestamp) {
        if let State::Held(at) = &mut *self.lock() {
            *at = to.max(*at);
        }
    }

    /// Moves a held clock forward by `by`.
    pub fn advance(&self, by: SignedDuration) {
        if let State::Held(at) = &mut *self.lock() {
            *at = (*at + by).max(*at);
        }
    }

    /// Lets a held clock run with the machine's from now on.
    pub fn run(&self) {
        *self.lock() = State::Running;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_clock_only_moves_forward_and_its_clones_move_with_it() {
        let start: Timestamp = "2026-11-19T08:00:00Z".parse().unwrap();
        let clock = Clock::held_at(start);
        let clone = clock.clone();
        clock.advance(SignedDuration::from_hours(1));
        assert_eq!(clone.now(), start + SignedDuration::from_hours(1));
        clock.advance_to(start);
        assert_eq!(clone.now(), start + SignedDuration::from_hours(1));
        clone.run();
        assert!(!clock.is_held());
        assert!(clock.now() > start);
    }
}
