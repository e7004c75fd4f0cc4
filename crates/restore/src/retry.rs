//! Doing a call again after a fault that may pass, with exponential backoff and full jitter.

use std::future::Future;
use std::time::Duration;

use rand::Rng as _;
use tokio_util::sync::CancellationToken;

use crate::Error;

/// Attempts of one read before its fault counts as real. With the SDK's own attempts inside, a Region may be away
/// for about a minute.
const ATTEMPTS_MAX: u32 = 7;

/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// A pause before attempt `attempt` (the first repetition is 1): between nothing and `base · 2^attempt`, at most `max`.
///
/// Full jitter: those who failed together must not come back together.
pub(crate) fn pause(attempt: u32, base: Duration, max: Duration) -> Duration {
    let ceiling = base.saturating_mul(1 << attempt.min(16)).min(max);
    ceiling.mul_f64(rand::rng().random::<f64>())
}

/// Makes `call` until it succeeds, fails for good, or has failed too often.
pub(crate) async fn transient<T, F, Fut>(cancel: &CancellationToken, mut call: F) -> Result<T, Error>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, aws::Error>>,
{
    let mut attempt = 1;
    loop {
        let outcome = tokio::select! {
            () = cancel.cancelled() => return Err(Error::Cancelled),
            outcome = call() => outcome,
        };
        match outcome {
            Ok(value) => return Ok(value),
            Err(error) if error.is_transient() && attempt < ATTEMPTS_MAX => {
                tracing::debug!(%error, attempt, "trying again");
                tokio::select! {
                    () = cancel.cancelled() => return Err(Error::Cancelled),
                    () = tokio::time::sleep(pause(attempt, Duration::from_millis(100), PAUSE_MAX)) => {}
                }
                attempt += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Makes `call` until it succeeds, fails for good, or has failed for as long as `patience`. For reads that throttles may
/// hold up for minutes.
pub(crate) async fn patient<T, F, Fut>(
    cancel: &CancellationToken,
    patience: Duration,
    mut call: F,
) -> Result<T, Error>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, aws::Error>>,
{
    let began = tokio::time::Instant::now();
    loop {
        match transient(cancel, &mut call).await {
            Err(Error::Aws(error)) if error.is_transient() && began.elapsed() < patience => {
                tracing::debug!(%error, "still trying");
            }
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws::ErrorKind;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn fault(kind: ErrorKind) -> aws::Error {
        aws::Error::new("GetObject", "s3://b/k", kind, "broke off")
    }

    #[tokio::test]
    async fn a_passing_fault_is_survived_and_a_real_one_is_not_repeated() {
        let calls = AtomicU32::new(0);
        let cancel = CancellationToken::new();
        let survived = transient(&cancel, || async {
            match calls.fetch_add(1, Ordering::Relaxed) {
                0..3 => Err(fault(ErrorKind::Unreachable)),
                _ => Ok(7),
            }
        })
        .await;
        assert_eq!(survived.unwrap(), 7);
        calls.store(0, Ordering::Relaxed);
        let refused: Result<(), _> = transient(&cancel, || async {
            calls.fetch_add(1, Ordering::Relaxed);
            Err(fault(ErrorKind::NotFound))
        })
        .await;
        assert!(refused.is_err());
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn pauses_are_bounded() {
        for attempt in 0..100 {
            assert!(pause(attempt, Duration::from_millis(50), PAUSE_MAX) <= PAUSE_MAX);
        }
    }
}
