//! Buckets and their configurations over the wire.

#[cfg_attr(
    not(test), // where tests are compiled, clippy lets wildcards be
    expect(clippy::wildcard_imports, reason = "an operation names an input, an output and their parts")
)]
use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};

use super::super::buckets::{Bucket as BucketRow, Setting, Versioning};
use super::super::policy::Policy;
use super::super::{S3Failure, replication};
use super::access::asker;
use super::{Protocol, shape};

/// The Region without a location constraint, for it came before there were any.
const FIRST_REGION: &str = "us-east-1";

impl Protocol {
    pub(super) async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Result<CreateBucketOutput> {
        let asker = asker(&request)?;
        let constraint = request
            .input
            .create_bucket_configuration
            .and_then(|configuration| configuration.location_constraint)
            .map(|constraint| constraint.as_str().to_owned())
            .filter(|constraint| !constraint.is_empty());
        let region = self.region_of_new_bucket(&asker.region, constraint.as_deref())?;
        let name = request.input.bucket;
        let can_lock = request.input.object_lock_enabled_for_bucket == Some(true);
        let created = CreateBucketOutput {
            location: Some(format!("/{name}")),
        };
        match self.store.new_bucket(&asker, &region, &name).await {
            // In the first Region, creating one's own bucket again has always succeeded.
            Err(S3Failure::BucketAlreadyOwnedByYou(_)) if region == FIRST_REGION => Ok(created),
            result => {
                result?;
                if can_lock {
                    self.store.enable_object_lock(&asker, &name).await?;
                }
                Ok(created)
            }
        }
    }

    fn region_of_new_bucket(&self, endpoint: &str, constraint: Option<&str>) -> Result<String, S3Failure> {
        let invalid = || S3Failure::Refused {
            code: "InvalidLocationConstraint",
            message: format!(
                "The specified location-constraint is not valid; this embedded AWS has the Regions {}",
                self.store.inner.regions.join(", ")
            ),
        };
        let illegal = |constraint: &str| S3Failure::Refused {
            code: "IllegalLocationConstraintException",
            message: format!(
                "The {constraint} location constraint is incompatible for the region specific endpoint this \
                 request was sent to."
            ),
        };
        let region = match constraint {
            Some(FIRST_REGION) => return Err(invalid()),
            Some("EU") => "eu-west-1",
            Some(constraint) => constraint,
            None if endpoint == FIRST_REGION => FIRST_REGION,
            None => return Err(illegal("unspecified")),
        };
        if !self.store.inner.regions.iter().any(|known| known == region) {
            return Err(invalid());
        }
        if endpoint != FIRST_REGION && endpoint != region {
            return Err(illegal(region));
        }
        Ok(region.to_owned())
    }

    #[expect(clippy::unused_async, reason = "every operation is called alike")]
    pub(super) async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<HeadBucketOutput> {
        let region = asker(&request)?.region;
        Ok(HeadBucketOutput {
            bucket_region: Some(region),
            ..Default::default()
        })
    }

    pub(super) async fn list_buckets(
        &self,
        request: S3Request<ListBucketsInput>,
    ) -> S3Result<ListBucketsOutput> {
        let account = asker(&request)?.account;
        let input = request.input;
        let limit = match input.max_buckets {
            None => usize::MAX,
            Some(limit) => usize::try_from(limit)
                .ok()
                .filter(|limit| (1..=10_000).contains(limit))
                .ok_or_else(|| s3_error!(InvalidArgument, "max-buckets is between 1 and 10000"))?,
        };
        let owner = account.clone();
        let buckets = self
            .store
            .inner
            .database
            .ask(move |transaction| BucketRow::owned_by(transaction, &owner))
            .await?;
        let mut buckets = buckets
            .into_iter()
            .filter(|bucket| {
                input
                    .prefix
                    .as_ref()
                    .is_none_or(|prefix| bucket.name.starts_with(prefix))
            })
            .filter(|bucket| {
                input
                    .bucket_region
                    .as_ref()
                    .is_none_or(|region| bucket.region == *region)
            })
            .filter(|bucket| {
                input
                    .continuation_token
                    .as_ref()
                    .is_none_or(|after| bucket.name > *after)
            })
            .peekable();
        let page: Vec<Bucket> = buckets
            .by_ref()
            .take(limit)
            .map(|bucket| Bucket {
                bucket_region: Some(bucket.region),
                creation_date: Some(shape::time(bucket.created)),
                name: Some(bucket.name),
            })
            .collect();
        let next = buckets
            .peek()
            .and_then(|_| page.last())
            .and_then(|bucket| bucket.name.clone());
        Ok(ListBucketsOutput {
            buckets: Some(page),
            continuation_token: next,
            owner: Some(shape::owner(&account)),
            prefix: input.prefix,
        })
    }

    pub(super) async fn delete_bucket(
        &self,
        request: S3Request<DeleteBucketInput>,
    ) -> S3Result<DeleteBucketOutput> {
        let name = request.input.bucket;
        let remove = move |transaction: &rusqlite::Transaction<'_>| {
            BucketRow::existing(transaction, &name)?.remove(transaction)
        };
        self.store.inner.database.change(remove).await?;
        Ok(DeleteBucketOutput::default())
    }

    pub(super) async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<GetBucketLocationOutput> {
        let bucket = self.bucket(request.input.bucket).await?;
        let constraint = Some(bucket.region).filter(|region| region != FIRST_REGION);
        Ok(GetBucketLocationOutput {
            location_constraint: constraint.map(BucketLocationConstraint::from),
        })
    }

    pub(super) async fn get_bucket_versioning(
        &self,
        request: S3Request<GetBucketVersioningInput>,
    ) -> S3Result<GetBucketVersioningOutput> {
        let bucket = self.bucket(request.input.bucket).await?;
        let status = bucket
            .versioning
            .map(|versioning| BucketVersioningStatus::from_static(versioning.as_str()));
        Ok(GetBucketVersioningOutput {
            status,
            ..Default::default()
        })
    }

    pub(super) async fn put_bucket_versioning(
        &self,
        request: S3Request<PutBucketVersioningInput>,
    ) -> S3Result<PutBucketVersioningOutput> {
        let PutBucketVersioningInput {
            bucket,
            versioning_configuration,
            ..
        } = request.input;
        let versioning = versioning_configuration
            .status
            .as_ref()
            .and_then(|status| Versioning::parse(status.as_str()))
            .ok_or_else(|| {
                s3_error!(
                    IllegalVersioningConfigurationException,
                    "The versioning status is Enabled or Suspended"
                )
            })?;
        let set = move |transaction: &rusqlite::Transaction<'_>| {
            BucketRow::existing(transaction, &bucket)?.set_versioning(transaction, versioning)
        };
        self.store.inner.database.change(set).await?;
        Ok(PutBucketVersioningOutput::default())
    }

    pub(super) async fn get_bucket_replication(
        &self,
        request: S3Request<GetBucketReplicationInput>,
    ) -> S3Result<GetBucketReplicationOutput> {
        let replication_configuration = Some(self.setting(request.input.bucket, Setting::Replication).await?);
        Ok(GetBucketReplicationOutput {
            replication_configuration,
        })
    }

    pub(super) async fn put_bucket_replication(
        &self,
        request: S3Request<PutBucketReplicationInput>,
    ) -> S3Result<PutBucketReplicationOutput> {
        let PutBucketReplicationInput {
            bucket,
            mut replication_configuration,
            ..
        } = request.input;
        for rule in &mut replication_configuration.rules {
            rule.id.get_or_insert_with(|| uuid::Uuid::new_v4().to_string());
        }
        let set = move |transaction: &rusqlite::Transaction<'_>| {
            let bucket = BucketRow::existing(transaction, &bucket)?;
            replication::validate(transaction, &bucket, &replication_configuration)?;
            let json = serde_json::to_string(&replication_configuration)?;
            bucket.set(transaction, Setting::Replication, Some(&json))
        };
        self.store.inner.database.change(set).await?;
        Ok(PutBucketReplicationOutput::default())
    }

    pub(super) async fn delete_bucket_replication(
        &self,
        request: S3Request<DeleteBucketReplicationInput>,
    ) -> S3Result<DeleteBucketReplicationOutput> {
        self.unset(request.input.bucket, Setting::Replication).await?;
        Ok(DeleteBucketReplicationOutput::default())
    }

    pub(super) async fn get_bucket_policy(
        &self,
        request: S3Request<GetBucketPolicyInput>,
    ) -> S3Result<GetBucketPolicyOutput> {
        let name = request.input.bucket;
        let get = move |transaction: &rusqlite::Transaction<'_>| {
            let bucket = BucketRow::existing(transaction, &name)?;
            bucket
                .setting(transaction, Setting::Policy)?
                .ok_or_else(|| Setting::Policy.missing())
        };
        Ok(GetBucketPolicyOutput {
            policy: Some(self.store.inner.database.ask(get).await?),
        })
    }

    pub(super) async fn put_bucket_policy(
        &self,
        request: S3Request<PutBucketPolicyInput>,
    ) -> S3Result<PutBucketPolicyOutput> {
        let PutBucketPolicyInput { bucket, policy, .. } = request.input;
        Policy::parse(&policy)?;
        let set = move |transaction: &rusqlite::Transaction<'_>| {
            BucketRow::existing(transaction, &bucket)?.set(transaction, Setting::Policy, Some(&policy))
        };
        self.store.inner.database.change(set).await?;
        Ok(PutBucketPolicyOutput::default())
    }

    pub(super) async fn delete_bucket_policy(
        &self,
        request: S3Request<DeleteBucketPolicyInput>,
    ) -> S3Result<DeleteBucketPolicyOutput> {
        self.unset(request.input.bucket, Setting::Policy).await?;
        Ok(DeleteBucketPolicyOutput::default())
    }

    pub(super) async fn get_bucket_encryption(
        &self,
        request: S3Request<GetBucketEncryptionInput>,
    ) -> S3Result<GetBucketEncryptionOutput> {
        let kept = self.setting(request.input.bucket, Setting::Encryption).await;
        // Every bucket has been encrypted by default since 2023.
        let configuration = match kept {
            Err(S3Failure::NoSuchSetting { .. }) => ServerSideEncryptionConfiguration {
                rules: vec![ServerSideEncryptionRule {
                    apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
                        kms_master_key_id: None,
                        sse_algorithm: ServerSideEncryption::from_static(ServerSideEncryption::AES256),
                    }),
                    bucket_key_enabled: Some(false),
                }],
            },
            kept => kept?,
        };
        Ok(GetBucketEncryptionOutput {
            server_side_encryption_configuration: Some(configuration),
        })
    }

    pub(super) async fn put_bucket_encryption(
        &self,
        request: S3Request<PutBucketEncryptionInput>,
    ) -> S3Result<PutBucketEncryptionOutput> {
        let input = request.input;
        self.set(
            input.bucket,
            Setting::Encryption,
            &input.server_side_encryption_configuration,
        )
        .await?;
        Ok(PutBucketEncryptionOutput::default())
    }

    pub(super) async fn delete_bucket_encryption(
        &self,
        request: S3Request<DeleteBucketEncryptionInput>,
    ) -> S3Result<DeleteBucketEncryptionOutput> {
        self.unset(request.input.bucket, Setting::Encryption).await?;
        Ok(DeleteBucketEncryptionOutput::default())
    }

    pub(super) async fn get_bucket_tagging(
        &self,
        request: S3Request<GetBucketTaggingInput>,
    ) -> S3Result<GetBucketTaggingOutput> {
        let tagging: Tagging = self.setting(request.input.bucket, Setting::Tagging).await?;
        Ok(GetBucketTaggingOutput {
            tag_set: tagging.tag_set,
        })
    }

    pub(super) async fn put_bucket_tagging(
        &self,
        request: S3Request<PutBucketTaggingInput>,
    ) -> S3Result<PutBucketTaggingOutput> {
        self.set(request.input.bucket, Setting::Tagging, &request.input.tagging)
            .await?;
        Ok(PutBucketTaggingOutput::default())
    }

    pub(super) async fn delete_bucket_tagging(
        &self,
        request: S3Request<DeleteBucketTaggingInput>,
    ) -> S3Result<DeleteBucketTaggingOutput> {
        self.unset(request.input.bucket, Setting::Tagging).await?;
        Ok(DeleteBucketTaggingOutput::default())
    }

    pub(super) async fn get_public_access_block(
        &self,
        request: S3Request<GetPublicAccessBlockInput>,
    ) -> S3Result<GetPublicAccessBlockOutput> {
        let configuration: Result<Option<PublicAccessBlockConfiguration>, _> = self
            .setting(request.input.bucket, Setting::PublicAccessBlock)
            .await;
        let configuration = match configuration {
            // Every bucket made since 2023 blocks public access, until it is told otherwise.
            Err(S3Failure::NoSuchSetting { .. }) => PublicAccessBlockConfiguration {
                block_public_acls: Some(true),
                block_public_policy: Some(true),
                ignore_public_acls: Some(true),
                restrict_public_buckets: Some(true),
            },
            configuration => configuration?.ok_or_else(|| Setting::PublicAccessBlock.missing())?,
        };
        Ok(GetPublicAccessBlockOutput {
            public_access_block_configuration: Some(configuration),
        })
    }

    pub(super) async fn put_public_access_block(
        &self,
        request: S3Request<PutPublicAccessBlockInput>,
    ) -> S3Result<PutPublicAccessBlockOutput> {
        let input = request.input;
        self.set(
            input.bucket,
            Setting::PublicAccessBlock,
            &input.public_access_block_configuration,
        )
        .await?;
        Ok(PutPublicAccessBlockOutput::default())
    }

    pub(super) async fn delete_public_access_block(
        &self,
        request: S3Request<DeletePublicAccessBlockInput>,
    ) -> S3Result<DeletePublicAccessBlockOutput> {
        let removed: Option<PublicAccessBlockConfiguration> = None;
        self.set(request.input.bucket, Setting::PublicAccessBlock, &removed)
            .await?;
        Ok(DeletePublicAccessBlockOutput::default())
    }

    async fn bucket(&self, name: String) -> Result<BucketRow, S3Failure> {
        self.store
            .inner
            .database
            .ask(move |transaction| BucketRow::existing(transaction, &name))
            .await
    }

    pub(super) async fn setting<T: serde::de::DeserializeOwned>(
        &self,
        bucket: String,
        setting: Setting,
    ) -> Result<T, S3Failure> {
        let get = move |transaction: &rusqlite::Transaction<'_>| {
            BucketRow::existing(transaction, &bucket)?.setting(transaction, setting)
        };
        let json = self
            .store
            .inner
            .database
            .ask(get)
            .await?
            .ok_or_else(|| setting.missing())?;
        Ok(serde_json::from_str(&json)?)
    }

    pub(super) async fn set<T: serde::Serialize>(
        &self,
        bucket: String,
        setting: Setting,
        value: &T,
    ) -> Result<(), S3Failure> {
        let json = serde_json::to_string(value)?;
        let set = move |transaction: &rusqlite::Transaction<'_>| {
            BucketRow::existing(transaction, &bucket)?.set(transaction, setting, Some(&json))
        };
        self.store.inner.database.change(set).await
    }

    pub(super) async fn unset(&self, bucket: String, setting: Setting) -> Result<(), S3Failure> {
        let unset = move |transaction: &rusqlite::Transaction<'_>| {
            BucketRow::existing(transaction, &bucket)?.set(transaction, setting, None)
        };
        self.store.inner.database.change(unset).await
    }
}
