//! RestoreObject.

use aws_sdk_s3::types::{GlacierJobParameters, RestoreRequest, Tier as SdkTier};
use recovery::archive::Tier;

use super::BucketRef;
use crate::{Cloud, Error, ErrorKind};

/// What asking for a thaw did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thawing {
    /// S3 works on it, from now on or since earlier; or it can be read already.
    Asked,
    /// The object lies in no archive.
    NotArchived,
}

impl Cloud {
    /// Asks S3 for a readable copy of an archived object for so many days. It is made within what the tier takes;
    /// [`Cloud::head_object`] tells how far it is. Asking again changes nothing while S3 works on it.
    pub async fn thaw_object(
        &self,
        bucket: &BucketRef,
        key: &str,
        tier: Tier,
        days: u32,
    ) -> Result<Thawing, Error> {
        let tier = match tier {
            Tier::Expedited => SdkTier::Expedited,
            Tier::Standard => SdkTier::Standard,
            Tier::Bulk => SdkTier::Bulk,
        };
        let failed =
            |message: String| Error::new("RestoreObject", bucket.uri(key), ErrorKind::Invalid, message);
        let parameters = GlacierJobParameters::builder()
            .tier(tier)
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let request = RestoreRequest::builder()
            .days(i32::try_from(days).map_err(|error| failed(error.to_string()))?)
            .glacier_job_parameters(parameters)
            .build();
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .restore_object()
            .bucket(&bucket.name)
            .key(key)
            .restore_request(request)
            .send()
            .await;
        let Err(error) = answer else {
            return Ok(Thawing::Asked);
        };
        let error = Error::from_sdk("RestoreObject", bucket.uri(key), &error);
        match error.code.as_deref() {
            Some("RestoreAlreadyInProgress") => Ok(Thawing::Asked),
            Some("InvalidObjectState") => Ok(Thawing::NotArchived),
            _ => Err(error),
        }
    }
}
