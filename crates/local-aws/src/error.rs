//! Why an embedded cloud could not be started.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why an embedded cloud could not be started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The emulator has no business on a network.
    #[error("cannot listen on {0}: the embedded AWS listens on loopback addresses only; use 127.0.0.1")]
    NotLoopback(SocketAddr),
    /// The port is taken or not ours to take.
    #[error("cannot listen on {address}: {source}; choose another port or stop what uses this one")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// An option makes no sense.
    #[error("cannot start the embedded AWS: {0}")]
    Options(String),
    /// A Region that does not exist.
    #[error("the embedded AWS has no Region {0:?}")]
    NoRegion(String),
    /// A file or folder of the data folder could not be used.
    #[error("cannot {operation} {path}: {source}")]
    Folder {
        /// What was tried, for example `create`.
        operation: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process works on the same data folder.
    #[error("the data folder {0} is in use by another process; stop it or choose another folder")]
    InUse(PathBuf),
    /// A database of the data folder could not be opened.
    #[error("cannot open the database {path}: {reason}")]
    Database {
        /// Which file.
        path: PathBuf,
        /// What the database said.
        reason: String,
    },
}

impl Error {
    /// A [`Error::Folder`] from what the system said.
    pub(crate) fn folder(
        operation: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Folder {
            operation,
            path,
            source,
        }
    }
}
