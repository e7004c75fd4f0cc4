//! GetObjectLockConfiguration.

use super::BucketRef;
use crate::{Cloud, Error};

/// How new objects of a bucket are locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectLock {
    /// `GOVERNANCE` or `COMPLIANCE`; none where the bucket can lock, but locks nothing by default.
    pub mode: Option<String>,
    /// For how many days.
    pub days: Option<u64>,
}

impl Cloud {
    /// The bucket's object lock; `None` where it has none.
    pub async fn object_lock(&self, bucket: &BucketRef) -> Result<Option<ObjectLock>, Error> {
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .get_object_lock_configuration()
            .bucket(&bucket.name)
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetObjectLockConfiguration", bucket.to_string(), &error));
        let configuration = match answer {
            Ok(answer) => answer.object_lock_configuration,
            Err(error) if error.code.as_deref() == Some("ObjectLockConfigurationNotFoundError") => None,
            Err(error) => return Err(error),
        };
        Ok(configuration.map(|configuration| {
            let retention = configuration.rule.and_then(|rule| rule.default_retention);
            ObjectLock {
                mode: retention
                    .as_ref()
                    .and_then(|retention| retention.mode())
                    .map(|mode| mode.as_str().to_owned()),
                days: retention.as_ref().and_then(|retention| {
                    let years = retention.years().map(|years| years.saturating_mul(365));
                    u64::try_from(retention.days().or(years)?).ok()
                }),
            }
        }))
    }
}
