//! What people ask for, and what they get back before anything is written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::archive::ThawOption;
use crate::awaited_thaw::ThawAgreement;
use crate::ids::{RecoveryPointId, Region, TableName, TargetName};
use crate::plan::{Capacity, Existing, Pace, Plan, TablePlan, Way};
use crate::point::{Copy, RecoveryPoint};
use crate::preflight::{Depth, Preflight};
use crate::synthetic_key::SyntheticKey;
use crate::table::{KeyCandidate, RefusedKey, TableSummary};

/// Asks for a plan over a copy of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PlanRequest {
    /// The recovery point to restore.
    pub recovery_point: RecoveryPointId,
    /// The Region whose copy is read.
    pub region: Region,
    /// The Region of the target tables.
    pub target_region: Region,
    /// The tables to restore.
    pub tables: Vec<TableRequest>,
    /// How far the preflight looks. A run is started after an exact one alone.
    #[serde(default)]
    pub preflight: Depth,
    /// Show values in the findings' examples, which are masked otherwise.
    #[serde(default)]
    pub show_values: bool,
}

/// One table that is to be restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TableRequest {
    /// The table in the copy.
    pub source: TableName,
    /// The DynamoDB table to create or fill.
    pub target: TargetName,
    /// What becomes of items that the target holds already.
    #[serde(default, skip_serializing_if = "Existing::is_refuse")]
    pub existing: Existing,
    /// The column that becomes the partition key; with `synthetic`, the name of the attribute that is added.
    pub partition: String,
    /// The column that becomes the sort key.
    #[serde(default)]
    pub sort: Option<String>,
    /// Adds a key to each row, of this kind, in place of a column's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synthetic: Option<SyntheticKey>,
    /// Capacity of a table that is created.
    #[serde(default)]
    pub capacity: Capacity,
    /// How fast the target may be written to.
    #[serde(default, skip_serializing_if = "Pace::is_default")]
    pub pace: Pace,
    /// How the items come into the table.
    #[serde(default, skip_serializing_if = "Way::is_write")]
    pub way: Way,
    /// Columns of bytes that are to be taken as text, or text as bytes, against what the export says of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub treat_as: BTreeMap<String, TreatAs>,
}

impl TableRequest {
    /// Asks for a table by one key column and leaves everything else as it is by default.
    pub fn new(source: TableName, target: TargetName, partition: impl Into<String>) -> Self {
        Self {
            source,
            target,
            existing: Existing::default(),
            partition: partition.into(),
            sort: None,
            synthetic: None,
            capacity: Capacity::default(),
            pace: Pace::default(),
            way: Way::default(),
            treat_as: BTreeMap::new(),
        }
    }

    /// The request that a table of a plan answers; `treat_as` are its choices for columns, which a plan has put into
    /// effect.
    pub fn of(table: &TablePlan, treat_as: BTreeMap<String, TreatAs>) -> Self {
        Self {
            source: table.source.clone(),
            target: table.target.clone(),
            existing: table.existing,
            partition: table.key.partition.column.clone(),
            sort: table.key.sort.as_ref().map(|sort| sort.column.clone()),
            synthetic: table.key.synthetic,
            capacity: table.capacity,
            pace: table.pace,
            way: table.way.clone(),
            treat_as,
        }
    }
}

/// A key as the command line takes it behind a table's target: `id`, `order_id,line`, `@row-digest`.
pub fn key_argument(partition: &str, sort: Option<&str>, synthetic: Option<SyntheticKey>) -> String {
    match (synthetic, sort) {
        (Some(kind), _) => kind.argument(partition),
        (None, Some(sort)) => format!("{partition},{sort}"),
        (None, None) => partition.to_owned(),
    }
}

/// How a column of bytes is taken. An export without metadata does not tell CHAR from BINARY, and text that is not
/// UTF-8 can only be kept as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TreatAs {
    /// As text: a string attribute.
    Text,
    /// As bytes: a binary attribute.
    Binary,
}

impl TreatAs {
    /// `text` or `binary`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Binary => "binary",
        }
    }
}

/// What somebody who starts a run says besides its plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Approval {
    /// Why, for the audit log.
    #[serde(default)]
    pub reason: Option<String>,
    /// The targets whose items may be overwritten, each by its name. A plan that overwrites others is refused.
    #[serde(default)]
    pub overwrite: Vec<TargetName>,
    /// Where the copy lies in Glacier: the thaw that is asked for and waited for. Without it, such a copy is refused.
    #[serde(default)]
    pub thaw: Option<ThawAgreement>,
}

impl Approval {
    /// With a reason and nothing else.
    pub fn because(reason: impl Into<String>) -> Self {
        Self {
            reason: Some(reason.into()),
            ..Self::default()
        }
    }

    /// The targets that the plan overwrites and nobody has confirmed.
    pub fn unconfirmed<'a>(&self, plan: &'a Plan) -> Vec<&'a TargetName> {
        let tables = plan.tables.iter().map(|table| (table.existing, &table.target));
        self.unconfirmed_of(tables)
    }

    /// The same of what a plan is to be made from.
    pub fn unconfirmed_request<'a>(&self, request: &'a PlanRequest) -> Vec<&'a TargetName> {
        let tables = request.tables.iter().map(|table| (table.existing, &table.target));
        self.unconfirmed_of(tables)
    }

    fn unconfirmed_of<'a>(
        &self,
        tables: impl Iterator<Item = (Existing, &'a TargetName)>,
    ) -> Vec<&'a TargetName> {
        tables
            .filter(|(existing, target)| *existing == Existing::Overwrite && !self.overwrite.contains(target))
            .map(|(_, target)| target)
            .collect()
    }
}

/// A plan and its preflight. Nothing has been written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Planned {
    /// The plan; `None` where the preflight found tables that cannot be planned at all, such as one that RDS skipped.
    pub plan: Option<Plan>,
    /// What was found over it.
    pub preflight: Preflight,
}

/// What somebody who begins a restore chooses from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Draft {
    /// The recovery point with its copies.
    pub point: RecoveryPoint,
    /// The copy's Region.
    pub region: Region,
    /// Regions that a target table may lie in, the copy's own first.
    pub target_regions: Vec<Region>,
    /// The copy's tables with suggestions. Of a copy that has to be thawed, what its last check saw; no key is proven.
    pub tables: Vec<DraftTable>,
    /// Where the copy lies in Glacier: the ways to thaw it, each with its time and cost.
    #[serde(default)]
    pub thaws: Vec<ThawOption>,
}

/// A table of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DraftTable {
    /// What the copy holds.
    pub summary: TableSummary,
    /// Possible keys, the best first. Proven ones were read whole.
    pub candidates: Vec<KeyCandidate>,
    /// Keys that looked likely, and that rows speak against.
    #[serde(default)]
    pub refused: Vec<RefusedKey>,
    /// A target name that is free to use.
    pub target: TargetName,
}

/// The copy that a restore begins with where none is named: the verified one in the recovery point's own Region,
/// otherwise the first verified replica. `None` while no copy is restorable, or only such that have to be thawed.
pub fn nearest_restorable(point: &RecoveryPoint) -> Option<&Copy> {
    let mut restorable = point.copies.iter().filter(|copy| copy.is_ready());
    let first = restorable.clone().next();
    restorable.find(|copy| copy.region == point.region).or(first)
}
