//! Failed sign-ins slow the next ones down, by name and by address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures that cost nothing: people mistype.
const FREE_FAILURES: u32 = 5;
/// An address may fail more often than a name, for offices share addresses.
const FREE_FAILURES_ADDRESS: u32 = 20;
/// The wait doubles with each further failure, up to this.
const WAIT_MAX: Duration = Duration::from_mins(1);
/// Failures are forgotten after this long without another.
const MEMORY: Duration = Duration::from_mins(15);
/// Names and addresses remembered; the oldest go first.
const ENTRIES_MAX: usize = 10_000;

/// What failures are counted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Name(String),
    Address(IpAddr),
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Instant,
}

/// Failed sign-ins of the last minutes.
#[derive(Debug, Default)]
pub struct Limiter {
    failures: Mutex<HashMap<Subject, Failures>>,
}

impl Limiter {
    /// How long a sign-in as `name` from `address` must wait; `None`: not at all.
    pub fn wait(&self, name: &str, address: Option<IpAddr>, now: Instant) -> Option<Duration> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        subjects(name, address)
            .filter_map(|subject| {
                let seen = failures.get(&subject)?;
                let over = seen.count.checked_sub(free(&subject))?;
                let wait = Duration::from_secs(1_u64 << over.min(6)).min(WAIT_MAX);
                wait.checked_sub(now.saturating_duration_since(seen.last))
            })
            .filter(|wait| !wait.is_zero())
            .max()
    }

    /// Records a failed sign-in.
    pub fn failed(&self, name: &str, address: Option<IpAddr>, now: Instant) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        for subject in subjects(name, address) {
            if failures.len() >= ENTRIES_MAX && !failures.contains_key(&subject) {
                make_room(&mut failures, now);
            }
            let seen = failures
                .entry(subject)
                .or_insert(Failures { count: 0, last: now });
            if now.saturating_duration_since(seen.last) > MEMORY {
                seen.count = 0;
            }
            seen.count = seen.count.saturating_add(1);
            seen.last = now;
        }
    }

    /// Forgets a name's failures after it signed in. The address keeps its own.
    pub fn succeeded(&self, name: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&Subject::Name(name.to_lowercase()));
    }
}

fn subjects(name: &str, address: Option<IpAddr>) -> impl Iterator<Item = Subject> {
    [
        Some(Subject::Name(name.to_lowercase())),
        address.map(Subject::Address),
    ]
    .into_iter()
    .flatten()
}

fn free(subject: &Subject) -> u32 {
    match subject {
        Subject::Name(_) => FREE_FAILURES,
        Subject::Address(_) => FREE_FAILURES_ADDRESS,
    }
}

fn make_room(failures: &mut HashMap<Subject, Failures>, now: Instant) {
    failures.retain(|_, seen| now.saturating_duration_since(seen.last) <= MEMORY);
    if failures.len() >= ENTRIES_MAX
        && let Some(oldest) = failures
            .iter()
            .min_by_key(|(_, seen)| seen.last)
            .map(|(subject, _)| subject.clone())
    {
        failures.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_slow_a_name_down_whatever_its_case_and_time_heals() {
        let limiter = Limiter::default();
        let start = Instant::now();
        for _ in 0..FREE_FAILURES - 1 {
            limiter.failed("Ann", None, start);
        }
        assert_eq!(limiter.wait("ann", None, start), None);
        limiter.failed("ann", None, start);
        assert_eq!(limiter.wait("ANN", None, start), Some(Duration::from_secs(1)));
        for _ in 0..40 {
            limiter.failed("ann", None, start);
        }
        assert_eq!(limiter.wait("ann", None, start), Some(WAIT_MAX));
        assert_eq!(limiter.wait("bob", None, start), None);
        assert_eq!(limiter.wait("ann", None, start + WAIT_MAX), None);
        limiter.succeeded("ann");
        assert_eq!(limiter.wait("ann", None, start), None);
    }

    #[test]
    fn an_address_that_tries_many_names_is_slowed_down_and_memory_is_bounded() {
        let limiter = Limiter::default();
        let address = Some(IpAddr::from([192, 0, 2, 1]));
        let start = Instant::now();
        for number in 0..ENTRIES_MAX + 50 {
            limiter.failed(&format!("user{number}"), address, start);
        }
        assert!(limiter.wait("somebody", address, start).is_some());
        assert!(limiter.failures.lock().unwrap().len() <= ENTRIES_MAX);
    }
}
