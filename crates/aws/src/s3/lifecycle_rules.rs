//! GetBucketLifecycleConfiguration.

use aws_sdk_s3::types::{ExpirationStatus, LifecycleRule as SdkRule};

use super::BucketRef;
use crate::{Cloud, Error};

/// A lifecycle rule of a bucket, as far as it is by tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleRule {
    /// Its name.
    pub id: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Only keys that begin so; empty for all.
    pub prefix: String,
    /// Only objects with all of these tags.
    pub tags: Vec<(String, String)>,
    /// The storage class that current objects move to.
    pub transition_to: Option<String>,
    /// Whether it ends current objects.
    pub expires: bool,
    /// Whether it ends what is noncurrent.
    pub expires_noncurrent: bool,
}

impl Cloud {
    /// The bucket's lifecycle rules; empty where it has none.
    pub async fn lifecycle_rules(&self, bucket: &BucketRef) -> Result<Vec<LifecycleRule>, Error> {
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .get_bucket_lifecycle_configuration()
            .bucket(&bucket.name)
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetBucketLifecycleConfiguration", bucket.to_string(), &error));
        match answer {
            Ok(answer) => Ok(answer.rules.unwrap_or_default().into_iter().map(rule).collect()),
            Err(error) if error.code.as_deref() == Some("NoSuchLifecycleConfiguration") => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn rule(rule: SdkRule) -> LifecycleRule {
    #[expect(deprecated, reason = "rules of the first version have their prefix there")]
    let mut prefix = rule.prefix.unwrap_or_default();
    let mut tags = Vec::new();
    if let Some(filter) = rule.filter {
        let and = filter
            .and
            .unwrap_or_else(|| aws_sdk_s3::types::LifecycleRuleAndOperator::builder().build());
        prefix = filter.prefix.or(and.prefix).unwrap_or(prefix);
        tags = filter
            .tag
            .into_iter()
            .chain(and.tags.unwrap_or_default())
            .map(|tag| (tag.key, tag.value))
            .collect();
    }
    LifecycleRule {
        id: rule.id.unwrap_or_default(),
        enabled: rule.status == ExpirationStatus::Enabled,
        prefix,
        tags,
        transition_to: rule
            .transitions
            .unwrap_or_default()
            .into_iter()
            .find_map(|transition| Some(transition.storage_class?.as_str().to_owned())),
        expires: rule
            .expiration
            .is_some_and(|expiration| expiration.days.is_some() || expiration.date.is_some()),
        expires_noncurrent: rule.noncurrent_version_expiration.is_some(),
    }
}
