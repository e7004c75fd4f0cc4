//! Buckets: global by name, each in one Region, owned by one account.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::S3Failure;
use super::policy::{Decision, Policy, Requester};

/// Whether a bucket keeps old versions; a bucket that never had versioning has neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Versioning {
    Enabled,
    Suspended,
}

impl Versioning {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Suspended => "Suspended",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Enabled, Self::Suspended]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// Who asks, from where.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    pub(super) account: String,
    pub(super) region: String,
}

/// A bucket's row.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    pub(super) name: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) created: Timestamp,
    pub(super) versioning: Option<Versioning>,
}

/// A configuration of a bucket, kept as the JSON of its wire shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Replication,
    Policy,
    Encryption,
    PublicAccessBlock,
    ObjectLock,
    Tagging,
    Lifecycle,
}

impl Setting {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Replication => "replication",
            Self::Policy => "policy",
            Self::Encryption => "encryption",
            Self::PublicAccessBlock => "public-access-block",
            Self::ObjectLock => "object-lock",
            Self::Tagging => "tagging",
            Self::Lifecycle => "lifecycle",
        }
    }

    /// What S3 says of a bucket without it.
    pub(super) fn missing(self) -> S3Failure {
        let (code, message) = match self {
            Self::Replication => (
                "ReplicationConfigurationNotFoundError",
                "The replication configuration was not found",
            ),
            Self::Policy => ("NoSuchBucketPolicy", "The bucket policy does not exist"),
            Self::Encryption => (
                "ServerSideEncryptionConfigurationNotFoundError",
                "The server side encryption configuration was not found",
            ),
            Self::PublicAccessBlock => (
                "NoSuchPublicAccessBlockConfiguration",
                "The public access block configuration was not found",
            ),
            Self::ObjectLock => (
                "ObjectLockConfigurationNotFoundError",
                "Object Lock configuration does not exist for this bucket",
            ),
            Self::Tagging => ("NoSuchTagSet", "The TagSet does not exist"),
            Self::Lifecycle => (
                "NoSuchLifecycleConfiguration",
                "The lifecycle configuration does not exist",
            ),
        };
        S3Failure::NoSuchSetting { code, message }
    }
}

impl Bucket {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let versioning: Option<String> = row.get(4)?;
        Ok(Self {
            name: row.get(0)?,
            account: row.get(1)?,
            region: row.get(2)?,
            created: Timestamp::from_second(row.get(3)?).unwrap_or_default(),
            versioning: versioning.as_deref().and_then(Versioning::parse),
        })
    }

    pub(super) fn find(transaction: &Transaction<'_>, name: &str) -> Result<Option<Self>, S3Failure> {
        let mut statement = transaction.prepare_cached(
            "SELECT name, account, region, created, versioning FROM buckets WHERE name = ?1",
        )?;
        Ok(statement.query_row([name], Self::from_row).optional()?)
    }

    pub(super) fn existing(transaction: &Transaction<'_>, name: &str) -> Result<Self, S3Failure> {
        Self::find(transaction, name)?.ok_or_else(|| S3Failure::NoSuchBucket(name.to_owned()))
    }

    /// The bucket, if it exists, is in the asker's Region and lets the asker perform `action` on `key`.
    pub(super) fn open(
        transaction: &Transaction<'_>,
        asker: &Asker,
        name: &str,
        action: &str,
        key: Option<&str>,
    ) -> Result<Self, S3Failure> {
        let bucket = Self::in_region(transaction, asker, name)?;
        bucket.permit(transaction, asker, action, key)?;
        Ok(bucket)
    }

    /// The bucket, if it exists and is in the asker's Region.
    pub(super) fn in_region(
        transaction: &Transaction<'_>,
        asker: &Asker,
        name: &str,
    ) -> Result<Self, S3Failure> {
        let bucket = Self::existing(transaction, name)?;
        if bucket.region != asker.region {
            return Err(S3Failure::WrongRegion {
                bucket: bucket.name,
                region: bucket.region,
                asked: asker.region.clone(),
            });
        }
        Ok(bucket)
    }

    /// Whether the asker may: its owner unless its policy denies, others only if its policy allows.
    pub(super) fn permit(
        &self,
        transaction: &Transaction<'_>,
        asker: &Asker,
        action: &str,
        key: Option<&str>,
    ) -> Result<(), S3Failure> {
        let resource = match key {
            Some(key) => format!("arn:aws:s3:::{}/{key}", self.name),
            None => format!("arn:aws:s3:::{}", self.name),
        };
        let action = format!("s3:{action}");
        let decision = match self.setting(transaction, Setting::Policy)? {
            Some(policy) => {
                let who = Requester {
                    account: &asker.account,
                    arn: None,
                };
                Policy::parse(&policy)?.decide(who, &action, &resource)
            }
            None => Decision::Silent,
        };
        match decision {
            Decision::Allow => Ok(()),
            Decision::Silent if asker.account == self.account => Ok(()),
            // The owner can always mend a policy that locks everyone out.
            Decision::Deny if asker.account == self.account && action.ends_with("BucketPolicy") => Ok(()),
            Decision::Silent | Decision::Deny => Err(S3Failure::AccessDenied {
                account: asker.account.clone(),
                action,
                resource,
            }),
        }
    }

    pub(super) fn insert(&self, transaction: &Transaction<'_>) -> Result<(), S3Failure> {
        transaction
            .prepare_cached("INSERT INTO buckets (name, account, region, created) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                self.name,
                self.account,
                self.region,
                self.created.as_second()
            ])?;
        Ok(())
    }

    pub(super) fn owned_by(transaction: &Transaction<'_>, account: &str) -> Result<Vec<Self>, S3Failure> {
        let mut statement = transaction.prepare_cached(
            "SELECT name, account, region, created, versioning FROM buckets WHERE account = ?1 ORDER BY name",
        )?;
        let buckets = statement.query_map([account], Self::from_row)?;
        Ok(buckets.collect::<Result<_, _>>()?)
    }

    /// Removes an empty bucket.
    pub(super) fn remove(&self, transaction: &Transaction<'_>) -> Result<(), S3Failure> {
        let in_use: bool = transaction
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM versions WHERE bucket = ?1) \
                 OR EXISTS (SELECT 1 FROM uploads WHERE bucket = ?1)",
            )?
            .query_row([&self.name], |row| row.get(0))?;
        if in_use {
            return Err(S3Failure::BucketNotEmpty(self.name.clone()));
        }
        transaction
            .prepare_cached("DELETE FROM buckets WHERE name = ?1")?
            .execute([&self.name])?;
        Ok(())
    }

    pub(super) fn set_versioning(
        &self,
        transaction: &Transaction<'_>,
        versioning: Versioning,
    ) -> Result<(), S3Failure> {
        if versioning == Versioning::Suspended && self.setting(transaction, Setting::Replication)?.is_some() {
            return Err(S3Failure::Refused {
                code: "InvalidBucketState",
                message: "A replication configuration is present on this bucket, so you cannot change the versioning \
                          state. To change the versioning state, first delete the replication configuration."
                    .to_owned(),
            });
        }
        transaction
            .prepare_cached("UPDATE buckets SET versioning = ?2 WHERE name = ?1")?
            .execute(params![self.name, versioning.as_str()])?;
        Ok(())
    }

    pub(super) fn setting(
        &self,
        transaction: &Transaction<'_>,
        setting: Setting,
    ) -> Result<Option<String>, S3Failure> {
        let mut statement =
            transaction.prepare_cached("SELECT body FROM bucket_settings WHERE bucket = ?1 AND kind = ?2")?;
        Ok(statement
            .query_row(params![self.name, setting.as_str()], |row| row.get(0))
            .optional()?)
    }

    pub(super) fn set(
        &self,
        transaction: &Transaction<'_>,
        setting: Setting,
        body: Option<&str>,
    ) -> Result<(), S3Failure> {
        match body {
            Some(body) => transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO bucket_settings (bucket, kind, body) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![self.name, setting.as_str(), body])?,
            None => transaction
                .prepare_cached("DELETE FROM bucket_settings WHERE bucket = ?1 AND kind = ?2")?
                .execute(params![self.name, setting.as_str()])?,
        };
        Ok(())
    }
}
