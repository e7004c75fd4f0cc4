//! What is done with copies once they are there: how they are read, checked again and repaired.

use jiff::SignedDuration;
use recovery::archive::ThawPrices;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::replication::repair::{WHOLE_BYTES, WHOLE_BYTES_MAX};

/// `[workflow.copies]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CopySettings {
    /// Bytes a second that all checks of one server read together, where no checksum decides.
    pub read_bytes_per_second: u64,
    /// A verified copy is checked again when its last check is so old.
    pub recheck_after: SignedDuration,
    /// Bytes of copies that are checked again on one day (UTC). A recovery point that is larger alone is checked as the
    /// first of a day. 0 switches re-checks off.
    pub recheck_bytes_per_day: u64,
    /// How often the lifecycles of copies are followed. S3 acts once a day.
    pub lifecycle_every: SignedDuration,
    /// A repair copies larger objects in parts of this size; S3 copies at most 5 GiB whole.
    pub repair_whole_bytes_max: u64,
    /// What thaws of copies in Glacier cost here, in place of AWS's list prices.
    pub thaw_prices: ThawPrices,
}

impl Default for CopySettings {
    fn default() -> Self {
        Self {
            read_bytes_per_second: 64 << 20,
            recheck_after: SignedDuration::from_hours(7 * 24),
            recheck_bytes_per_day: 1 << 40,
            lifecycle_every: SignedDuration::from_hours(12),
            repair_whole_bytes_max: WHOLE_BYTES,
            thaw_prices: ThawPrices::default(),
        }
    }
}

impl CopySettings {
    pub(crate) fn validate(&self) -> Result<()> {
        let invalid = |message: &str| Err(Error::Settings(format!("copies.{message}")));
        if self.read_bytes_per_second < 1 << 20 {
            return invalid("read_bytes_per_second must be at least 1048576: slower checks never end");
        }
        if self.recheck_after < SignedDuration::from_hours(1) {
            return invalid("recheck_after must be at least an hour");
        }
        if self.lifecycle_every < SignedDuration::from_secs(1) {
            return invalid("lifecycle_every must be at least a second");
        }
        if !(5 << 20..=WHOLE_BYTES_MAX).contains(&self.repair_whole_bytes_max) {
            return invalid("repair_whole_bytes_max must be 5242880 to 5368709120, as S3 takes it");
        }
        Ok(())
    }
}
