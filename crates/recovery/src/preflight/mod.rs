//! What is found over a plan before anything is written.

mod choice;
mod example;

pub use choice::Choice;
pub use example::{Example, ExampleValue, Place};

use serde::{Deserialize, Serialize};

use crate::estimate::Estimate;
use crate::ids::TableName;

/// How far a preflight looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Listings, footers and their statistics. No row is read, and what only rows can tell is `not_checked`.
    Quick,
    /// Every row is read.
    #[default]
    Exact,
}

impl Depth {
    /// `quick` or `exact`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Exact => "exact",
        }
    }
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The run is refused.
    Blocks,
    /// Nothing is lost, but the run may take much longer or cost much more than it looks.
    Warning,
    /// Worth knowing; nothing is lost.
    Note,
    /// A check that this depth cannot make. It neither passed nor failed.
    NotChecked,
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
    /// What was found, in a sentence. It never holds a value of the copy.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Up to a few examples. Their values are masked unless they were asked for.
    pub examples: Vec<Example>,
    /// Changes of the request, each of which resolves it.
    #[serde(default)]
    pub choices: Vec<Choice>,
}

impl Finding {
    /// A finding of no table, with nothing but what was found.
    pub fn new(severity: Severity, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity,
            code: code.into(),
            table: None,
            column: None,
            count: None,
            message: message.into(),
            hint: None,
            examples: Vec::new(),
            choices: Vec::new(),
        }
    }

    /// Of this table.
    #[must_use]
    pub fn of(mut self, table: &TableName) -> Self {
        self.table = Some(table.clone());
        self
    }

    /// Of this column.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// In so many rows or objects.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Shows rows or objects.
    #[must_use]
    pub fn examples(mut self, examples: Vec<Example>) -> Self {
        self.examples = examples;
        self
    }

    /// Offers changes that resolve it.
    #[must_use]
    pub fn choices(mut self, choices: impl IntoIterator<Item = Choice>) -> Self {
        self.choices = choices.into_iter().collect();
        self
    }
}

/// Every finding over one plan, and what its run takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preflight {
    /// How far it looked.
    #[serde(default)]
    pub depth: Depth,
    /// The findings, gravest first.
    pub findings: Vec<Finding>,
    /// Capacity, time and money that a run of the plan takes.
    #[serde(default)]
    pub estimate: Estimate,
}

impl Preflight {
    /// Sorts `findings` by gravity, keeping the order within one severity.
    pub fn new(depth: Depth, mut findings: Vec<Finding>, estimate: Estimate) -> Self {
        findings.sort_by_key(|finding| finding.severity);
        Self {
            depth,
            findings,
            estimate,
        }
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
