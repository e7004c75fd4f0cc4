//! What is asked of the catalogue, the runs and the audit log.

use jiff::Timestamp;
use recovery::ids::SourceId;
use recovery::point::State;
use recovery::run::Outcome;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The largest page that is answered; a larger limit is cut to it.
pub const PAGE_LIMIT_MAX: usize = 200;

/// The page size where none is asked for.
pub const PAGE_LIMIT_DEFAULT: usize = 50;

/// A page of recovery points, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PointQuery {
    /// Only of this source.
    pub source: Option<SourceId>,
    /// Only in this state.
    pub state: Option<State>,
    /// Made at or after.
    pub from: Option<Timestamp>,
    /// Made before.
    pub to: Option<Timestamp>,
    /// Only those that a filter over [`recovery::filter::POINTS`] holds for.
    pub filter: Option<String>,
    /// A property to sort by, with `-` before it for the largest first; `-made` where it is missing.
    pub sort: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// At most so many; [`PAGE_LIMIT_DEFAULT`] where it is missing, never more than [`PAGE_LIMIT_MAX`].
    pub limit: Option<usize>,
}

/// A page of sources, by name where nothing else is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceQuery {
    /// Only those that a filter over [`recovery::filter::SOURCES`] holds for.
    pub filter: Option<String>,
    /// A property to sort by, with `-` before it for the largest first.
    pub sort: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// As in [`PointQuery::limit`].
    pub limit: Option<usize>,
}

/// A page of runs, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunQuery {
    /// Only runs in this state.
    pub state: Option<RunState>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// As in [`PointQuery::limit`].
    pub limit: Option<usize>,
}

/// Whether a run goes on or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It has not ended.
    Active,
    /// It ended proven.
    Proven,
    /// It ended failed.
    Failed,
    /// It ended cancelled.
    Cancelled,
}

impl RunState {
    /// The state that a run with this outcome is in.
    pub fn of(outcome: Option<Outcome>) -> Self {
        match outcome {
            None => Self::Active,
            Some(Outcome::Proven) => Self::Proven,
            Some(Outcome::Failed) => Self::Failed,
            Some(Outcome::Cancelled) => Self::Cancelled,
        }
    }
}

/// A page of audit entries, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    /// Only entries on this run or recovery point.
    pub subject: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// As in [`PointQuery::limit`].
    pub limit: Option<usize>,
}

/// The page size that a limit means.
pub(crate) fn page_size(limit: Option<usize>) -> usize {
    limit.unwrap_or(PAGE_LIMIT_DEFAULT).clamp(1, PAGE_LIMIT_MAX)
}

/// The place that the cursor of a sorted list names: how many entries stand before it.
pub(crate) fn place(cursor: Option<&str>) -> Result<usize> {
    match cursor {
        None => Ok(0),
        Some(cursor) => cursor
            .parse()
            .map_err(|_| Error::Invalid(format!("{cursor:?} is no cursor of a sorted list"))),
    }
}
