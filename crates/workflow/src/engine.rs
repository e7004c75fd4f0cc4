//! The engine's calls, each on a thread of its own.
//!
//! Its futures borrow across their streams, and the compiler cannot prove such a future `Send`, which a server's use
//! cases have to be. A thread of the blocking pool drives one to its end; the waiting is still done by the runtime.
//! Dropping the call, as a client does that goes away, ends the work.

use std::sync::Arc;

use aws::Cloud;
use jiff::Timestamp;
use recovery::ids::Region;
use recovery::plan::{CopyRef, Plan};
use recovery::preflight::Preflight;
use recovery::request::TableRequest;
use recovery::table::KeyCandidate;
use restore::{Checkpoints, Error, Inspection, Progress, TableInspection, TableResult};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// What a copy holds.
pub(crate) async fn inspect(cloud: &Cloud, copy: CopyRef) -> Result<Inspection, Error> {
    let cloud = cloud.clone();
    apart(|_| async move { restore::inspect(&cloud, &copy).await }).await
}

/// The plan that restores `tables` of `copy`.
pub(crate) async fn plan(
    cloud: &Cloud,
    copy: CopyRef,
    target_region: Region,
    tables: Vec<TableRequest>,
    now: Timestamp,
) -> Result<Plan, Error> {
    let cloud = cloud.clone();
    apart(move |_| async move { restore::plan(&cloud, &copy, &target_region, &tables, now).await }).await
}

/// What speaks against a plan.
pub(crate) async fn preflight(cloud: &Cloud, plan: Arc<Plan>) -> Result<Preflight, Error> {
    let cloud = cloud.clone();
    apart(move |_| async move { restore::preflight(&cloud, &plan).await }).await
}

/// The candidates that hold for every row.
pub(crate) async fn prove_candidates(
    cloud: &Cloud,
    copy: CopyRef,
    table: TableInspection,
) -> Result<Vec<KeyCandidate>, Error> {
    let cloud = cloud.clone();
    apart(move |cancel| async move { restore::prove_candidates(&cloud, &copy, &table, &cancel).await }).await
}

/// Runs a plan from its checkpoints to its proof.
pub(crate) async fn execute(
    cloud: &Cloud,
    plan: Arc<Plan>,
    checkpoints: Arc<dyn Checkpoints>,
    progress: Arc<Progress>,
    cancel: CancellationToken,
) -> Result<Vec<TableResult>, Error> {
    let cloud = cloud.clone();
    apart(move |_| async move {
        restore::execute(&cloud, &plan, checkpoints.as_ref(), &progress, cancel).await
    })
    .await
}

/// Drives `work` on a thread of its own, until it is done or the caller goes away.
async fn apart<T, W, F>(work: W) -> Result<T, Error>
where
    T: Send + 'static,
    W: FnOnce(CancellationToken) -> F + Send + 'static,
    F: Future<Output = Result<T, Error>>,
{
    let gone = CancellationToken::new();
    let _ends_with_the_call = gone.clone().drop_guard();
    let runtime = Handle::current();
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || {
        let _in_the_span = span.enter();
        runtime.block_on(async {
            tokio::select! {
                outcome = work(gone.clone()) => outcome,
                () = gone.cancelled() => Err(Error::Cancelled),
            }
        })
    })
    .await
    .map_err(|error| Error::Worker(error.to_string()))?
}
