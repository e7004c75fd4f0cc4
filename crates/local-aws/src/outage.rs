//! Regions that are cut off: calls to them find their connection closed, as if the network were.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::Error;

/// The folder in the data folder whose files are named as the Regions that are cut off. Scripts put them there, too.
const FOLDER: &str = "cut-off";

/// Which Regions are cut off.
#[derive(Clone, Debug)]
pub(crate) struct Outages {
    folder: PathBuf,
    regions: Vec<String>,
}

/// A call to a Region that is cut off gets no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the Region is cut off")]
pub(crate) struct Unanswered;

impl Outages {
    pub(crate) fn new(data: &Path, regions: &[String]) -> Self {
        Self {
            folder: data.join(FOLDER),
            regions: regions.to_vec(),
        }
    }

    pub(crate) fn is_cut_off(&self, region: &str) -> bool {
        // What a caller names becomes a path only where it is one of our Regions.
        self.regions.iter().any(|known| known == region) && self.folder.join(region).exists()
    }

    /// Cuts a Region off, or connects it again.
    pub(crate) fn set(&self, region: &str, is_cut_off: bool) -> Result<(), Error> {
        if !self.regions.iter().any(|known| known == region) {
            return Err(Error::NoRegion(region.to_owned()));
        }
        let path = self.folder.join(region);
        if is_cut_off {
            std::fs::create_dir_all(&self.folder).map_err(Error::folder("create", &self.folder))?;
            std::fs::write(&path, "").map_err(Error::folder("write", &path))
        } else {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    Err(Error::folder("remove", path)(error))
                }
                _ => Ok(()),
            }
        }
    }
}
