//! What a data folder says of its history: being made, or made. A start that was killed in between is noticed by it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Result};
use crate::folders;

/// The state of a data folder's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "history")]
pub enum Marker {
    /// Nothing is there yet.
    Absent,
    /// It was being made; what is there is half and is made again.
    Making,
    /// It is there.
    Made {
        /// Since when.
        at: Timestamp,
        /// A Region that replication does not reach, and until when.
        outage: Option<Outage>,
    },
}

/// A Region that replication does not reach for some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// The Region.
    pub region: String,
    /// When it ends.
    pub until: Timestamp,
}

impl Marker {
    /// Reads the marker of a data folder.
    pub fn read(data_dir: &Path) -> Result<Self> {
        let path = path(data_dir);
        match std::fs::read(&path) {
            Ok(json) => serde_json::from_slice(&json).map_err(|error| {
                Failure::new("file", format!("Reading {} failed: {error}", path.display()))
                    .hint("Remove the data folder to begin anew, or name another one with --data-dir.")
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::Absent),
            Err(error) => Err(Failure::file("Reading", &path, &error)),
        }
    }

    /// Writes it.
    pub fn write(&self, data_dir: &Path) -> Result<()> {
        let json = serde_json::to_vec_pretty(self).unwrap_or_default();
        folders::write_private(&path(data_dir), &json)
    }
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("history.json")
}
