//! One embedded cloud: opens the data folder, starts the services, listens.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::control::Control;
use crate::dynamodb::DynamoDb;
use crate::front::{Calls, Front, Listener};
use crate::keyring::Keyring;
use crate::outage::Outages;
use crate::s3::S3Store;
use crate::{Account, Clock, Error, Options, Service, identity};

/// What a service of the embedded cloud is made from.
#[derive(Clone, Debug)]
pub struct Context {
    /// What the cloud was started with; [`Options::accounts`] holds the accounts that exist, keys included.
    pub options: Options,
    /// Where a service keeps its files: the data folder, or a temporary folder of the same life as the cloud.
    pub folder: PathBuf,
    /// The cloud's S3, in process: the same objects and rules as over the wire.
    pub s3: S3Store,
}

/// A running embedded cloud. Dropping it stops the listener; [`LocalAws::shutdown`] also waits for the end of
/// what is under way.
#[derive(Debug)]
pub struct LocalAws {
    context: Context,
    control: Arc<Control>,
    dynamodb: Arc<DynamoDb>,
    listener: Listener,
    endpoint: String,
    outages: Outages,
    // The lock on a data folder and a temporary folder both end with the handle.
    _lock: Option<File>,
    _temporary: Option<tempfile::TempDir>,
}

impl LocalAws {
    /// Starts an embedded cloud. When this returns, the endpoint answers and, with a data folder,
    /// `local-aws.json` in it tells scripts how to reach it.
    pub async fn start(mut options: Options) -> Result<Self, Error> {
        if options.regions.is_empty() {
            return Err(Error::Options("at least one Region is needed".to_owned()));
        }
        let (folder, lock, temporary) = if let Some(folder) = &options.data_dir {
            (folder.clone(), Some(lock(folder)?), None)
        } else {
            let temporary =
                tempfile::Builder::new()
                    .prefix("local-aws-")
                    .tempdir()
                    .map_err(Error::folder(
                        "create a temporary folder in",
                        std::env::temp_dir(),
                    ))?;
            (temporary.path().to_owned(), None, Some(temporary))
        };
        options.accounts = identity::accounts(&options, &folder)?;
        let s3 = S3Store::open(&folder.join("s3"), &options).await?;
        let context = Context {
            options,
            folder: folder.clone(),
            s3,
        };
        let (socket, address) = Listener::bind(context.options.listen).await?;
        let endpoint = format!("http://{address}");
        let keyring = Keyring::new(&context.options.accounts);
        let control = Arc::new(Control::start(&context, &keyring).await?);
        let options = &context.options;
        let dynamodb = Arc::new(DynamoDb::new(&context, control.records()));
        dynamodb.resume().await.map_err(|cause| Error::Database {
            path: folder.join("control"),
            reason: cause.to_string(),
        })?;
        let mut services = control.services();
        services.push(Arc::clone(&dynamodb) as Arc<dyn Service>);
        let calls = options
            .calls
            .as_deref()
            .map(Calls::open)
            .transpose()?
            .map(Arc::new);
        let s3 = crate::s3::service(&context.s3, &keyring, calls.clone());
        let outages = Outages::new(&folder, &options.regions);
        let front = Front::new(&options.regions, outages.clone(), keyring, s3, services, calls);
        let listener = Listener::serve(socket, address, Arc::new(front));
        if options.data_dir.is_some() {
            identity::publish(&folder, &endpoint, &options.regions, &options.accounts)?;
        }
        tracing::info!(endpoint, folder = %folder.display(), "the embedded AWS is running");
        Ok(Self {
            context,
            control,
            dynamodb,
            listener,
            endpoint,
            outages,
            _lock: lock,
            _temporary: temporary,
        })
    }

    /// What `AWS_ENDPOINT_URL` is set to, for example `http://127.0.0.1:4566`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// The Regions that exist, home first.
    pub fn regions(&self) -> &[String] {
        &self.context.options.regions
    }

    /// The accounts that exist, home first, with their keys.
    pub fn accounts(&self) -> &[Account] {
        &self.context.options.accounts
    }

    /// The time that services stamp on what they make.
    pub fn clock(&self) -> &Clock {
        &self.context.options.clock
    }

    /// S3 in process: the same objects and rules as over the wire.
    pub fn s3(&self) -> &S3Store {
        &self.context.s3
    }

    /// DynamoDB in process: its throttle.
    pub fn dynamodb(&self) -> &DynamoDb {
        &self.dynamodb
    }

    /// Backup, RDS, SQS and STS in process.
    pub fn control(&self) -> &Arc<Control> {
        &self.control
    }

    /// Cuts a Region off: calls to it get no answer, and nothing is replicated into it, until it is connected again.
    pub async fn cut_off(&self, region: &str) -> Result<(), Error> {
        self.outages.set(region, true)?;
        self.hold_replication(region, true).await
    }

    /// Connects a Region again.
    pub async fn reconnect(&self, region: &str) -> Result<(), Error> {
        self.outages.set(region, false)?;
        self.hold_replication(region, false).await
    }

    async fn hold_replication(&self, region: &str, is_held: bool) -> Result<(), Error> {
        let held = self.context.s3.set_replication_outage(region, is_held).await;
        held.map_err(|failure| Error::Database {
            path: self.context.folder.join("s3"),
            reason: failure.to_string(),
        })
    }

    /// Stops accepting, lets what is under way finish for a few seconds, stops background work.
    pub async fn shutdown(self) {
        self.listener.shutdown().await;
        self.control.shutdown().await;
        self.dynamodb.shutdown().await;
        self.context.s3.shutdown().await;
    }
}

impl Drop for LocalAws {
    fn drop(&mut self) {
        self.context.s3.stop();
    }
}

/// Takes the data folder for this process, creating it when it is missing.
fn lock(folder: &Path) -> Result<File, Error> {
    std::fs::create_dir_all(folder).map_err(Error::folder("create the data folder", folder))?;
    let path = folder.join("local-aws.lock");
    let file = File::create(&path).map_err(Error::folder("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::InUse(folder.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(Error::folder("lock", path)(error)),
    }
}
