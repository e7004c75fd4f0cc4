//! A recovery point at a glance: what timelines and figures need of each of many.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{RecoveryPointId, Region};
use crate::point::{RecoveryPoint, State};
use crate::verdict::Verdict;

/// What is seen of a recovery point from afar: some hundred bytes, however many objects its copies have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glance {
    /// Its id.
    pub id: RecoveryPointId,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it came after its grace.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_late: bool,
    /// Whether AWS Backup copied it from another vault.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_copied: bool,
    /// Where it stands.
    pub state: State,
    /// Its copies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub copies: BTreeMap<Region, Sight>,
}

/// What the last check found of a copy, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// It is verified.
    Verified,
    /// It arrives, or was not checked yet.
    Pending,
    /// It lacks objects or differs.
    Incomplete,
    /// It cannot be reached, since when.
    Unreachable(Timestamp),
    /// Its lifecycle has ended it.
    Expired,
}

impl Glance {
    /// What is seen of `point`.
    pub fn of(point: &RecoveryPoint) -> Self {
        Self {
            id: point.id.clone(),
            created_at: point.created_at,
            is_late: point.late_by_seconds.is_some(),
            is_copied: point.copied_from.is_some(),
            state: point.state,
            copies: point
                .copies
                .iter()
                .map(|copy| (copy.region.clone(), Sight::of(&copy.verdict)))
                .collect(),
        }
    }

    /// Whether it can be restored in `region`.
    pub fn is_restorable_in(&self, region: &Region) -> bool {
        self.copies.get(region) == Some(&Sight::Verified)
    }
}

impl Sight {
    fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Verified => Self::Verified,
            Verdict::Pending => Self::Pending,
            Verdict::Incomplete { .. } => Self::Incomplete,
            Verdict::Unknown { since, .. } => Self::Unreachable(*since),
            Verdict::Expired { .. } => Self::Expired,
        }
    }
}
