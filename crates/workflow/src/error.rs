//! What went wrong in a use case, in words that name operation, subject, cause and hint.

use recovery::actor::Permission;
use recovery::filter::FilterError;
use recovery::ids::{RecoveryPointId, Region, RunId, SourceId};
use recovery::preflight::Preflight;

/// A use case that was refused or could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings cannot be worked with.
    #[error("the settings are invalid: {0}")]
    Settings(String),
    /// The actor's role does not hold the permission.
    #[error("{actor} may not do this: it needs the {} role", .permission.needs().name())]
    NotPermitted {
        /// Who tried.
        actor: String,
        /// What was missing.
        permission: Permission,
    },
    /// There is no such thing.
    #[error("{kind} {id} is not known")]
    NotFound {
        /// What was looked for: `source`, `recovery point`, `run`, `copy`.
        kind: &'static str,
        /// Its identifier.
        id: String,
    },
    /// The request contradicts itself, the settings or what is recorded.
    #[error("{0}")]
    Invalid(String),
    /// A filter that is not understood.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A Region that the settings do not name.
    #[error("Region {region} is not configured; the configured ones are {configured}")]
    RegionNotConfigured {
        /// What was asked for.
        region: Region,
        /// What there is, separated by commas.
        configured: String,
    },
    /// The copy may not be restored, because its verdict is not `Verified`.
    #[error(
        "the copy of {point} in {region} is {verdict}, and only verified copies are restored: {explanation}"
    )]
    NotRestorable {
        /// The recovery point.
        point: RecoveryPointId,
        /// The copy's Region.
        region: Region,
        /// The verdict's name.
        verdict: &'static str,
        /// What was found.
        explanation: String,
    },
    /// The copy lies in Glacier and cannot be read before it is thawed.
    #[error("the copy of {point} in {region} lies in {class} and must be thawed before it is read")]
    NeedsThaw {
        /// The recovery point.
        point: RecoveryPointId,
        /// The copy's Region.
        region: Region,
        /// Its storage class.
        class: String,
    },
    /// The preflight found what refuses the run; nothing was written.
    #[error("the plan is blocked: {}", first_blocking(.0))]
    Blocked(Box<Preflight>),
    /// It is not in a state that allows this (no export yet, run ended already).
    #[error("{0}")]
    Conflict(String),
    /// Somebody else changed the same record at the same time, again and again.
    #[error("{subject} is being changed by others at this moment; try again")]
    Contended {
        /// What was to be changed.
        subject: String,
    },
    /// A call of AWS failed.
    #[error(transparent)]
    Aws(#[from] aws::Error),
    /// The engine could not read the copy or write the targets, or refuses to.
    #[error(transparent)]
    Restore(#[from] restore::Error),
    /// A record of the control table cannot be read.
    #[error("record {key} of the control table cannot be read: {cause}")]
    Record {
        /// Partition and sort key.
        key: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The audit chain does not hold.
    #[error("the audit chain is broken at entry {sequence}: {cause}")]
    BrokenChain {
        /// The first entry that does not hold.
        sequence: u64,
        /// What does not hold.
        cause: String,
    },
}

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What the user or operator can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Settings(_) => Some("Correct the configuration file or flag and start again.".to_owned()),
            Self::NotPermitted { permission, .. } => Some(format!(
                "Ask somebody with the {} role.",
                permission.needs().name()
            )),
            Self::NotRestorable { .. } => Some(
                "Choose another copy of this recovery point, or another recovery point; check the copy again \
                 once its objects are there."
                    .to_owned(),
            ),
            Self::NeedsThaw { .. } => Some(
                "Agree to a thaw when the restore is started (`thaw` of POST /api/v1/restores, `restore --thaw`, or on the \
                 page), and it waits for it; or choose a copy in another Region."
                    .to_owned(),
            ),
            Self::Blocked(preflight) => preflight.blocking().find_map(|finding| finding.hint.clone()),
            Self::Aws(error) => error.hint().map(str::to_owned),
            Self::Restore(error) => error.hint(),
            Self::RegionNotConfigured { .. } => {
                Some("Choose one of the configured Regions, or add this one to the configuration.".to_owned())
            }
            Self::BrokenChain { .. } => Some(
                "The log was altered, or entries are missing. Keep it as it is and compare it with another export."
                    .to_owned(),
            ),
            Self::NotFound { .. }
            | Self::Invalid(_)
            | Self::Filter(_)
            | Self::Conflict(_)
            | Self::Contended { .. }
            | Self::Record { .. } => None,
        }
    }

    /// Whether the same call may succeed when it is made later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Aws(error) => error.is_transient(),
            Self::Restore(error) => error.is_transient(),
            Self::Contended { .. } => true,
            _ => false,
        }
    }

    /// The conditional write that lost a race.
    pub(crate) fn is_precondition(&self) -> bool {
        matches!(self, Self::Aws(error) if error.kind == aws::ErrorKind::Precondition)
    }

    pub(crate) fn no_source(id: &SourceId) -> Self {
        Self::NotFound {
            kind: "source",
            id: id.to_string(),
        }
    }

    pub(crate) fn no_point(id: &RecoveryPointId) -> Self {
        Self::NotFound {
            kind: "recovery point",
            id: id.to_string(),
        }
    }

    pub(crate) fn no_run(id: &RunId) -> Self {
        Self::NotFound {
            kind: "run",
            id: id.to_string(),
        }
    }
}

fn first_blocking(preflight: &Preflight) -> String {
    let mut blocking = preflight.blocking();
    let first = blocking
        .next()
        .map_or_else(String::new, |finding| finding.message.clone());
    match blocking.count() {
        0 => first,
        more => format!("{first} (and {more} more)"),
    }
}
