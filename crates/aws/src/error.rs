//! What went wrong in a call, as questions in our words.

use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// The kinds of failure that callers tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The subject does not exist (404, ResourceNotFoundException, NoSuchKey, …).
    NotFound,
    /// Credentials are missing, unknown or not allowed (403, AccessDenied, …).
    AccessDenied,
    /// Too fast; the same call may succeed later.
    Throttled,
    /// A condition did not hold (412, ConditionalCheckFailedException).
    Precondition,
    /// It is there already.
    AlreadyExists,
    /// A service limit is reached (five exports in progress, table limit).
    Limit,
    /// The bucket or resource lives in another Region.
    WrongRegion,
    /// The object lies in an archive and has to be thawed before it is read.
    Archived,
    /// AWS refused the request's content.
    Invalid,
    /// No answer: connection refused, timeout, TLS, DNS.
    Unreachable,
    /// AWS answered with a fault of its own (5xx).
    Service,
    /// Anything else.
    Other,
}

/// A failed call: operation, subject, cause, and what to do.
#[derive(Clone, Debug, thiserror::Error)]
pub struct Error {
    /// The API operation, for example `GetObject`.
    pub operation: &'static str,
    /// What it was called on, for example `s3://bucket/key`.
    pub subject: String,
    /// The kind, for decisions.
    pub kind: ErrorKind,
    /// AWS's error code, where it answered one.
    pub code: Option<String>,
    /// AWS's message or the transport's, verbatim.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} failed: ", self.operation, self.subject)?;
        match &self.code {
            Some(code) if self.message.is_empty() => f.write_str(code)?,
            Some(code) => write!(f, "{code}: {}", self.message)?,
            None => f.write_str(&self.message)?,
        }
        Ok(())
    }
}

impl Error {
    /// An error that we found ourselves, for example in an answer that lacks a field.
    pub fn new(
        operation: &'static str,
        subject: impl Into<String>,
        kind: ErrorKind,
        message: impl Into<String>,
    ) -> Self {
        Self {
            operation,
            subject: subject.into(),
            kind,
            code: None,
            message: message.into(),
        }
    }

    /// Translates an SDK error at the border.
    pub(crate) fn from_sdk<E>(
        operation: &'static str,
        subject: impl Into<String>,
        error: &SdkError<E, Response>,
    ) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let (code, message) = match error {
            SdkError::ServiceError(context) => (
                context.err().code().map(str::to_owned),
                context.err().message().unwrap_or_default().to_owned(),
            ),
            other => (None, chain(other)),
        };
        let kind = match error {
            SdkError::ServiceError(_) | SdkError::ResponseError(_) => kind_of(code.as_deref(), status),
            SdkError::TimeoutError(_) => ErrorKind::Unreachable,
            SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
                ErrorKind::Unreachable
            }
            SdkError::ConstructionFailure(_) => ErrorKind::Invalid,
            // What is left of dispatch failures is credentials that could not be had, or no connector.
            other => kind_of_credentials(other),
        };
        let code = code.or_else(|| status.map(|status| format!("HTTP {status}")));
        Self {
            operation,
            subject: subject.into(),
            kind,
            code,
            message,
        }
    }

    /// Translates what a service answered with `status`.
    pub(crate) fn from_service(
        operation: &'static str,
        subject: impl Into<String>,
        answered: &dyn ProvideErrorMetadata,
        status: u16,
    ) -> Self {
        Self {
            operation,
            subject: subject.into(),
            kind: kind_of(answered.code(), Some(status)),
            code: Some(
                answered
                    .code()
                    .map_or_else(|| format!("HTTP {status}"), str::to_owned),
            ),
            message: answered.message().unwrap_or_default().to_owned(),
        }
    }

    /// Whether the subject does not exist.
    pub fn is_not_found(&self) -> bool {
        self.kind == ErrorKind::NotFound
    }

    /// Whether the same call may succeed when it is made later or slower.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Throttled | ErrorKind::Unreachable | ErrorKind::Service
        )
    }

    /// Whether AWS refused the request for its time: the clock here is another than AWS's.
    fn is_clock(&self) -> bool {
        match self.code.as_deref() {
            Some("RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture") => true,
            Some("InvalidSignatureException" | "SignatureDoesNotMatch") => {
                ["Signature expired", "Signature not yet current"]
                    .iter()
                    .any(|said| self.message.contains(said))
            }
            _ => false,
        }
    }

    /// What an operator can do about it, where that follows from the kind.
    pub fn hint(&self) -> Option<&'static str> {
        match self.kind {
            _ if self.is_clock() => {
                Some("Set this machine's clock: AWS refuses what is signed minutes away from its own time.")
            }
            ErrorKind::AccessDenied
                if matches!(
                    self.code.as_deref(),
                    Some("ExpiredToken" | "ExpiredTokenException")
                ) =>
            {
                Some(
                    "The credentials have expired: sign in again, or let the process have a role that renews them.",
                )
            }
            ErrorKind::AccessDenied => Some(
                "Check the credentials that this process runs with and what their policy allows on this resource.",
            ),
            ErrorKind::NotFound => Some("Check the name and the Region."),
            ErrorKind::WrongRegion => Some("Name the Region in which the bucket lies."),
            ErrorKind::Unreachable => Some(
                "Check the network, the endpoint settings (AWS_ENDPOINT_URL…) and whether the Region is up.",
            ),
            ErrorKind::Archived => Some(
                "Thaw the copy first (`data-restore thaw-copy`, or `restore --thaw TIER`), or take a copy in another Region.",
            ),
            ErrorKind::Limit => Some("Wait for what is in progress, or ask AWS for a higher quota."),
            ErrorKind::Throttled
            | ErrorKind::Precondition
            | ErrorKind::AlreadyExists
            | ErrorKind::Invalid
            | ErrorKind::Service
            | ErrorKind::Other => None,
        }
    }
}

pub(crate) fn kind_of(code: Option<&str>, status: Option<u16>) -> ErrorKind {
    match code.unwrap_or_default() {
        "NoSuchKey"
        | "NoSuchBucket"
        | "NoSuchEntity"
        | "NoSuchUpload"
        | "NotFound"
        | "NotFoundException"
        | "ResourceNotFoundException"
        | "ExportTaskNotFound"
        | "ExportTaskNotFoundFault"
        | "DBSnapshotNotFound"
        | "DBInstanceNotFound"
        | "TableNotFoundException"
        | "ImportNotFoundException"
        | "QueueDoesNotExist"
        | "AWS.SimpleQueueService.NonExistentQueue" => ErrorKind::NotFound,
        "AccessDenied"
        | "AccessDeniedException"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidToken"
        | "RequestTimeTooSkewed"
        | "RequestExpired"
        | "RequestInTheFuture"
        | "Forbidden"
        | "AllAccessDisabled" => ErrorKind::AccessDenied,
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "Throttling"
        | "RequestLimitExceeded"
        | "SlowDown"
        | "TooManyRequestsException" => ErrorKind::Throttled,
        "ConditionalCheckFailedException"
        | "PreconditionFailed"
        | "ConditionalRequestConflict"
        | "ImportConflictException"
        | "TransactionCanceledException" => ErrorKind::Precondition,
        "ResourceInUseException"
        | "AlreadyExistsException"
        | "BucketAlreadyExists"
        | "BucketAlreadyOwnedByYou"
        | "ExportTaskAlreadyExists"
        | "ExportTaskAlreadyExistsFault" => ErrorKind::AlreadyExists,
        "LimitExceededException" | "ExportTaskLimitReachedFault" | "ExportTaskLimitReached" => {
            ErrorKind::Limit
        }
        "InvalidObjectState" => ErrorKind::Archived,
        // S3 may say 200 first, and then that it failed: CopyObject, UploadPartCopy and CompleteMultipartUpload do.
        "InternalError" => ErrorKind::Service,
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
            ErrorKind::WrongRegion
        }
        _ => match status {
            Some(301 | 307) => ErrorKind::WrongRegion,
            Some(401 | 403) => ErrorKind::AccessDenied,
            Some(404) => ErrorKind::NotFound,
            Some(409 | 412) => ErrorKind::Precondition,
            Some(429 | 503) => ErrorKind::Throttled,
            Some(400..=499) => ErrorKind::Invalid,
            Some(500..=599) => ErrorKind::Service,
            _ => ErrorKind::Other,
        },
    }
}

/// Why credentials could not be had: nobody answered who could give them, or they are refused.
pub(crate) fn kind_of_credentials(error: &(dyn std::error::Error + 'static)) -> ErrorKind {
    let mut source = Some(error);
    let mut is_about_credentials = false;
    while let Some(cause) = source {
        match cause.downcast_ref::<CredentialsError>() {
            Some(CredentialsError::ProviderTimedOut(_)) => return ErrorKind::Unreachable,
            Some(_) => is_about_credentials = true,
            None => {}
        }
        match cause.downcast_ref::<SdkError<AssumeRoleError, Response>>() {
            Some(SdkError::ServiceError(context)) => {
                let status = context.raw().status().as_u16();
                return kind_of(context.err().code(), Some(status));
            }
            Some(_) => return ErrorKind::Unreachable,
            None => {}
        }
        source = cause.source();
    }
    if is_about_credentials {
        ErrorKind::AccessDenied
    } else {
        ErrorKind::Unreachable
    }
}

/// An error and its sources in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
