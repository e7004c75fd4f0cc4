//! Lifecycle rules of buckets, and the tags of objects that they go by, over the wire.

#[cfg_attr(
    not(test), // where tests are compiled, clippy lets wildcards be
    expect(clippy::wildcard_imports, reason = "an operation names an input, an output and their parts")
)]
use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};

use super::super::buckets::Setting;
use super::super::lifecycle;
use super::{Protocol, shape};

impl Protocol {
    pub(super) async fn get_bucket_lifecycle_configuration(
        &self,
        request: S3Request<GetBucketLifecycleConfigurationInput>,
    ) -> S3Result<GetBucketLifecycleConfigurationOutput> {
        let kept: BucketLifecycleConfiguration =
            self.setting(request.input.bucket, Setting::Lifecycle).await?;
        Ok(GetBucketLifecycleConfigurationOutput {
            rules: Some(kept.rules),
            ..Default::default()
        })
    }

    pub(super) async fn put_bucket_lifecycle_configuration(
        &self,
        request: S3Request<PutBucketLifecycleConfigurationInput>,
    ) -> S3Result<PutBucketLifecycleConfigurationOutput> {
        let input = request.input;
        let mut configuration = input
            .lifecycle_configuration
            .ok_or_else(|| s3_error!(MalformedXML, "The request has no lifecycle configuration"))?;
        lifecycle::validate(&mut configuration)?;
        self.set(input.bucket, Setting::Lifecycle, &configuration).await?;
        Ok(PutBucketLifecycleConfigurationOutput::default())
    }

    pub(super) async fn delete_bucket_lifecycle(
        &self,
        request: S3Request<DeleteBucketLifecycleInput>,
    ) -> S3Result<DeleteBucketLifecycleOutput> {
        self.unset(request.input.bucket, Setting::Lifecycle).await?;
        Ok(DeleteBucketLifecycleOutput::default())
    }

    pub(super) async fn put_object_tagging(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> S3Result<PutObjectTaggingOutput> {
        let input = request.input;
        let tags = input
            .tagging
            .tag_set
            .into_iter()
            .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
            .collect();
        let tagged = self
            .store
            .set_tags(&input.bucket, &input.key, input.version_id.as_deref(), tags)
            .await?;
        Ok(PutObjectTaggingOutput {
            version_id: shape::version_id(&tagged),
        })
    }

    pub(super) async fn delete_object_tagging(
        &self,
        request: S3Request<DeleteObjectTaggingInput>,
    ) -> S3Result<DeleteObjectTaggingOutput> {
        let input = request.input;
        let tagged = self
            .store
            .set_tags(&input.bucket, &input.key, input.version_id.as_deref(), Vec::new())
            .await?;
        Ok(DeleteObjectTaggingOutput {
            version_id: shape::version_id(&tagged),
        })
    }
}
