//! The newest recovery point of a source, and the newest restorable one per Region.

use jiff::Timestamp;
use recovery::glance::Glance;
use recovery::ids::{RecoveryPointId, Region};

/// A recovery point and when it was made.
type Found = Option<(RecoveryPointId, Timestamp)>;

/// What is found of a source while its recovery points are read, the newest first.
#[derive(Clone, Debug)]
pub(super) struct Newest {
    /// What AWS Backup holds.
    pub(super) held: Found,
    /// What can be restored, for each Region of `regions`.
    pub(super) restorable: Vec<Found>,
    pub(super) regions: Vec<Region>,
}

impl Newest {
    pub(super) fn new(regions: Vec<Region>) -> Self {
        Self {
            held: None,
            restorable: vec![None; regions.len()],
            regions,
        }
    }

    /// Takes the next older recovery point into account.
    pub(super) fn note(&mut self, glance: &Glance) {
        let found = || Some((glance.id.clone(), glance.created_at));
        if self.held.is_none() && glance.state.is_held() {
            self.held = found();
        }
        for (region, restorable) in self.regions.iter().zip(&mut self.restorable) {
            if restorable.is_none() && glance.is_restorable_in(region) {
                *restorable = found();
            }
        }
    }

    /// Whether nothing older matters.
    pub(super) fn is_complete(&self) -> bool {
        self.held.is_some() && self.restorable.iter().all(Option::is_some)
    }
}
