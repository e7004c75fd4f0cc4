//! The handle on everything durable.

use std::sync::Arc;
use std::time::Duration;

use aws::Cloud;
use aws::dynamodb::TableRef;
use jiff::Timestamp;
use recovery::actor::Permission;
use recovery::audit::{AuditEntry, Phase};
use recovery::page::Page;

use crate::audit::{AuditLog, Happened};
use crate::catalogue::{Catalogue, SeenOverview};
use crate::control::{Control, Leases};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::metrics::{Meter, Metrics};
use crate::pipeline::PipelineState;
use crate::policies::PolicyBook;
use crate::query::AuditQuery;
use crate::replication::Pace;
use crate::resources::SeenResources;
use crate::runs::RunState;
use crate::settings::Settings;

/// Tells the time. The embedded cloud's clock or the machine's.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How long a lease lasts without renewal: how long a restore stands still after its server was killed.
const LEASE: Duration = Duration::from_secs(8);

/// The use cases of the product over one cloud and one control table. Cheap to clone.
#[derive(Clone)]
pub struct Workflow {
    pub(crate) shared: Arc<Shared>,
}

/// What every clone shares.
pub(crate) struct Shared {
    pub(crate) cloud: Cloud,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) control: Control,
    pub(crate) catalogue: Catalogue,
    pub(crate) audit: AuditLog,
    pub(crate) leases: Leases,
    pub(crate) meter: Meter,
    pub(crate) pipeline: PipelineState,
    pub(crate) runs: RunState,
    pub(crate) policies: PolicyBook,
    pub(crate) resources: SeenResources,
    pub(crate) overview: SeenOverview,
    pub(crate) pace: Pace,
}

impl std::fmt::Debug for Workflow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workflow")
            .field("control_table", &self.shared.settings.control_table)
            .finish_non_exhaustive()
    }
}

impl Workflow {
    /// Validates the settings and creates the control table where it is missing.
    pub async fn open(cloud: Cloud, settings: Settings, clock: Clock) -> Result<Self> {
        settings.validate()?;
        let name = settings
            .control_table
            .parse()
            .map_err(|error| Error::Settings(format!("control_table: {error}")))?;
        let mut table = TableRef::new(settings.control_region.clone(), name);
        table.account = Some(settings.home_account().clone());
        let control = Control::open(cloud.clone(), table).await?;
        Ok(Self {
            shared: Arc::new(Shared {
                catalogue: Catalogue::new(control.clone()),
                audit: AuditLog::new(control.clone()),
                leases: Leases::new(control.clone(), LEASE),
                meter: Meter::default(),
                pipeline: PipelineState::default(),
                runs: RunState::default(),
                policies: PolicyBook::default(),
                resources: SeenResources::default(),
                overview: SeenOverview::default(),
                pace: Pace::new(settings.copies.read_bytes_per_second),
                cloud,
                settings,
                clock,
                control,
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

    /// Whether it works on AWS itself, whose console shows what it works on.
    pub fn is_on_aws(&self) -> bool {
        self.shared.cloud.is_aws()
    }

    /// What this process has counted since it started.
    pub fn metrics(&self) -> Metrics {
        self.shared.meter.snapshot()
    }

    /// A page of the audit log, newest first.
    pub async fn audit(&self, query: &AuditQuery) -> Result<Page<AuditEntry>> {
        self.shared.audit.page(query).await
    }

    /// Refuses an actor whose role does not hold `permission`, and records the refusal.
    pub(crate) async fn permit(&self, ctx: &Ctx, permission: Permission, subject: &str) -> Result<()> {
        if ctx.actor.role.may(permission) {
            return Ok(());
        }
        Err(self.refuse(ctx, permission, subject).await?)
    }

    /// Records that an actor was refused, for whoever refuses before a use case is reached, and answers the refusal.
    pub async fn refuse(&self, ctx: &Ctx, permission: Permission, subject: &str) -> Result<Error> {
        let error = Error::NotPermitted {
            actor: ctx.actor.name.clone(),
            permission,
        };
        let happened = Happened::new(ctx, permission, subject, Phase::Refused).detail(error.to_string());
        self.record(happened).await?;
        Ok(error)
    }

    /// Appends to the audit log.
    pub(crate) async fn record(&self, happened: Happened) -> Result<()> {
        self.shared.audit.append(happened, self.now()).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Servers run use cases on many threads, so every future must be able to move between them.
    #[expect(dead_code, reason = "it is enough that it compiles")]
    fn every_use_case_can_be_awaited_anywhere(workflow: &Workflow, ctx: &Ctx, plan: recovery::plan::Plan) {
        fn sendable<T: Send>(_: T) {}
        let point: recovery::ids::RecoveryPointId = "a".parse().unwrap();
        let region = workflow.settings().home_region.clone();
        let run = &plan.copy.recovery_point;
        let _ = run;
        sendable(workflow.sources());
        sendable(workflow.recovery_points(&crate::PointQuery::default()));
        sendable(workflow.timelines(workflow.now(), workflow.now()));
        sendable(workflow.situation());
        sendable(workflow.verify(ctx, &point));
        sendable(workflow.repair(ctx, &point, None));
        sendable(workflow.recheck());
        sendable(workflow.lifecycle(&point.as_str().parse().unwrap()));
        sendable(workflow.follow_lifecycles());
        sendable(workflow.survey_buckets());
        sendable(workflow.draft(ctx, &point, &region));
        sendable(workflow.runs(&crate::RunQuery::default()));
        sendable(workflow.find("a"));
        sendable(workflow.policies());
        sendable(workflow.resources());
        sendable(workflow.audit(&AuditQuery::default()));
        sendable(workflow.reconcile());
        sendable(workflow.consume_events());
        sendable(workflow.run_workers(tokio_util::sync::CancellationToken::new()));
        sendable(async {
            let request: recovery::request::PlanRequest = serde_json::from_str("").unwrap();
            workflow.plan(ctx, &request).await
        });
        sendable(workflow.start(ctx, plan, recovery::request::Approval::default()));
    }
}
