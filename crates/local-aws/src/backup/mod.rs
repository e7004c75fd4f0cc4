//! AWS Backup: vaults, plans, selections, jobs, recovery points and copies, over its REST JSON protocol.

mod copy;
mod cron;
mod fault;
mod job;
mod operation;
mod plan;
mod recovery_point;
mod resource;
mod resource_type;
mod route;
mod run;
mod schedule;
mod selection;
mod vault;
mod vault_lock;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use fault::Fault;
use route::Route;

pub use copy::{CopyAction, CopyJob};
pub use job::{BackupJob, JobState};
pub(crate) use operation::operation;
pub use recovery_point::RecoveryPoint;
pub use vault::Vault;

use crate::control::{Place, Plane, respond};
use crate::events::Events;
use crate::rds::Rds;
use crate::{Caller, Service};

/// The embedded AWS Backup.
#[derive(Debug)]
pub struct Backup {
    plane: Plane,
    events: Events,
    rds: Arc<Rds>,
    /// Backup and copy jobs that are not over.
    unfinished: Mutex<HashSet<Work>>,
    /// Those of them that a task of this process works on.
    working: Mutex<HashMap<Work, JoinHandle<()>>>,
    /// Resources that are backed up every so often besides their plans.
    intervals: Mutex<Vec<Interval>>,
    /// When expired recovery points were last looked for.
    expired_at: Mutex<Option<Timestamp>>,
}

/// A job to be worked on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Work {
    Backup(Place, String),
    Copy(Place, String),
}

/// A resource that is backed up every so often.
#[derive(Clone, Debug)]
struct Interval {
    place: Place,
    instance: String,
    vault: String,
    every: Duration,
    last: Timestamp,
}

impl Backup {
    pub(crate) fn new(plane: Plane, events: Events, rds: Arc<Rds>) -> Self {
        let backup = Self {
            plane,
            events,
            rds,
            unfinished: Mutex::default(),
            working: Mutex::default(),
            intervals: Mutex::default(),
            expired_at: Mutex::default(),
        };
        if let Err(cause) = backup.remember_unfinished() {
            tracing::error!(%cause, "backup jobs that were interrupted cannot be resumed");
        }
        backup
    }

    fn dispatch(&self, place: &Place, route: &Route<'_>) -> Result<Value, Fault> {
        match (route.method, route.path.as_slice()) {
            ("PUT", ["backup-vaults", vault]) => self.create_vault_request(place, vault, route),
            ("GET", ["backup-vaults", vault]) => self.describe_vault(place, vault),
            ("DELETE", ["backup-vaults", vault]) => self.delete_vault(place, vault),
            ("PUT", ["backup-vaults", vault, "vault-lock"]) => self.lock_vault(place, vault, route),
            ("DELETE", ["backup-vaults", vault, "vault-lock"]) => self.unlock_vault(place, vault),
            ("PUT", ["logically-air-gapped-backup-vaults", vault]) => {
                self.create_air_gapped_vault(place, vault, route)
            }
            ("GET", ["backup-vaults"]) => self.list_vaults(place, route),
            ("GET", ["backup-vaults", vault, "recovery-points"]) => {
                self.list_recovery_points(place, vault, route)
            }
            ("GET", ["backup-vaults", vault, "recovery-points", arn]) => {
                self.describe_recovery_point(place, vault, arn)
            }
            ("DELETE", ["backup-vaults", vault, "recovery-points", arn]) => {
                self.delete_recovery_point(place, vault, arn)
            }
            ("GET", ["backup-vaults", vault, "recovery-points", arn, "restore-metadata"]) => {
                self.restore_metadata(place, vault, arn)
            }
            ("PUT", ["backup", "plans"]) => self.create_plan(place, route),
            ("GET", ["backup", "plans"]) => self.list_plans(place, route),
            ("GET", ["backup", "plans", plan]) => self.get_plan(place, plan),
            ("POST", ["backup", "plans", plan]) => self.update_plan(place, plan, route),
            ("DELETE", ["backup", "plans", plan]) => self.delete_plan(place, plan),
            ("PUT", ["backup", "plans", plan, "selections"]) => self.create_selection(place, plan, route),
            ("GET", ["backup", "plans", plan, "selections"]) => self.list_selections(place, plan, route),
            ("GET", ["backup", "plans", plan, "selections", id]) => self.get_selection(place, plan, id),
            ("DELETE", ["backup", "plans", plan, "selections", id]) => self.delete_selection(place, plan, id),
            ("PUT", ["backup-jobs"]) => self.start_job(place, route),
            ("GET", ["backup-jobs"]) => self.list_jobs(place, route),
            ("GET", ["backup-jobs", id]) => self.describe_job(place, id),
            ("PUT", ["copy-jobs"]) => self.start_copy(place, route),
            ("GET", ["copy-jobs"]) => self.list_copies(place, route),
            ("GET", ["copy-jobs", id]) => self.describe_copy(place, id),
            ("GET", ["resources"]) => self.list_resources(place, route),
            ("GET", ["resources", arn]) => self.describe_resource(place, arn),
            ("GET", ["resources", arn, "recovery-points"]) => self.list_points_of_resource(place, arn, route),
            (method, _) => Err(Fault::unknown(format!("{method} {}", route.raw))),
        }
    }
}

#[async_trait::async_trait]
impl Service for Backup {
    fn name(&self) -> &'static str {
        "backup"
    }

    async fn call(&self, caller: &Caller, request: http::Request<Bytes>) -> Response<Bytes> {
        let place = Place::new(&caller.account_id, &caller.region);
        let decoded = Route::decode(request.uri().path());
        let result = Route::read(&request, &decoded).and_then(|route| self.dispatch(&place, &route));
        match result {
            Ok(body) => respond(StatusCode::OK, "application/json", body.to_string()),
            Err(fault) => {
                let body = json!({ "Code": fault.code, "Message": fault.message, "message": fault.message });
                let mut response = respond(fault.status, "application/json", body.to_string());
                let name = HeaderName::from_static("x-amzn-errortype");
                response
                    .headers_mut()
                    .insert(name, HeaderValue::from_static(fault.code));
                response
            }
        }
    }
}

/// AWS Backup writes times as seconds since 1970, with milliseconds.
fn seconds(at: Timestamp) -> Value {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 are far from 2^53"
    )]
    let seconds = at.as_millisecond() as f64 / 1000.0;
    json!(seconds)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
