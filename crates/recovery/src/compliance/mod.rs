//! Compliance: which controls a source met on which day, and what shows it.
//!
//! What recovery points and restores show is reckoned for any day of the past ([`report`]). What vaults and plans were like is
//! known only of days on which somebody looked: [`settings`] tells it of a moment, and the product keeps that for each day.

mod days;
mod settings;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{RunId, SourceId};

pub use days::{DAYS, DAYS_MAX, Material, Restored, report, start_of};
pub use settings::{Settings, settings};

/// What auditors ask about backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Recovery points are made when they are due.
    Frequency,
    /// They are kept as long as the policy says.
    Retention,
    /// Every other Region of the policy holds a verified copy.
    CrossRegionCopy,
    /// Other accounts hold recovery points.
    CrossAccountCopy,
    /// Vaults are encrypted, by the policy's key where it names one.
    Encryption,
    /// Vaults are locked against deletion.
    Immutability,
    /// The export of every recovery point is whole.
    Verified,
    /// A restore was proven not long ago.
    RestoreTested,
}

impl Control {
    /// Every control, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Frequency,
        Self::Verified,
        Self::CrossRegionCopy,
        Self::CrossAccountCopy,
        Self::Retention,
        Self::Encryption,
        Self::Immutability,
        Self::RestoreTested,
    ];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Frequency => "Frequency",
            Self::Retention => "Retention",
            Self::CrossRegionCopy => "Cross-Region copy",
            Self::CrossAccountCopy => "Cross-account copy",
            Self::Encryption => "Encryption",
            Self::Immutability => "Immutability",
            Self::Verified => "Verified",
            Self::RestoreTested => "Restore tested",
        }
    }

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Frequency => "frequency",
            Self::Retention => "retention",
            Self::CrossRegionCopy => "cross_region_copy",
            Self::CrossAccountCopy => "cross_account_copy",
            Self::Encryption => "encryption",
            Self::Immutability => "immutability",
            Self::Verified => "verified",
            Self::RestoreTested => "restore_tested",
        }
    }
}

/// How a control stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It was met.
    Met,
    /// It was not.
    NotMet,
    /// The day is not over, or work on it is still under way.
    Open,
    /// Nobody knows: it was not looked at, or could not be.
    Unknown,
    /// The policy asks for nothing, or nothing was due.
    NotRequired,
}

impl Standing {
    /// In words, as a title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Met => "Met",
            Self::NotMet => "Not met",
            Self::Open => "Open",
            Self::Unknown => "Not known",
            Self::NotRequired => "Not required",
        }
    }

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not_met",
            Self::Open => "open",
            Self::Unknown => "unknown",
            Self::NotRequired => "not_required",
        }
    }

    /// What counts first where several things are one: what is wrong, then what is not known, then what is under way.
    fn gravity(self) -> u8 {
        match self {
            Self::NotRequired => 0,
            Self::Met => 1,
            Self::Open => 2,
            Self::Unknown => 3,
            Self::NotMet => 4,
        }
    }

    fn worse(self, other: Self) -> Self {
        if other.gravity() > self.gravity() {
            other
        } else {
            self
        }
    }
}

/// One control on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ComplianceCell))]
pub struct Cell {
    /// How it stands.
    pub standing: Standing,
    /// What that rests on, with figures.
    pub evidence: String,
    /// The restore that it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// When vaults and plans were looked at that it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<Timestamp>,
}

impl Cell {
    fn new(standing: Standing, evidence: impl Into<String>) -> Self {
        Self {
            standing,
            evidence: evidence.into(),
            run: None,
            looked_at: None,
        }
    }
}

/// One control over the days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ComplianceRow))]
pub struct Row {
    /// The control.
    pub control: Control,
    /// What is asked for, by the policy of today.
    pub requirement: String,
    /// One for each day of the report.
    pub cells: Vec<Cell>,
}

/// The controls of one source over some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ComplianceReport))]
pub struct Report {
    /// The source.
    pub source: SourceId,
    /// The days (UTC), oldest first.
    pub days: Vec<Date>,
    /// Every control.
    pub rows: Vec<Row>,
    /// When this was true.
    pub now: Timestamp,
}
