//! What can go wrong with a restore, and what to do about it.

use std::fmt;

/// A failed or refused piece of a restore: operation, subject, cause, hint.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A call to AWS failed.
    #[error(transparent)]
    Aws(#[from] aws::Error),
    /// Something about the request, the copy or a target forbids the restore. Nothing was written for it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// DynamoDB took none of a batch's items for so long that going on makes no sense.
    #[error("writing to {target} made no progress for {seconds} s: {cause}")]
    Stalled {
        /// The table.
        target: String,
        /// How long it was tried.
        seconds: u64,
        /// What was answered last.
        cause: String,
    },
    /// What a run had recorded could not be read or written.
    #[error("{operation} of {subject} failed: {cause}")]
    State {
        /// What was done.
        operation: &'static str,
        /// To which file or record.
        subject: String,
        /// Why it failed.
        cause: String,
    },
    /// Somebody cancelled it. What was acknowledged is recorded.
    #[error("cancelled")]
    Cancelled,
    /// A thread of this process ended early, which is a fault of the program.
    #[error("a worker of this process ended early: {0}")]
    Worker(String),
}

/// A refusal, with a stable code for scripts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// A stable name: `unknown_table`, `incomplete_export`, `damaged_object`, …
    pub code: &'static str,
    /// The table, column or object.
    pub subject: String,
    /// Why it is refused, in a sentence without its subject.
    pub cause: String,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.cause)
    }
}

impl Refusal {
    /// A refusal.
    pub fn new(
        code: &'static str,
        subject: impl Into<String>,
        cause: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            code,
            subject: subject.into(),
            cause: cause.into(),
            hint: hint.into(),
        }
    }
}

impl Error {
    /// What an operator can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Aws(error) => error.hint().map(str::to_owned),
            Self::Refused(refusal) => Some(refusal.hint.clone()),
            Self::Stalled { .. } => Some(
                "Raise the table's write capacity or warm throughput, then run the same plan again: it goes on from \
                 what is recorded."
                    .to_owned(),
            ),
            Self::State { .. } => {
                Some("Check that the state can be written, then run the same plan again.".to_owned())
            }
            Self::Cancelled => Some("Run the same plan again to go on from what is recorded.".to_owned()),
            Self::Worker(_) => Some("Run the same plan again, and report this with the logs.".to_owned()),
        }
    }

    /// Whether the same thing may succeed when it is done again without any change.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Aws(error) => error.is_transient(),
            Self::Stalled { .. } | Self::Worker(_) => true,
            Self::Refused(_) | Self::State { .. } | Self::Cancelled => false,
        }
    }

    /// A task that did not end by itself.
    pub(crate) fn from_join(error: &tokio::task::JoinError) -> Self {
        Self::Worker(error.to_string())
    }
}
