//! RDS: instances, clusters, snapshots and export tasks, over the query protocol of 2014-10-31.

mod cluster;
mod describe;
mod export_run;
mod export_start;
mod export_task;
mod instance;
mod snapshot;
mod snapshots;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinHandle;

use export_task::TableDone;
use instance::InstanceRecord;

pub use cluster::Cluster;
pub use export_task::{ExportTask, TaskStatus};
pub use instance::Instance;
pub use snapshot::Snapshot;

use crate::control::query::{Fault, Parameters, Xml, answer};
use crate::control::{Place, Plane, RecordError};
use crate::database::Database;
use crate::events::Events;
use crate::s3::S3Store;
use crate::{Caller, Service};

const NAMESPACE: &str = "http://rds.amazonaws.com/doc/2014-10-31/";

/// The embedded RDS.
#[derive(Debug)]
pub struct Rds {
    plane: Plane,
    events: Events,
    s3: S3Store,
    /// The pace of an export: how long it takes on the embedded clock.
    export_duration: Duration,
    /// What is behind each instance. Not kept: whoever embeds the cloud says so at each start.
    databases: Mutex<HashMap<(Place, String), Database>>,
    /// Held while an export task is checked and added, so that two requests cannot both be the fifth.
    admission: Mutex<()>,
    /// Export tasks that are not over, by place and identifier.
    unfinished: Mutex<HashSet<(Place, String)>>,
    /// Those of them that a task of this process works on.
    working: Mutex<HashMap<(Place, String), JoinHandle<()>>>,
}

impl Rds {
    pub(crate) fn new(plane: Plane, events: Events, s3: S3Store, export_duration: Duration) -> Self {
        let unfinished = match plane.records.all::<ExportTask>() {
            Ok(tasks) => tasks,
            Err(cause) => {
                tracing::error!(%cause, "export tasks that were interrupted cannot be resumed");
                Vec::new()
            }
        };
        let unfinished = unfinished
            .into_iter()
            .filter(|task| task.status.is_running())
            .map(|task| (task.place, task.id))
            .collect();
        Self {
            plane,
            events,
            s3,
            export_duration,
            databases: Mutex::default(),
            admission: Mutex::default(),
            unfinished: Mutex::new(unfinished),
            working: Mutex::default(),
        }
    }

    pub(crate) fn add_instance(&self, place: &Place, instance: Instance) -> Result<(), RecordError> {
        lock(&self.databases).insert((place.clone(), instance.id.clone()), instance.database);
        let kept: Option<InstanceRecord> = self.plane.records.get(place, &instance.id)?;
        let (created_at, resource_id) = if let Some(kept) = kept {
            (kept.created_at, kept.resource_id)
        } else {
            let unique = uuid::Uuid::new_v4().simple().to_string().to_ascii_uppercase();
            (self.plane.clock.now(), format!("db-{}", &unique[..26]))
        };
        self.plane.records.put(&InstanceRecord {
            place: place.clone(),
            id: instance.id,
            engine: instance.engine,
            engine_version: instance.engine_version,
            class: instance.class,
            created_at,
            allocated_gib: 20,
            resource_id,
            cluster: None,
        })
    }

    pub(crate) fn database(&self, place: &Place, instance: &str) -> Option<Database> {
        lock(&self.databases)
            .get(&(place.clone(), instance.to_owned()))
            .cloned()
    }

    /// The export tasks of an account and Region, oldest first.
    pub fn export_tasks(&self, account: &str, region: &str) -> Result<Vec<ExportTask>, RecordError> {
        self.plane.records.list(&Place::new(account, region))
    }

    async fn dispatch(&self, place: &Place, parameters: &Parameters) -> Result<Xml, Fault> {
        match parameters.action() {
            "DescribeDBInstances" => self.describe_instances(place, parameters),
            "DescribeDBClusters" => self.describe_clusters(place, parameters),
            "DescribeDBSnapshots" => self.describe_snapshots(place, parameters),
            "CreateDBSnapshot" => self.create_snapshot(place, parameters).await,
            "DeleteDBSnapshot" => self.delete_snapshot(place, parameters),
            "StartExportTask" => self.start_export(place, parameters).await,
            "DescribeExportTasks" => self.describe_exports(place, parameters),
            "CancelExportTask" => self.cancel_export(place, parameters),
            other => Err(Fault::new(
                "InvalidAction",
                format!("Could not find operation {other} for version 2014-10-31"),
            )),
        }
    }
}

#[async_trait::async_trait]
impl Service for Rds {
    fn name(&self) -> &'static str {
        "rds"
    }

    async fn call(&self, caller: &Caller, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let place = Place::new(&caller.account_id, &caller.region);
        let (action, result) = match Parameters::parse(request.body()) {
            Ok(parameters) => (
                parameters.action().to_owned(),
                self.dispatch(&place, &parameters).await,
            ),
            Err(fault) => (String::new(), Err(fault)),
        };
        answer(NAMESPACE, &action, &caller.request_id, result)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
