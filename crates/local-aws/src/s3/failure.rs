//! Why S3 refused or failed, in S3's own words.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use http::{HeaderMap, HeaderValue, StatusCode};
use s3s::{S3Error, S3ErrorCode};

/// Why an S3 operation was refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum S3Failure {
    /// No bucket has this name in any Region.
    #[error("the bucket {0} does not exist")]
    NoSuchBucket(String),
    /// The bucket lives in another Region than the request was signed for.
    #[error("the bucket {bucket} is in Region {region}, not in {asked}; send the request to {region}")]
    WrongRegion {
        /// The bucket.
        bucket: String,
        /// Where it lives.
        region: String,
        /// The Region asked for.
        asked: String,
    },
    /// The bucket belongs to another account whose policy doesn't let this one in, or a policy denies it.
    #[error("account {account} is not authorized to perform {action} on {resource}")]
    AccessDenied {
        /// Who asked.
        account: String,
        /// What for, for example `s3:GetObject`.
        action: String,
        /// On which bucket or object, as an ARN.
        resource: String,
    },
    /// Another account has a bucket of this name.
    #[error("the requested bucket name {0} is not available; the namespace is shared by all accounts")]
    BucketAlreadyExists(String),
    /// The account already has this bucket.
    #[error("the bucket {0} already exists and is owned by you")]
    BucketAlreadyOwnedByYou(String),
    /// Versions, delete markers included, or uploads are still in it.
    #[error("the bucket {0} is not empty; delete all versions, delete markers and uploads first")]
    BucketNotEmpty(String),
    /// The bucket has no configuration of this kind.
    #[error("{message}")]
    NoSuchSetting {
        /// S3's code, for example `ReplicationConfigurationNotFoundError`.
        code: &'static str,
        /// S3's message.
        message: &'static str,
    },
    /// No current version has this key.
    #[error("the object s3://{bucket}/{key} does not exist")]
    NoSuchKey {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// The newest version, or the one asked for, is a delete marker.
    #[error("the version {version_id} of s3://{bucket}/{key} is a delete marker")]
    DeleteMarker {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
        /// The delete marker's id.
        version_id: String,
        /// It was asked for by its id.
        named: bool,
    },
    /// The key has no such version.
    #[error("s3://{bucket}/{key} has no version {version_id}")]
    NoSuchVersion {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
        /// The id asked for.
        version_id: String,
    },
    /// The upload was completed, aborted or never began.
    #[error("the multipart upload {0} does not exist; it may have been aborted or completed")]
    NoSuchUpload(String),
    /// A part named on completion is missing or another one.
    #[error(
        "part {0} could not be found, or its entity tag or checksum doesn't match the uploaded part's; upload it again"
    )]
    InvalidPart(i32),
    /// Parts must be listed in ascending order.
    #[error("the list of parts was not in ascending order; parts must be ordered by part number")]
    InvalidPartOrder,
    /// A part other than the last is below 5 MiB.
    #[error("part {0} is smaller than the minimum allowed size of 5 MiB")]
    EntityTooSmall(i32),
    /// A condition of the request does not hold.
    #[error("at least one of the preconditions you specified did not hold: {0}")]
    PreconditionFailed(&'static str),
    /// The client's cached version is current.
    #[error("not modified")]
    NotModified,
    /// The bytes are not those that the client hashed.
    #[error("the {0} you specified did not match what we received")]
    BadDigest(&'static str),
    /// The digest cannot be one.
    #[error("the {0} you specified is not valid")]
    InvalidDigest(&'static str),
    /// A range outside the object.
    #[error("the requested range is not satisfiable")]
    InvalidRange,
    /// The object lies in an archive, or not in one, and the request needs the other.
    #[error("{0}")]
    InvalidObjectState(&'static str),
    /// An archived object is being thawed already.
    #[error("Object restore is already in progress")]
    RestoreAlreadyInProgress,
    /// Object lock keeps the version.
    #[error("Access Denied because object protected by object lock.")]
    Locked,
    /// The request contradicts itself or the bucket's state.
    #[error("{0}")]
    InvalidRequest(String),
    /// A value outside what S3 takes.
    #[error("{0}")]
    InvalidArgument(String),
    /// Something else about the request: the Region of a new bucket, the bucket's state, an object's tags.
    #[error("{message}")]
    Refused {
        /// S3's code, for example `InvalidLocationConstraint`.
        code: &'static str,
        /// S3's message.
        message: String,
    },
    /// The policy cannot be read.
    #[error("the policy is malformed: {0}")]
    MalformedPolicy(String),
    /// The body broke off or its chunks are malformed.
    #[error("you did not provide the number of bytes specified by the Content-Length HTTP header: {0}")]
    IncompleteBody(String),
    /// The database or the disk failed.
    #[error("S3 storage failed: {0}")]
    Storage(String),
}

impl S3Failure {
    pub(super) fn storage(error: &dyn std::fmt::Display) -> Self {
        Self::Storage(error.to_string())
    }

    pub(super) fn no_such_key(bucket: &str, key: &str) -> Self {
        Self::NoSuchKey {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        }
    }

    fn code(&self) -> S3ErrorCode {
        match self {
            Self::NoSuchBucket(_) => S3ErrorCode::NoSuchBucket,
            Self::WrongRegion { .. } => S3ErrorCode::PermanentRedirect,
            Self::AccessDenied { .. } | Self::Locked => S3ErrorCode::AccessDenied,
            Self::BucketAlreadyExists(_) => S3ErrorCode::BucketAlreadyExists,
            Self::BucketAlreadyOwnedByYou(_) => S3ErrorCode::BucketAlreadyOwnedByYou,
            Self::BucketNotEmpty(_) => S3ErrorCode::BucketNotEmpty,
            Self::NoSuchSetting { code, .. } | Self::Refused { code, .. } => {
                S3ErrorCode::Custom((*code).into())
            }
            Self::NoSuchKey { .. } | Self::DeleteMarker { named: false, .. } => S3ErrorCode::NoSuchKey,
            Self::DeleteMarker { named: true, .. } => S3ErrorCode::MethodNotAllowed,
            Self::NoSuchVersion { .. } => S3ErrorCode::NoSuchVersion,
            Self::NoSuchUpload(_) => S3ErrorCode::NoSuchUpload,
            Self::InvalidPart(_) => S3ErrorCode::InvalidPart,
            Self::InvalidPartOrder => S3ErrorCode::InvalidPartOrder,
            Self::EntityTooSmall(_) => S3ErrorCode::EntityTooSmall,
            Self::PreconditionFailed(_) => S3ErrorCode::PreconditionFailed,
            Self::NotModified => S3ErrorCode::NotModified,
            Self::BadDigest(_) => S3ErrorCode::BadDigest,
            Self::InvalidDigest(_) => S3ErrorCode::InvalidDigest,
            Self::InvalidRange => S3ErrorCode::InvalidRange,
            Self::InvalidObjectState(_) => S3ErrorCode::InvalidObjectState,
            Self::RestoreAlreadyInProgress => S3ErrorCode::RestoreAlreadyInProgress,
            Self::InvalidRequest(_) => S3ErrorCode::InvalidRequest,
            Self::InvalidArgument(_) => S3ErrorCode::InvalidArgument,
            Self::MalformedPolicy(_) => S3ErrorCode::MalformedPolicy,
            Self::IncompleteBody(_) => S3ErrorCode::IncompleteBody,
            Self::Storage(_) => S3ErrorCode::InternalError,
        }
    }

    fn status(&self) -> Option<StatusCode> {
        match self {
            Self::WrongRegion { .. } => Some(StatusCode::MOVED_PERMANENTLY),
            Self::NoSuchSetting { .. } => Some(StatusCode::NOT_FOUND),
            Self::RestoreAlreadyInProgress
            | Self::Refused {
                code: "InvalidBucketState",
                ..
            } => Some(StatusCode::CONFLICT),
            Self::Refused { .. } => Some(StatusCode::BAD_REQUEST),
            Self::NotModified => Some(StatusCode::NOT_MODIFIED),
            Self::InvalidObjectState(_) => Some(StatusCode::FORBIDDEN),
            _ => None,
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        match self {
            Self::WrongRegion { region, .. } => {
                if let Ok(region) = HeaderValue::from_str(region) {
                    headers.insert("x-amz-bucket-region", region);
                }
            }
            Self::DeleteMarker { version_id, .. } => {
                headers.insert("x-amz-delete-marker", HeaderValue::from_static("true"));
                if let Ok(version_id) = HeaderValue::from_str(version_id) {
                    headers.insert("x-amz-version-id", version_id);
                }
            }
            _ => {}
        }
        headers
    }
}

impl From<S3Failure> for S3Error {
    fn from(failure: S3Failure) -> Self {
        if let S3Failure::Storage(reason) = &failure {
            tracing::error!(reason, "S3 storage failed");
        }
        let mut error = Self::with_message(failure.code(), failure.to_string());
        if let Some(status) = failure.status() {
            error.set_status_code(status);
        }
        let headers = failure.headers();
        if !headers.is_empty() {
            // These take the place of the answer's own, its content type included.
            let mut headers = headers;
            headers.insert(
                http::header::CONTENT_TYPE,
                HeaderValue::from_static("application/xml"),
            );
            error.set_headers(headers);
        }
        error
    }
}

impl From<std::io::Error> for S3Failure {
    fn from(error: std::io::Error) -> Self {
        Self::storage(&error)
    }
}

impl From<rusqlite::Error> for S3Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::storage(&error)
    }
}

impl From<serde_json::Error> for S3Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::storage(&error)
    }
}
