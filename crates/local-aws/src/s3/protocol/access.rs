//! Who may do what: the keys that may sign, and the bucket's Region, owner and policy.

use std::sync::Arc;

use jiff::Timestamp;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::path::S3Path;
use s3s::{S3Request, S3Result, s3_error};

use super::super::buckets::{Asker, Bucket};
use super::super::{S3Failure, S3Store};
use super::subresource;
use crate::front::{Calls, Signed, session_token};
use crate::keyring::{Keyring, Unaccepted};

/// The Region of a request's credential scope, which the front puts into its extensions: `s3s` shows it to
/// operations, but not to access checks.
#[derive(Clone, Debug)]
pub(crate) struct SignedRegion(pub(crate) String);

/// The keys that may sign.
pub(crate) struct Keys(pub(crate) Arc<Keyring>);

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match self.0.secret(access_key) {
            Some(secret) => Ok(SecretKey::from(secret)),
            None => Err(s3_error!(
                InvalidAccessKeyId,
                "The AWS Access Key Id you provided does not exist in our records."
            )),
        }
    }
}

/// Decides every request before its body is read, and leaves an [`Asker`] in its extensions.
pub(crate) struct Access {
    pub(crate) store: S3Store,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) calls: Option<Arc<Calls>>,
}

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        // Nothing in the embedded cloud is public.
        let Some(access_key) = context
            .credentials()
            .map(|credentials| credentials.access_key.clone())
        else {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        };
        let token = session_token(context.headers(), context.uri());
        let (account, _) = self
            .keyring
            .identify(&access_key, token.as_deref(), Timestamp::now())
            .map_err(|unaccepted| match unaccepted {
                Unaccepted::Unknown => s3_error!(
                    InvalidToken,
                    "The provided token is malformed or otherwise invalid."
                ),
                Unaccepted::Expired => s3_error!(ExpiredToken, "The provided token has expired."),
            })?;
        let region = context
            .extensions_mut()
            .get::<SignedRegion>()
            .map(|region| region.0.clone())
            .unwrap_or_default();
        let asker = Asker {
            account: account.id.clone(),
            region,
        };
        context.extensions_mut().insert(asker.clone());
        let (bucket, key) = match context.s3_path() {
            S3Path::Root => return Ok(()),
            S3Path::Bucket { bucket } => (bucket.to_string(), None),
            S3Path::Object { bucket, key } => (bucket.to_string(), Some(key.to_string())),
        };
        if let Some(parameter) = subresource::unknown(context.uri(), key.is_some()) {
            return Err(s3_error!(
                NotImplemented,
                "The embedded S3 has no operation with the query parameter {parameter}"
            ));
        }
        let operation = context.s3_op().name().to_owned();
        if let Some(calls) = &self.calls {
            let by = Signed {
                account: &account,
                region: &asker.region,
                service: "s3",
            };
            calls.record(
                by,
                &touched(&operation, &bucket, key.as_deref(), context.headers()),
            );
        }
        if operation == "CreateBucket" {
            return Ok(());
        }
        let expected_owner = context
            .headers()
            .get("x-amz-expected-bucket-owner")
            .and_then(|owner| owner.to_str().ok())
            .map(str::to_owned);
        let decide = move |transaction: &rusqlite::Transaction<'_>| {
            let action = action(&operation);
            let bucket = match action {
                // The one question whose answer helps a client that doesn't know the Region.
                "GetBucketLocation" => {
                    let bucket = Bucket::existing(transaction, &bucket)?;
                    bucket.permit(transaction, &asker, action, None)?;
                    bucket
                }
                // Each key is asked for by itself.
                "DeleteObjects" => Bucket::in_region(transaction, &asker, &bucket)?,
                _ => Bucket::open(transaction, &asker, &bucket, action, key.as_deref())?,
            };
            match expected_owner {
                Some(owner) if owner != bucket.account => Err(S3Failure::AccessDenied {
                    account: asker.account,
                    action: format!("s3:{action}"),
                    resource: format!("arn:aws:s3:::{}", bucket.name),
                }),
                _ => Ok(()),
            }
        };
        Ok(self.store.inner.database.ask(decide).await?)
    }
}

/// What an operation touches: its bucket or object, and what it copies.
fn touched(
    operation: &str,
    bucket: &str,
    key: Option<&str>,
    headers: &http::HeaderMap,
) -> Vec<(String, String)> {
    let resource = match key {
        Some(key) => format!("arn:aws:s3:::{bucket}/{key}"),
        None => format!("arn:aws:s3:::{bucket}"),
    };
    let copied = headers
        .get("x-amz-copy-source")
        .and_then(|source| source.to_str().ok())
        .map(|source| {
            let resource = format!("arn:aws:s3:::{}", source.trim_start_matches('/'));
            (format!("{operation}/source"), resource)
        });
    std::iter::once((operation.to_owned(), resource))
        .chain(copied)
        .collect()
}

/// The IAM action that an operation needs, where it isn't its own name.
fn action(operation: &str) -> &str {
    match operation {
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => "ListBucket",
        "ListObjectVersions" => "ListBucketVersions",
        "ListMultipartUploads" => "ListBucketMultipartUploads",
        "ListParts" => "ListMultipartUploadParts",
        "HeadObject" => "GetObject",
        "CopyObject"
        | "CreateMultipartUpload"
        | "UploadPart"
        | "UploadPartCopy"
        | "CompleteMultipartUpload" => "PutObject",
        "PutBucketReplication" | "DeleteBucketReplication" => "PutReplicationConfiguration",
        "GetBucketReplication" => "GetReplicationConfiguration",
        "PutBucketEncryption" | "DeleteBucketEncryption" => "PutEncryptionConfiguration",
        "GetBucketEncryption" => "GetEncryptionConfiguration",
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => "PutBucketPublicAccessBlock",
        "GetPublicAccessBlock" => "GetBucketPublicAccessBlock",
        "PutObjectLockConfiguration" => "PutBucketObjectLockConfiguration",
        "GetObjectLockConfiguration" => "GetBucketObjectLockConfiguration",
        "DeleteBucketTagging" => "PutBucketTagging",
        "GetBucketLifecycleConfiguration" => "GetLifecycleConfiguration",
        "PutBucketLifecycleConfiguration" | "DeleteBucketLifecycle" => "PutLifecycleConfiguration",
        operation => operation,
    }
}

/// Who asks, as [`Access`] found out.
pub(super) fn asker<T>(request: &S3Request<T>) -> S3Result<Asker> {
    request
        .extensions
        .get::<Asker>()
        .cloned()
        .ok_or_else(|| s3_error!(AccessDenied, "Access Denied"))
}
