//! Backup, IAM, KMS, RDS, SQS and STS of one embedded cloud: their shared state, their background work, and their handles for
//! the process that embeds them.

mod arn;
mod faults;
mod page;
mod policy_document;
pub(crate) mod query;
mod records;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use tokio::task::JoinHandle;

pub use arn::Arn;
pub(crate) use arn::{backup as backup_arn, kms as kms_arn, rds as rds_arn};
pub use faults::Faults;
pub(crate) use page::page;
pub(crate) use policy_document::{Effect, OneOrMany};
pub(crate) use records::Record;
pub use records::{Place, RecordError, Records};

use crate::backup::Backup;
use crate::database::Database;
use crate::events::Events;
use crate::iam::Iam;
use crate::keyring::Keyring;
use crate::kms::Kms;
use crate::rds::{Cluster, Instance, Rds};
use crate::sqs::Sqs;
use crate::sts::Sts;
use crate::{Clock, Context, Error, Service};

/// How often a running cloud looks for what is due.
const HEARTBEAT: Duration = Duration::from_millis(200);

/// Everything of one embedded cloud that isn't S3 or DynamoDB. Started before the listener accepts its first
/// request, stopped after it has answered its last.
#[derive(Debug)]
pub struct Control {
    rds: Arc<Rds>,
    backup: Arc<Backup>,
    iam: Arc<Iam>,
    kms: Arc<Kms>,
    sqs: Arc<Sqs>,
    sts: Arc<Sts>,
    records: Arc<Records>,
    faults: Faults,
    heart: Mutex<Option<JoinHandle<()>>>,
}

/// What the services share.
#[derive(Clone, Debug)]
pub(crate) struct Plane {
    /// The durable state.
    pub records: Arc<Records>,
    /// Whose now is on everything.
    pub clock: Clock,
    /// The Regions that exist.
    pub regions: Arc<Vec<String>>,
    /// The accounts that exist.
    pub accounts: Arc<Vec<String>>,
    /// Where snapshots and unfinished exports lie.
    pub folder: PathBuf,
    /// What goes wrong on purpose.
    pub faults: Faults,
}

impl Plane {
    /// Where stored snapshots lie.
    pub fn snapshots(&self) -> PathBuf {
        self.folder.join("snapshots")
    }

    /// Where exports are made before they go to S3.
    pub fn work(&self) -> PathBuf {
        self.folder.join("exports")
    }

    /// Whether an account and a Region exist.
    pub fn exists(&self, place: &Place) -> bool {
        self.regions.contains(&place.region) && self.accounts.contains(&place.account)
    }
}

impl Control {
    /// Opens the services' state and starts their background work.
    pub(crate) async fn start(context: &Context, keyring: &Arc<Keyring>) -> Result<Self, Error> {
        let folder = context.folder.join("control");
        tokio::fs::create_dir_all(&folder)
            .await
            .map_err(Error::folder("create", &folder))?;
        let path = folder.join("control.sqlite");
        let records = Records::open(&path).map_err(|cause| Error::Database {
            path: path.clone(),
            reason: cause.to_string(),
        })?;
        let options = &context.options;
        let plane = Plane {
            records: Arc::new(records),
            clock: options.clock.clone(),
            regions: Arc::new(options.regions.clone()),
            accounts: Arc::new(
                options
                    .accounts
                    .iter()
                    .map(|account| account.id.clone())
                    .collect(),
            ),
            folder,
            faults: Faults::default(),
        };
        let sqs = Arc::new(Sqs::new(plane.clone()));
        let events = Events::new(plane.clone(), Arc::clone(&sqs));
        events.open_queues().map_err(|cause| Error::Database {
            path: path.clone(),
            reason: cause.to_string(),
        })?;
        let rds = Arc::new(Rds::new(
            plane.clone(),
            events.clone(),
            context.s3.clone(),
            options.export_duration,
        ));
        let backup = Arc::new(Backup::new(plane.clone(), events, Arc::clone(&rds)));
        let iam = Arc::new(Iam::new(plane.clone()));
        let kms = Arc::new(Kms::new(plane.clone()));
        let sts = Arc::new(Sts::new(Arc::clone(&iam), Arc::clone(keyring)));
        let heart = tokio::spawn(beat(options.clock.clone(), Arc::clone(&rds), Arc::clone(&backup)));
        Ok(Self {
            rds,
            backup,
            iam,
            kms,
            sqs,
            sts,
            records: plane.records,
            faults: plane.faults,
            heart: Mutex::new(Some(heart)),
        })
    }

    /// The services that the front dispatches to, by credential-scope name.
    pub(crate) fn services(&self) -> Vec<Arc<dyn Service>> {
        vec![
            Arc::clone(&self.rds) as Arc<dyn Service>,
            Arc::clone(&self.backup) as Arc<dyn Service>,
            Arc::clone(&self.iam) as Arc<dyn Service>,
            Arc::clone(&self.kms) as Arc<dyn Service>,
            Arc::clone(&self.sqs) as Arc<dyn Service>,
            Arc::clone(&self.sts) as Arc<dyn Service>,
        ]
    }

    /// Puts a DB instance into an account and a Region. Instances are not made over the wire: the database behind
    /// one is chosen by whoever embeds the cloud. An instance that is there already keeps its creation time and
    /// gets `instance`'s database.
    #[expect(
        clippy::unused_async,
        reason = "a caller awaits it as it awaits everything else of the cloud"
    )]
    pub async fn add_instance(
        &self,
        account: &str,
        region: &str,
        instance: Instance,
    ) -> Result<(), RecordError> {
        self.rds.add_instance(&Place::new(account, region), instance)
    }

    /// Puts a DB cluster with its DB instances into an account and a Region, likewise.
    #[expect(
        clippy::unused_async,
        reason = "a caller awaits it as it awaits everything else of the cloud"
    )]
    pub async fn add_cluster(
        &self,
        account: &str,
        region: &str,
        cluster: Cluster,
    ) -> Result<(), RecordError> {
        self.rds.add_cluster(&Place::new(account, region), cluster)
    }

    /// RDS in process.
    pub fn rds(&self) -> &Arc<Rds> {
        &self.rds
    }

    /// AWS Backup in process.
    pub fn backup(&self) -> &Arc<Backup> {
        &self.backup
    }

    /// SQS in process.
    pub fn sqs(&self) -> &Arc<Sqs> {
        &self.sqs
    }

    /// IAM in process.
    pub fn iam(&self) -> &Arc<Iam> {
        &self.iam
    }

    /// The durable state.
    pub(crate) fn records(&self) -> Arc<Records> {
        Arc::clone(&self.records)
    }

    /// What goes wrong on purpose, for a history that is not all green.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The database behind an instance, as it was added.
    pub fn database(&self, account: &str, region: &str, instance: &str) -> Option<Database> {
        self.rds.database(&Place::new(account, region), instance)
    }

    /// Runs everything that is due at the clock's now, to its end: scheduled and requested backup jobs, copy jobs,
    /// export tasks. For a held clock; a running one does this by itself.
    pub async fn run_due(&self) -> Result<(), RecordError> {
        self.backup.run_due().await?;
        self.rds.run_due().await
    }

    /// Stops background work; state is consistent at any moment, so this only tidies.
    pub(crate) async fn shutdown(&self) {
        let heart = self.heart.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(heart) = heart {
            heart.abort();
            // An aborted task's result says only that it was aborted.
            let _ = heart.await;
        }
        self.rds.stop();
        self.backup.stop();
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        if let Some(heart) = self.heart.lock().unwrap_or_else(PoisonError::into_inner).take() {
            heart.abort();
        }
        self.rds.stop();
        self.backup.stop();
    }
}

/// Starts what is due, again and again, while the clock runs.
async fn beat(clock: Clock, rds: Arc<Rds>, backup: Arc<Backup>) {
    let mut ticks = tokio::time::interval(HEARTBEAT);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if clock.is_held() {
            continue;
        }
        rds.start_due();
        if let Err(cause) = backup.start_due() {
            tracing::error!(%cause, "the embedded control plane could not look for what is due");
        }
    }
}

/// An answer with a body.
pub(crate) fn respond(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static(content_type),
    );
    response
}

/// Removes a folder that may not be there.
pub(crate) fn remove_folder(folder: &Path) {
    match std::fs::remove_dir_all(folder) {
        Ok(()) => {}
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
        Err(cause) => {
            tracing::warn!(%cause, folder = %folder.display(), "a folder that is done with could not be removed");
        }
    }
}
