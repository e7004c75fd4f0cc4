//! How many bytes a second checks read, all together in one process.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What was not read over so long may be read at once.
const SAVED: Duration = Duration::from_secs(1);

/// A bound on bytes a second.
#[derive(Debug)]
pub(crate) struct Pace {
    bytes_per_second: u64,
    /// When everything that was read will have been paid.
    paid_at: Mutex<Instant>,
}

impl Pace {
    pub(crate) fn new(bytes_per_second: u64) -> Self {
        Self {
            bytes_per_second: bytes_per_second.max(1),
            paid_at: Mutex::new(Instant::now()),
        }
    }

    /// Counts bytes that were read, and waits until the next ones may be.
    pub(crate) async fn spend(&self, bytes: u64) {
        if let Some(at) = self.take(bytes, Instant::now()) {
            tokio::time::sleep_until(at).await;
        }
    }

    fn take(&self, bytes: u64, now: Instant) -> Option<Instant> {
        let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(self.bytes_per_second);
        let takes = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        let saved_since = now.checked_sub(SAVED).unwrap_or(now);
        let mut paid_at = self.paid_at.lock().unwrap_or_else(PoisonError::into_inner);
        *paid_at = (*paid_at).max(saved_since) + takes;
        Some(*paid_at).filter(|at| *at > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_take_their_time_and_a_second_is_saved_at_most() {
        let pace = Pace::new(1_000);
        let begin = Instant::now() + Duration::from_mins(1);
        assert_eq!(pace.take(1_000, begin), None, "what was saved is spent at once");
        assert_eq!(pace.take(3_000, begin), Some(begin + Duration::from_secs(3)));
        let later = begin + Duration::from_mins(1);
        assert_eq!(pace.take(2_000, later), Some(later + Duration::from_secs(1)));
    }
}
