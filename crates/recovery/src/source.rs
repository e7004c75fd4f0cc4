//! A source and the age of its newest recovery point and newest restorable copy, per Region.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, RecoveryPointId, Region, SourceId};
use crate::policy::Expected;
use crate::rpo::Rpo;
use crate::timeline::Lane;

/// An RDS DB instance that is backed up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Source {
    /// Its id in this product.
    pub id: SourceId,
    /// `arn:aws:rds:REGION:ACCOUNT:db:NAME`.
    pub arn: String,
    /// The Region it runs in.
    pub region: Region,
    /// The account it runs in.
    pub account: AccountId,
    /// For example `mysql 8.0.39`, where RDS said so.
    pub engine: Option<String>,
    /// For example `db.r6g.large`, likewise.
    pub class: Option<String>,
    /// How often a recovery point is expected, seconds.
    pub interval_seconds: i64,
    /// RPO target of its own Region, seconds.
    pub rpo_target_seconds: i64,
    /// The schedules that it was held against, oldest first. Empty until it has a recovery point.
    #[serde(default)]
    pub expected: Vec<Expected>,
}

/// A source with its figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceSummary {
    /// The source.
    #[serde(flatten)]
    pub source: Source,
    /// Its newest recovery point.
    pub newest_recovery_point: Option<RecoveryPointId>,
    /// Both RPOs per Region, home first.
    pub regions: Vec<RegionRpo>,
}

/// What one Region holds of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegionRpo {
    /// The Region.
    pub region: Region,
    /// Whether it is the source's own.
    pub is_home: bool,
    /// The figures.
    #[serde(flatten)]
    pub rpo: Rpo,
    /// The newest recovery point with a verified copy here.
    pub newest_restorable: Option<RecoveryPointId>,
    /// When that recovery point was made.
    pub newest_restorable_at: Option<Timestamp>,
}

/// A source's lanes over a window of time: what the overview draws.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceTimeline {
    /// The source and its figures.
    pub source: SourceSummary,
    /// One lane per Region, home first.
    pub lanes: Vec<Lane>,
    /// Begin of the window.
    pub from: Timestamp,
    /// End of the window.
    pub to: Timestamp,
    /// When this was true.
    pub now: Timestamp,
}
