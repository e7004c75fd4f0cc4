//! AWS Backup's errors.

use http::StatusCode;

use crate::control::RecordError;

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: message.into(),
        }
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new("ResourceNotFoundException", message)
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValueException", message)
    }

    pub fn missing(name: &str) -> Self {
        Self::new(
            "MissingParameterValueException",
            format!("{name} must not be empty."),
        )
    }

    pub fn exists(message: impl Into<String>) -> Self {
        Self::new("AlreadyExistsException", message)
    }

    pub fn refused(message: impl Into<String>) -> Self {
        Self::new("InvalidRequestException", message)
    }

    pub fn unknown(operation: impl std::fmt::Display) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "UnknownOperationException",
            message: format!("The embedded AWS Backup has no operation {operation}"),
        }
    }
}

impl From<RecordError> for Fault {
    fn from(cause: RecordError) -> Self {
        tracing::error!(%cause, "the embedded AWS Backup failed");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "ServiceUnavailableException",
            message: cause.to_string(),
        }
    }
}
