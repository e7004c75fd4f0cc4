//! How a command fails: what was tried, on what, why it did not work, and what to do.

use std::fmt;

use serde::Serialize;

/// The result of a command.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// A failed or refused command, as a person or a script reads it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failure {
    /// A stable name for scripts: `not_found`, `access_denied`, `refused`, …
    pub code: &'static str,
    /// Operation, subject and cause.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// More for scripts, where a command has more to say: findings, candidates, a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<serde_json::Value>,
    /// 1 for failed or refused, 2 for a command that was written wrongly.
    #[serde(skip)]
    pub exit_code: u8,
}

impl Failure {
    /// Something was tried and failed, or was refused.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
            detail: None,
            exit_code: 1,
        }
    }

    /// The command itself is wrong; nothing was tried.
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            exit_code: 2,
            ..Self::new("usage", message)
        }
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what only scripts read.
    #[must_use]
    pub fn detail(mut self, detail: &impl Serialize) -> Self {
        self.detail = serde_json::to_value(detail).ok();
        self
    }

    /// A file or folder could not be used.
    pub fn file(operation: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let failure = Self::new("file", format!("{operation} {} failed: {error}", path.display()));
        match error.kind() {
            std::io::ErrorKind::NotFound => failure.hint("Check the path."),
            std::io::ErrorKind::PermissionDenied => {
                failure.hint("Check who owns the path and what this user may do there.")
            }
            _ => failure,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<aws::Error> for Failure {
    fn from(error: aws::Error) -> Self {
        Self {
            hint: error.hint().map(str::to_owned),
            ..Self::new(code_of(error.kind), error.to_string())
        }
    }
}

/// The stable name of a kind of AWS failure.
pub fn code_of(kind: aws::ErrorKind) -> &'static str {
    use aws::ErrorKind;
    match kind {
        ErrorKind::NotFound => "not_found",
        ErrorKind::AccessDenied => "access_denied",
        ErrorKind::Throttled => "throttled",
        ErrorKind::Precondition => "precondition",
        ErrorKind::AlreadyExists => "already_exists",
        ErrorKind::Limit => "limit",
        ErrorKind::Archived => "archived",
        ErrorKind::WrongRegion => "wrong_region",
        ErrorKind::Invalid => "invalid",
        ErrorKind::Unreachable => "unreachable",
        ErrorKind::Service => "service",
        ErrorKind::Other => "failed",
    }
}

impl From<workflow::Error> for Failure {
    fn from(error: workflow::Error) -> Self {
        let code = match &error {
            workflow::Error::Aws(error) => code_of(error.kind),
            workflow::Error::Settings(_) => "configuration",
            workflow::Error::NotFound { .. } => "not_found",
            workflow::Error::NeedsThaw { .. } => "archived",
            _ => "failed",
        };
        Self {
            hint: error.hint(),
            ..Self::new(code, error.to_string())
        }
    }
}

impl From<restore::Error> for Failure {
    fn from(error: restore::Error) -> Self {
        let code = match &error {
            restore::Error::Aws(error) => code_of(error.kind),
            restore::Error::Refused(refusal) => refusal.code,
            restore::Error::Stalled { .. } => "stalled",
            restore::Error::State { .. } => "file",
            restore::Error::Cancelled => "cancelled",
            restore::Error::Worker(_) => "internal",
        };
        Self {
            hint: error.hint(),
            ..Self::new(code, error.to_string())
        }
    }
}
