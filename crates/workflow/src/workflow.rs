//! The handle on everything durable.

use std::sync::Arc;

use aws::Cloud;
use futures::Stream;
use jiff::Timestamp;
use recovery::audit::AuditEntry;
use recovery::ids::{RecoveryPointId, Region, RunId, SourceId};
use recovery::page::Page;
use recovery::plan::Plan;
use recovery::point::RecoveryPoint;
use recovery::request::{Draft, PlanRequest, Planned};
use recovery::run::Run;
use recovery::source::{SourceSummary, SourceTimeline};
use tokio_util::sync::CancellationToken;

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::metrics::{Meter, Metrics};
use crate::pipeline::{EventCounts, Reconciled};
use crate::query::{AuditQuery, PointQuery, RunQuery};
use crate::settings::Settings;

/// Tells the time. The embedded cloud's clock or the machine's.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The use cases of the product over one cloud and one control table. Cheap to clone.
#[derive(Clone)]
pub struct Workflow {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) cloud: Cloud,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) meter: Meter,
}

impl std::fmt::Debug for Workflow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workflow")
            .field("control_table", &self.shared.settings.control_table)
            .finish_non_exhaustive()
    }
}

fn soon<T>() -> Result<T> {
    Err(Error::Conflict(
        "this use case is not built into this version".to_owned(),
    ))
}

#[expect(
    clippy::unused_async,
    clippy::unused_self,
    reason = "signatures first; the bodies follow in the next commits"
)]
impl Workflow {
    /// Validates the settings and creates the control table where it is missing.
    pub async fn open(cloud: Cloud, settings: Settings, clock: Clock) -> Result<Self> {
        settings.validate()?;
        Ok(Self {
            shared: Arc::new(Shared {
                cloud,
                settings,
                clock,
                meter: Meter::default(),
            }),
        })
    }

    /// The time, by the clock that this workflow was opened with.
    pub fn now(&self) -> Timestamp {
        (self.shared.clock)()
    }

    /// The settings that it was opened with.
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// What this process has counted since it started.
    pub fn metrics(&self) -> Metrics {
        self.shared.meter.snapshot()
    }

    /// Every source with both RPOs per Region, by name.
    pub async fn sources(&self) -> Result<Vec<SourceSummary>> {
        soon()
    }

    /// One source; [`Error::NotFound`].
    pub async fn source(&self, id: &SourceId) -> Result<SourceSummary> {
        Err(Error::no_source(id))
    }

    /// A page of recovery points, newest first.
    pub async fn recovery_points(&self, _query: &PointQuery) -> Result<Page<RecoveryPoint>> {
        soon()
    }

    /// One recovery point; [`Error::NotFound`].
    pub async fn recovery_point(&self, id: &RecoveryPointId) -> Result<RecoveryPoint> {
        Err(Error::no_point(id))
    }

    /// Every source's lanes between `from` and `to`.
    pub async fn timelines(&self, _from: Timestamp, _to: Timestamp) -> Result<Vec<SourceTimeline>> {
        soon()
    }

    /// Checks every copy of a recovery point now.
    pub async fn verify(&self, _ctx: &Ctx, id: &RecoveryPointId) -> Result<RecoveryPoint> {
        Err(Error::no_point(id))
    }

    /// What somebody who begins a restore of the copy in `region` chooses from.
    pub async fn draft(&self, _ctx: &Ctx, id: &RecoveryPointId, _region: &Region) -> Result<Draft> {
        Err(Error::no_point(id))
    }

    /// A plan and its preflight. Writes nothing.
    pub async fn plan(&self, _ctx: &Ctx, _request: &PlanRequest) -> Result<Planned> {
        soon()
    }

    /// Validates the plan again and records a run of it, which a worker takes up.
    ///
    /// Refuses a copy that is not `Verified`, a blocked preflight and a Region that is not configured.
    pub async fn start(&self, _ctx: &Ctx, _plan: Plan, _reason: Option<String>) -> Result<Run> {
        soon()
    }

    /// A page of runs, newest first.
    pub async fn runs(&self, _query: &RunQuery) -> Result<Page<Run>> {
        soon()
    }

    /// One run; [`Error::NotFound`].
    pub async fn run(&self, id: &RunId) -> Result<Run> {
        Err(Error::no_run(id))
    }

    /// The plan that a run executes; [`Error::NotFound`].
    pub async fn plan_of(&self, id: &RunId) -> Result<Plan> {
        Err(Error::no_run(id))
    }

    /// Asks a run to stop, wherever it is executed. What was written stays.
    pub async fn cancel(&self, _ctx: &Ctx, id: &RunId) -> Result<Run> {
        Err(Error::no_run(id))
    }

    /// The run as it is, then each change (at most five a second), until it has ended. Also follows a run that
    /// another process executes.
    pub fn watch(&self, id: &RunId) -> impl Stream<Item = Result<Run>> + Send + 'static + use<> {
        futures::stream::iter([Err(Error::no_run(id))])
    }

    /// A page of the audit log, newest first.
    pub async fn audit(&self, _query: &AuditQuery) -> Result<Page<AuditEntry>> {
        soon()
    }

    /// One pass over every vault, Region and account. Idempotent; errors of one recovery point or Region are
    /// counted and never stop the others.
    pub async fn reconcile(&self) -> Result<Reconciled> {
        soon()
    }

    /// One receive on every queue.
    pub async fn consume_events(&self) -> Result<EventCounts> {
        soon()
    }

    /// Reconciles, receives events and executes runs until `stop` is cancelled; then lets go of its leases.
    pub async fn run_workers(&self, stop: CancellationToken) {
        stop.cancelled().await;
    }
}
