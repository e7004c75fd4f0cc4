//! S3 in process: the store itself, its background worker and what other services of the cloud ask of it.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::TryStreamExt;
use jiff::SignedDuration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::blobs::Blobs;
use super::buckets::{Asker, Bucket, Versioning};
use super::checksum::Algorithm;
use super::database::Database;
use super::put::{Condition, NewObject};
use super::versions::{Attributes, Version};
use super::{Content, ObjectHead, S3Failure, listing, replication};
use crate::{Clock, Error, Options};

/// How often the worker looks at a clock that is held, or at a Region that is out of reach.
const POLL: Duration = Duration::from_millis(200);

/// How long the worker sleeps at most: the clock may be set to run at any time.
const NAP_MAX: Duration = Duration::from_secs(5);

/// The cloud's S3 in process; clones share the same buckets.
///
/// Every method takes the account and the Region that asks, as a signed request would, and answers as the wire
/// does: [`S3Failure::WrongRegion`] for a bucket of another Region, [`S3Failure::AccessDenied`] for a bucket of
/// another account whose policy doesn't allow it.
#[derive(Clone, Debug)]
pub struct S3Store {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) database: Database,
    pub(super) blobs: Blobs,
    pub(super) clock: Clock,
    pub(super) regions: Vec<String>,
    replication_delay: SignedDuration,
    thaw_duration: SignedDuration,
    /// Something was queued for replication.
    queued: Notify,
    stop: CancellationToken,
    worker: Mutex<Option<JoinHandle<()>>>,
}

impl S3Store {
    /// Opens the store, sweeps what a crash left behind and starts the worker that replicates and follows lifecycle rules.
    pub(crate) async fn open(folder: &Path, options: &Options) -> Result<Self, Error> {
        let folder = folder.to_owned();
        let (database, blobs) = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&folder).map_err(Error::folder("create", &folder))?;
            let database = Database::open(&folder.join("s3.sqlite"))?;
            let blobs = Blobs::open(&folder).map_err(Error::folder("open", &folder))?;
            Ok::<_, Error>((database, blobs))
        })
        .await
        .map_err(|error| Error::Options(error.to_string()))??;
        let store = Self {
            inner: Arc::new(Inner {
                database,
                blobs,
                clock: options.clock.clone(),
                regions: options.regions.clone(),
                replication_delay: SignedDuration::try_from(options.replication_delay)
                    .unwrap_or(SignedDuration::MAX),
                thaw_duration: SignedDuration::try_from(options.thaw_duration).unwrap_or(SignedDuration::MAX),
                queued: Notify::new(),
                stop: CancellationToken::new(),
                worker: Mutex::new(None),
            }),
        };
        store
            .sweep()
            .await
            .map_err(|failure| Error::Options(failure.to_string()))?;
        let worker = tokio::spawn(store.clone().work_until_stopped(store.inner.stop.clone()));
        *store.inner.worker.lock().unwrap_or_else(PoisonError::into_inner) = Some(worker);
        Ok(store)
    }

    async fn sweep(&self) -> Result<(), S3Failure> {
        let blobs = self.inner.blobs.clone();
        self.inner
            .database
            .ask(move |transaction| {
                let named: HashSet<String> = transaction
                    .prepare("SELECT blob FROM segments UNION SELECT blob FROM parts")?
                    .query_map([], |row| row.get(0))?
                    .collect::<Result<_, _>>()?;
                let swept = blobs.sweep(&named)?;
                if swept > 0 {
                    tracing::info!(swept, "removed blobs that an earlier run left unnamed");
                }
                Ok(())
            })
            .await
    }

    /// Ends the worker when it next sleeps.
    pub(crate) fn stop(&self) {
        self.inner.stop.cancel();
    }

    pub(crate) async fn shutdown(&self) {
        self.stop();
        let worker = self
            .inner
            .worker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(worker) = worker {
            let _ = worker.await;
        }
    }

    async fn work_until_stopped(self, stop: CancellationToken) {
        let mut looked_on = None;
        loop {
            if let Err(error) = self.lifecycle_of_today(&mut looked_on).await {
                tracing::error!(%error, "lifecycle rules could not be followed; trying again");
            }
            let nap = match self.replicate_batch().await {
                // More may be due; requests that wait for the database come between.
                Ok(handled) if handled > 0 => Duration::ZERO,
                Ok(_) => self.nap().await,
                Err(error) => {
                    tracing::error!(%error, "replication could not go on; trying again");
                    NAP_MAX
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.inner.queued.notified() => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
    }

    async fn nap(&self) -> Duration {
        let next = self.inner.database.ask(replication::next_due).await;
        let clock = &self.inner.clock;
        match next {
            Ok(None) | Err(_) => NAP_MAX,
            Ok(Some(_)) if clock.is_held() => POLL,
            Ok(Some(due)) => Duration::try_from(due.duration_since(clock.now()))
                .unwrap_or(Duration::ZERO)
                .clamp(Duration::from_millis(1), NAP_MAX)
                .max(if due <= clock.now() { POLL } else { Duration::ZERO }),
        }
    }

    async fn replicate_batch(&self) -> Result<usize, S3Failure> {
        let now = self.inner.clock.now();
        let (handled, unnamed) = self
            .inner
            .database
            .change(move |transaction| replication::run_due(transaction, now))
            .await?;
        self.inner.blobs.remove(unnamed).await;
        Ok(handled)
    }

    /// Replicates whatever is due now on the cloud's clock; gives how many copies were made or failed. For a held
    /// clock: under a running one the worker does this by itself.
    pub async fn replicate_due(&self) -> Result<usize, S3Failure> {
        let mut total = 0;
        loop {
            match self.replicate_batch().await? {
                0 => return Ok(total),
                handled => total += handled,
            }
        }
    }

    /// Cuts replication to `region` off, or lets it through again. Meanwhile what is due stays PENDING, also
    /// across restarts.
    pub async fn set_replication_outage(&self, region: &str, out: bool) -> Result<(), S3Failure> {
        let region = region.to_owned();
        self.inner
            .database
            .change(move |transaction| {
                let sql = if out {
                    "INSERT OR IGNORE INTO outages (region) VALUES (?1)"
                } else {
                    "DELETE FROM outages WHERE region = ?1"
                };
                transaction.execute(sql, [region])?;
                Ok(())
            })
            .await?;
        self.inner.queued.notify_one();
        Ok(())
    }

    /// Creates a bucket of `account` in `region`; one that the account already has there is left as it is.
    pub async fn create_bucket(&self, account: &str, region: &str, bucket: &str) -> Result<(), S3Failure> {
        let asker = asker(account, region);
        match self.new_bucket(&asker, region, bucket).await {
            Err(S3Failure::BucketAlreadyOwnedByYou(_)) => {
                let name = bucket.to_owned();
                self.inner
                    .database
                    .ask(move |transaction| {
                        Bucket::open(transaction, &asker, &name, "ListBucket", None).map(|_| ())
                    })
                    .await
            }
            result => result,
        }
    }

    /// Turns versioning of a bucket on, which replication needs on both sides.
    pub async fn enable_versioning(
        &self,
        account: &str,
        region: &str,
        bucket: &str,
    ) -> Result<(), S3Failure> {
        let (asker, name) = (asker(account, region), bucket.to_owned());
        self.inner
            .database
            .change(move |transaction| {
                let bucket = Bucket::open(transaction, &asker, &name, "PutBucketVersioning", None)?;
                bucket.set_versioning(transaction, Versioning::Enabled)
            })
            .await
    }

    pub(super) async fn new_bucket(
        &self,
        asker: &Asker,
        region: &str,
        bucket: &str,
    ) -> Result<(), S3Failure> {
        if !s3s::path::check_bucket_name(bucket) {
            return Err(S3Failure::Refused {
                code: "InvalidBucketName",
                message: format!("The specified bucket is not valid: {bucket:?}"),
            });
        }
        let new = Bucket {
            name: bucket.to_owned(),
            account: asker.account.clone(),
            region: region.to_owned(),
            created: self.inner.clock.now(),
            versioning: None,
        };
        self.inner
            .database
            .change(move |transaction| match Bucket::find(transaction, &new.name)? {
                Some(taken) if taken.account == new.account => {
                    Err(S3Failure::BucketAlreadyOwnedByYou(new.name.clone()))
                }
                Some(_) => Err(S3Failure::BucketAlreadyExists(new.name.clone())),
                None => new.insert(transaction),
            })
            .await
    }

    /// Stores one object as a PUT over the wire does: checksum CRC64NVME, a new version where versioning is on,
    /// the bucket's default encryption, replication started. The bytes are on disk when it returns.
    pub async fn put_file(
        &self,
        account: &str,
        region: &str,
        bucket: &str,
        key: &str,
        content: Content,
    ) -> Result<ObjectHead, S3Failure> {
        let asker = asker(account, region);
        // Refuse before reading gigabytes.
        self.permit(&asker, bucket, "PutObject", key).await?;
        let blob = self
            .inner
            .blobs
            .write_content(content, Algorithm::Crc64Nvme)
            .await?;
        let new = NewObject {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            attributes: Attributes::default(),
            condition: Condition::None,
        };
        let version = self.add_blob(&asker, new, blob, Algorithm::Crc64Nvme).await?;
        Ok(ObjectHead::from(version))
    }

    /// What HEAD says of the current version.
    pub async fn head(
        &self,
        account: &str,
        region: &str,
        bucket: &str,
        key: &str,
    ) -> Result<ObjectHead, S3Failure> {
        let (asker, bucket, key) = (asker(account, region), bucket.to_owned(), key.to_owned());
        let version = self
            .inner
            .database
            .ask(move |transaction| {
                Bucket::open(transaction, &asker, &bucket, "GetObject", Some(&key))?;
                Version::readable(transaction, &bucket, &key, None)
            })
            .await?;
        Ok(ObjectHead::from(version))
    }

    /// The whole content of the current version; for small objects, for it is all in memory.
    pub async fn get(
        &self,
        account: &str,
        region: &str,
        bucket: &str,
        key: &str,
    ) -> Result<Bytes, S3Failure> {
        self.permit(&asker(account, region), bucket, "GetObject", key)
            .await?;
        let opened = self.open_version(bucket, key, None).await?;
        let size = opened.version.size;
        let chunks: Vec<Bytes> = opened.stream(0..size)?.try_collect().await?;
        Ok(chunks.concat().into())
    }

    /// Whether the asker may perform an action on an object, as every request is asked.
    pub(super) async fn permit(
        &self,
        asker: &Asker,
        bucket: &str,
        action: &'static str,
        key: &str,
    ) -> Result<(), S3Failure> {
        let (asker, bucket, key) = (asker.clone(), bucket.to_owned(), key.to_owned());
        self.inner
            .database
            .ask(move |transaction| {
                Bucket::open(transaction, &asker, &bucket, action, Some(&key)).map(|_| ())
            })
            .await
    }

    /// Whether an account may perform an action on a bucket or an object of it, in whatever Region the bucket is: the
    /// source of a copy, or of an import.
    pub(super) async fn permit_anywhere(
        &self,
        account: &str,
        bucket: &str,
        action: &'static str,
        key: Option<&str>,
    ) -> Result<(), S3Failure> {
        let (account, bucket, key) = (account.to_owned(), bucket.to_owned(), key.map(str::to_owned));
        self.inner
            .database
            .ask(move |transaction| {
                let bucket = Bucket::existing(transaction, &bucket)?;
                let asker = asker(&account, &bucket.region);
                bucket.permit(transaction, &asker, action, key.as_deref())
            })
            .await
    }

    /// Every current object under `prefix`, in key order.
    pub async fn list(
        &self,
        account: &str,
        region: &str,
        bucket: &str,
        prefix: &str,
    ) -> Result<Vec<ObjectHead>, S3Failure> {
        let (asker, bucket, prefix) = (asker(account, region), bucket.to_owned(), prefix.to_owned());
        self.inner
            .database
            .ask(move |transaction| {
                Bucket::open(transaction, &asker, &bucket, "ListBucket", None)?;
                listing::under(transaction, &bucket, &prefix)
            })
            .await
    }

    /// Deletes the current version: a delete marker where versioning is on. Deleting nothing succeeds.
    pub async fn delete(
        &self,
        account: &str,
        region: &str,
        bucket: &str,
        key: &str,
    ) -> Result<(), S3Failure> {
        self.delete_object(&asker(account, region), bucket, key, None, false)
            .await
            .map(|_| ())
    }

    /// Makes an object's current version one without a checksum, as those are that are older than S3's checksums.
    pub async fn forget_checksum(
        &self,
        account: &str,
        region: &str,
        bucket: &str,
        key: &str,
    ) -> Result<(), S3Failure> {
        let (asker, bucket, key) = (asker(account, region), bucket.to_owned(), key.to_owned());
        self.inner
            .database
            .change(move |transaction| {
                Bucket::open(transaction, &asker, &bucket, "PutObject", Some(&key))?;
                Version::readable(transaction, &bucket, &key, None)?.forget_checksum(transaction)
            })
            .await
    }

    pub(super) fn replication_delay(&self) -> SignedDuration {
        self.inner.replication_delay
    }

    pub(super) fn thaw_duration(&self) -> SignedDuration {
        self.inner.thaw_duration
    }

    /// Wakes the worker: something was queued.
    pub(super) fn wake(&self) {
        self.inner.queued.notify_one();
    }
}

fn asker(account: &str, region: &str) -> Asker {
    Asker {
        account: account.to_owned(),
        region: region.to_owned(),
    }
}
