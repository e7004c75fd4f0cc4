//! Object lock: versions that cannot be removed, until a time or until a hold is lifted.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use jiff::{SignedDuration, Timestamp};
use rusqlite::Transaction;
use s3s::dto::{ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetentionMode};
use serde::{Deserialize, Serialize};

use super::buckets::{Asker, Bucket, Setting, Versioning};
use super::versions::Version;
use super::{S3Failure, S3Store};

/// What keeps a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Lock {
    pub(super) legal_hold: bool,
    pub(super) retention: Option<Retention>,
}

/// How long a version is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Retention {
    /// `GOVERNANCE` or `COMPLIANCE`.
    pub(super) mode: String,
    pub(super) until: Timestamp,
}

impl Lock {
    pub(super) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// From the headers of a write.
    pub(super) fn of_headers(header: &impl Fn(&str) -> Option<String>) -> Result<Self, S3Failure> {
        let retention = match (
            header("x-amz-object-lock-mode"),
            header("x-amz-object-lock-retain-until-date"),
        ) {
            (None, None) => None,
            (Some(mode), Some(until)) => Some(Retention {
                mode,
                until: until.parse().map_err(|_| {
                    S3Failure::InvalidArgument("The retain until date must be in ISO 8601 format".to_owned())
                })?,
            }),
            _ => {
                return Err(S3Failure::InvalidArgument(
                    "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
                        .to_owned(),
                ));
            }
        };
        Ok(Self {
            legal_hold: header("x-amz-object-lock-legal-hold").as_deref() == Some("ON"),
            retention,
        })
    }

    /// Refuses to remove a version that is kept.
    pub(super) fn permit_removal(&self, now: Timestamp, bypass_governance: bool) -> Result<(), S3Failure> {
        let is_retained = self.retention.as_ref().is_some_and(|retention| {
            retention.until > now
                && !(bypass_governance && retention.mode == ObjectLockRetentionMode::GOVERNANCE)
        });
        if self.legal_hold || is_retained {
            return Err(S3Failure::Locked);
        }
        Ok(())
    }
}

/// The lock of a new version: its own, or the bucket's default.
pub(super) fn of_new(
    transaction: &Transaction<'_>,
    bucket: &Bucket,
    mut lock: Lock,
    now: Timestamp,
) -> Result<Lock, S3Failure> {
    let Some(configuration) = configuration(transaction, bucket)? else {
        return if lock.is_none() {
            Ok(lock)
        } else {
            Err(unconfigured())
        };
    };
    let default = configuration.rule.and_then(|rule| rule.default_retention);
    if let (None, Some(default)) = (&lock.retention, default)
        && let Some(mode) = default.mode
    {
        let days = default
            .days
            .map_or_else(|| i64::from(default.years.unwrap_or(0)) * 365, i64::from);
        lock.retention = Some(Retention {
            mode: mode.as_str().to_owned(),
            until: now
                .saturating_add(SignedDuration::from_hours(24 * days))
                .unwrap_or(Timestamp::MAX),
        });
    }
    Ok(lock)
}

/// The bucket's object lock, where it has any.
fn configuration(
    transaction: &Transaction<'_>,
    bucket: &Bucket,
) -> Result<Option<ObjectLockConfiguration>, S3Failure> {
    let json = bucket.setting(transaction, Setting::ObjectLock)?;
    Ok(json.map(|json| serde_json::from_str(&json)).transpose()?)
}

fn unconfigured() -> S3Failure {
    S3Failure::InvalidRequest("Bucket is missing Object Lock Configuration".to_owned())
}

impl S3Store {
    /// Turns object lock of a bucket on, or changes its default.
    pub(super) async fn set_object_lock(
        &self,
        asker: &Asker,
        bucket: &str,
        configuration: ObjectLockConfiguration,
    ) -> Result<(), S3Failure> {
        let (asker, bucket) = (asker.clone(), bucket.to_owned());
        self.inner
            .database
            .change(move |transaction| {
                let bucket = Bucket::open(
                    transaction, &asker, &bucket, "PutBucketObjectLockConfiguration", None,
                )?;
                if bucket.versioning != Some(Versioning::Enabled) {
                    return Err(S3Failure::Refused {
                        code: "InvalidBucketState",
                        message:
                            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
                                .to_owned(),
                    });
                }
                let json = serde_json::to_string(&configuration)?;
                bucket.set(transaction, Setting::ObjectLock, Some(&json))
            })
            .await
    }

    /// Makes a new bucket one that can lock objects, and so one that keeps versions.
    pub(super) async fn enable_object_lock(&self, asker: &Asker, bucket: &str) -> Result<(), S3Failure> {
        let name = bucket.to_owned();
        let keep_versions = move |transaction: &Transaction<'_>| {
            Bucket::existing(transaction, &name)?.set_versioning(transaction, Versioning::Enabled)
        };
        self.inner.database.change(keep_versions).await?;
        let enabled = ObjectLockConfiguration {
            object_lock_enabled: Some(ObjectLockEnabled::from_static(ObjectLockEnabled::ENABLED)),
            rule: None,
        };
        self.set_object_lock(asker, bucket, enabled).await
    }

    /// A version's lock, in a bucket that has object lock.
    pub(super) async fn lock_of(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
    ) -> Result<Lock, S3Failure> {
        self.locked(bucket, key, version_id, |_| Ok(())).await
    }

    /// Changes a version's lock.
    pub(super) async fn locked(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        change: impl FnOnce(&mut Lock) -> Result<(), S3Failure> + Send + 'static,
    ) -> Result<Lock, S3Failure> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let version_id = version_id.map(str::to_owned);
        self.inner
            .database
            .change(move |transaction| {
                let owner = Bucket::existing(transaction, &bucket)?;
                if configuration(transaction, &owner)?.is_none() {
                    return Err(unconfigured());
                }
                let version = Version::readable(transaction, &bucket, &key, version_id.as_deref())?;
                let mut attributes = version.attributes.clone();
                change(&mut attributes.lock)?;
                if attributes != version.attributes {
                    version.set_attributes(transaction, &attributes)?;
                }
                Ok(attributes.lock)
            })
            .await
    }
}
