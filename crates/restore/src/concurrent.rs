//! Several futures at once, and no more than so many.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use futures::{StreamExt as _, TryStreamExt as _, stream};

use tokio::task::JoinError;

use crate::Error;

/// Awaits `call(0)` to `call(count - 1)`, at most `in_flight` at once, and gives their results in order; or the first
/// error that comes, and then the rest is dropped.
///
/// Calls are told apart by number and not by reference: of a closure over references to a slice's elements the compiler
/// cannot prove that its future is `Send`, and servers spawn these.
pub(crate) async fn ordered<T, F, Fut>(count: usize, in_flight: usize, call: F) -> Result<Vec<T>, Error>
where
    F: FnMut(usize) -> Fut,
    Fut: Future<Output = Result<T, Error>>,
{
    stream::iter(0..count)
        .map(call)
        .buffered(in_flight.max(1))
        .try_collect()
        .await
}

/// What became of a task: its own outcome, or that it broke off.
pub(crate) fn joined<T>(done: Result<Result<T, Error>, JoinError>) -> Result<T, Error> {
    done.unwrap_or_else(|error| Err(Error::from_join(&error)))
}

/// Lends each of `count` calls one of few workers and gives these at the end: no more are made than calls are in flight,
/// however many calls there are.
pub(crate) async fn with_workers<W, F, Fut>(
    count: usize,
    in_flight: usize,
    make: impl Fn() -> W,
    mut call: F,
) -> Result<Vec<W>, Error>
where
    F: FnMut(usize, W) -> Fut,
    Fut: Future<Output = Result<W, Error>>,
{
    let idle = Mutex::new(Vec::new());
    let lent = || idle.lock().unwrap_or_else(PoisonError::into_inner);
    ordered(count, in_flight, |index| {
        let worker = lent().pop().unwrap_or_else(&make);
        let work = call(index, worker);
        let lent = &lent;
        async move {
            let worker = work.await?;
            lent().push(worker);
            Ok(())
        }
    })
    .await?;
    Ok(idle.into_inner().unwrap_or_else(PoisonError::into_inner))
}
