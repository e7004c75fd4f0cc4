//! What a proof that failed found: the rows that differ, by key.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most differing rows that one run tells by key.
pub const DIFFERENCES_MAX: usize = 100;

/// How one key differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The copy has a row that the target has no item for.
    Missing,
    /// The item's attributes are not the row's values.
    Altered,
    /// The target has an item that the copy has no row for.
    Unexpected,
}

impl DifferenceKind {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Altered => "altered",
            Self::Unexpected => "unexpected",
        }
    }
}

/// One key that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Difference {
    /// How.
    pub kind: DifferenceKind,
    /// The key for people: `id=7`, `order_id=1, line=2`; long values are cut.
    pub key: String,
}

/// How a target differs from the copy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Differences {
    /// Rows without an item.
    pub missing: u64,
    /// Items that are not their rows.
    pub altered: u64,
    /// Items without a row.
    pub unexpected: u64,
    /// Whether every row was compared. Where very many differ, only a part is, and the counts are of that part.
    pub is_whole: bool,
    /// The first of them.
    pub first: Vec<Difference>,
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let least = if self.is_whole { "" } else { "at least " };
        write!(
            f,
            "{least}{} missing, {} altered, {} unexpected",
            self.missing, self.altered, self.unexpected
        )
    }
}
