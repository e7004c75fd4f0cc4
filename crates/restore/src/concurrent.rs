//! Several futures at once, and no more than so many.

use std::future::Future;

use futures::{StreamExt as _, TryStreamExt as _, stream};

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
