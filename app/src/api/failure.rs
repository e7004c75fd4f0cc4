//! Why a server function did not answer, in terms that a page can show.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use recovery::actor::Role;
use recovery::filter::FilterError;
use serde::{Deserialize, Serialize};

/// Why a server function did not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Failure {
    /// Nobody is signed in, or the session has ended.
    #[error("You are signed out.")]
    SignedOut,
    /// The actor's role does not allow it. Nothing was changed.
    #[error("This needs the {} role.", .needs.name())]
    NotPermitted {
        /// The role that is needed.
        needs: Role,
    },
    /// What the address names does not exist.
    #[error("{subject} was not found.")]
    NotFound {
        /// What was looked for, with its article.
        subject: String,
    },
    /// A filter is not understood.
    #[error("{0}")]
    Filter(FilterError),
    /// It was understood and is refused; nothing was changed.
    #[error("{message}")]
    Refused {
        /// What and why.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The server, or what it stands on, does not answer now.
    #[error("{message}")]
    Unreachable {
        /// What was tried and what came back.
        message: String,
        /// What to do about it.
        hint: Option<String>,
        /// The request's id, by which the logs tell more.
        request_id: Option<String>,
    },
}

impl Failure {
    /// What to do about it, where something can be said.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Refused { hint, .. } | Self::Unreachable { hint, .. } => hint.as_deref(),
            Self::SignedOut | Self::NotPermitted { .. } | Self::NotFound { .. } | Self::Filter(_) => None,
        }
    }
}

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => Self::Refused {
                message: "The server did not understand the request.".to_owned(),
                hint: Some(error.to_string()),
            },
            ServerFnErrorErr::Request(_) => Self::Unreachable {
                message: "The server does not answer.".to_owned(),
                hint: Some("Check your connection; the page tries again by itself.".to_owned()),
                request_id: None,
            },
            other => Self::Unreachable {
                message: "The server could not answer.".to_owned(),
                hint: Some(other.to_string()),
                request_id: None,
            },
        }
    }
}
