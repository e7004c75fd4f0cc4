//! What is found over a plan before anything is written.

use serde::{Deserialize, Serialize};

use crate::ids::TableName;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The run is refused.
    Blocks,
    /// Worth knowing; nothing is lost.
    Note,
    /// A check that was made and found nothing.
    Passed,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// A stable name for scripts: `duplicate_key`, `null_key`, `target_not_empty`, …
    pub code: String,
    /// The table it concerns, if one.
    pub table: Option<TableName>,
    /// The column, if one.
    pub column: Option<String>,
    /// How many rows or objects, where that is known.
    pub count: Option<u64>,
    /// What was found, in a sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Up to a few examples (keys, object names), as text.
    pub examples: Vec<String>,
}

/// Every finding over one plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preflight {
    /// The findings, gravest first.
    pub findings: Vec<Finding>,
}

impl Preflight {
    /// Sorts `findings` by gravity, keeping the order within one severity.
    pub fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| finding.severity);
        Self { findings }
    }

    /// Whether a run of the plan is refused.
    pub fn is_blocked(&self) -> bool {
        self.blocking().next().is_some()
    }

    /// The findings that refuse the run.
    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.severity == Severity::Blocks)
    }
}
