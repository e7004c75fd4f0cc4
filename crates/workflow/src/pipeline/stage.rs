//! What is left to do with a recovery point, as far as it can be told without its record.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::exports::limit_text;
use super::next::{Next, next};
use crate::catalogue::{Backup, Export, PointEntry};

/// What is left to do with a recovery point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Nothing, unless somebody asks.
    Settled,
    /// AWS Backup is making it: its listing will say when it is made.
    Creating,
    /// It can be exported, if the policy wants it.
    Waits {
        /// Whether its record says why it waits.
        is_noted: bool,
        /// Whether nothing is to be written down of it while it waits its turn.
        is_held: bool,
        /// When it may be tried again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<Timestamp>,
    },
    /// A pass has to look at its record.
    Open,
}

impl Stage {
    pub(crate) fn of(entry: &PointEntry) -> Self {
        let pipeline = &entry.pipeline;
        if pipeline.looks_late {
            return Self::Open;
        }
        match (&pipeline.export, pipeline.backup) {
            (Export::Waiting { .. }, Backup::Creating) => Self::Creating,
            (
                Export::Waiting {
                    attempt, obstacle, ..
                },
                Backup::Completed,
            ) => Self::Waits {
                is_noted: obstacle.is_some(),
                is_held: obstacle
                    .as_ref()
                    .is_some_and(|obstacle| *attempt > 1 || *obstacle == limit_text()),
                retry_at: pipeline.retry_at,
            },
            // Neither policy nor time decides over what is neither waiting nor late.
            _ if next(entry, None, Timestamp::MAX) == Next::Done => Self::Settled,
            _ => Self::Open,
        }
    }
}
