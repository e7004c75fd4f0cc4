//! Object lock over the wire.

#[cfg_attr(
    not(test), // where tests are compiled, clippy lets wildcards be
    expect(clippy::wildcard_imports, reason = "an operation names an input, an output and their parts")
)]
use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};

use super::super::S3Failure;
use super::super::buckets::{Bucket as BucketRow, Setting};
use super::super::lock::Retention;
use super::access::asker;
use super::{Protocol, shape};

impl Protocol {
    pub(super) async fn get_object_legal_hold(
        &self,
        request: S3Request<GetObjectLegalHoldInput>,
    ) -> S3Result<GetObjectLegalHoldOutput> {
        let input = request.input;
        let lock = self
            .store
            .lock_of(&input.bucket, &input.key, input.version_id.as_deref())
            .await?;
        let status = if lock.legal_hold {
            ObjectLockLegalHoldStatus::ON
        } else {
            ObjectLockLegalHoldStatus::OFF
        };
        Ok(GetObjectLegalHoldOutput {
            legal_hold: Some(ObjectLockLegalHold {
                status: Some(ObjectLockLegalHoldStatus::from_static(status)),
            }),
        })
    }

    pub(super) async fn put_object_legal_hold(
        &self,
        request: S3Request<PutObjectLegalHoldInput>,
    ) -> S3Result<PutObjectLegalHoldOutput> {
        let input = request.input;
        let status = input
            .legal_hold
            .and_then(|hold| hold.status)
            .ok_or_else(|| s3_error!(MalformedXML, "The request names no legal hold"))?;
        let holds = status.as_str() == ObjectLockLegalHoldStatus::ON;
        self.store
            .locked(
                &input.bucket,
                &input.key,
                input.version_id.as_deref(),
                move |lock| {
                    lock.legal_hold = holds;
                    Ok(())
                },
            )
            .await?;
        Ok(PutObjectLegalHoldOutput::default())
    }

    pub(super) async fn get_object_retention(
        &self,
        request: S3Request<GetObjectRetentionInput>,
    ) -> S3Result<GetObjectRetentionOutput> {
        let input = request.input;
        let lock = self
            .store
            .lock_of(&input.bucket, &input.key, input.version_id.as_deref())
            .await?;
        let retention = lock.retention.ok_or(S3Failure::NoSuchSetting {
            code: "NoSuchObjectLockConfiguration",
            message: "The specified object does not have a ObjectLock configuration",
        })?;
        Ok(GetObjectRetentionOutput {
            retention: Some(ObjectLockRetention {
                mode: Some(ObjectLockRetentionMode::from(retention.mode)),
                retain_until_date: Some(shape::time(retention.until)),
            }),
        })
    }

    /// COMPLIANCE is only ever prolonged; GOVERNANCE is shortened by whoever bypasses it.
    pub(super) async fn put_object_retention(
        &self,
        request: S3Request<PutObjectRetentionInput>,
    ) -> S3Result<PutObjectRetentionOutput> {
        let now = self.store.inner.clock.now();
        let input = request.input;
        let bypass = input.bypass_governance_retention.unwrap_or(false);
        let wanted = match input.retention {
            Some(ObjectLockRetention {
                mode: Some(mode),
                retain_until_date: Some(until),
            }) => Some(Retention {
                mode: mode.as_str().to_owned(),
                until: jiff::Timestamp::from_second(shape::seconds(&until)?)
                    .map_err(|error| s3_error!(error, InvalidArgument))?,
            }),
            _ => None,
        };
        if wanted.as_ref().is_some_and(|wanted| wanted.until <= now) {
            return Err(s3_error!(
                InvalidArgument,
                "The retain until date must be in the future!"
            ));
        }
        self.store
            .locked(
                &input.bucket,
                &input.key,
                input.version_id.as_deref(),
                move |lock| {
                    let is_kept = lock.retention.as_ref().is_some_and(|old| {
                        let is_longer = wanted
                            .as_ref()
                            .is_some_and(|wanted| wanted.until >= old.until && wanted.mode == old.mode);
                        let may = bypass && old.mode == ObjectLockRetentionMode::GOVERNANCE;
                        old.until > now && !is_longer && !may
                    });
                    if is_kept {
                        return Err(S3Failure::Locked);
                    }
                    lock.retention = wanted;
                    Ok(())
                },
            )
            .await?;
        Ok(PutObjectRetentionOutput::default())
    }

    pub(super) async fn get_object_lock_configuration(
        &self,
        request: S3Request<GetObjectLockConfigurationInput>,
    ) -> S3Result<GetObjectLockConfigurationOutput> {
        let name = request.input.bucket;
        let json = self
            .store
            .inner
            .database
            .ask(move |transaction| {
                BucketRow::existing(transaction, &name)?
                    .setting(transaction, Setting::ObjectLock)?
                    .ok_or_else(|| Setting::ObjectLock.missing())
            })
            .await?;
        let configuration = serde_json::from_str(&json).map_err(S3Failure::from)?;
        Ok(GetObjectLockConfigurationOutput {
            object_lock_configuration: Some(configuration),
        })
    }

    pub(super) async fn put_object_lock_configuration(
        &self,
        request: S3Request<PutObjectLockConfigurationInput>,
    ) -> S3Result<PutObjectLockConfigurationOutput> {
        let asker = asker(&request)?;
        let input = request.input;
        let configuration = input
            .object_lock_configuration
            .ok_or_else(|| s3_error!(MalformedXML, "The request names no ObjectLockConfiguration"))?;
        self.store
            .set_object_lock(&asker, &input.bucket, configuration)
            .await?;
        Ok(PutObjectLockConfigurationOutput::default())
    }
}
