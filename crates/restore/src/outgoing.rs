//! Parcels on their way, many at once.

use std::future::Future;

use futures::stream::{FuturesUnordered, TryStreamExt as _};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::Error;
use crate::concurrent::joined;
use crate::encoder::Parcel;
use crate::write::Writer;

/// Groups of one unit on their way at once; the writer's own bounds are lower where DynamoDB is slow.
const GROUPS_SENT: usize = 8;

/// Sends parcels as they come, within the writer's bound of memory, until the last has been answered. `met` is told
/// what each answer was.
///
/// A group is one task: an answer wakes no more than that, which costs less than waking whoever waits for all of them.
pub(crate) async fn send_all<P, O, F>(
    writer: &Writer,
    mut groups: mpsc::Receiver<Vec<P>>,
    send: impl Fn(P) -> F,
    mut met: impl FnMut(O),
) -> Result<(), Error>
where
    P: Parcel,
    O: Send + 'static,
    F: Future<Output = Result<O, Error>> + Send + 'static,
{
    let mut sent: JoinSet<Result<Vec<O>, Error>> = JoinSet::new();
    while let Some(group) = groups.recv().await {
        if sent.len() >= GROUPS_SENT
            && let Some(done) = sent.join_next().await
        {
            joined(done)?.into_iter().for_each(&mut met);
        }
        let held = writer.batches.hold(group.iter().map(Parcel::bytes).sum()).await;
        let sending: FuturesUnordered<F> = group.into_iter().map(&send).collect();
        sent.spawn(async move {
            let _held = held;
            sending.try_collect().await
        });
    }
    while let Some(done) = sent.join_next().await {
        joined(done)?.into_iter().for_each(&mut met);
    }
    Ok(())
}
