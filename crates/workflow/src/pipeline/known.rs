//! What this process remembers between two passes, so that a pass costs what has changed and not what there is.
//! All of it can be read again from the control table and AWS.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws::sqs::QueueRef;
use jiff::Timestamp;
use recovery::ids::{RecoveryPointArn, RecoveryPointId, SourceId};
use recovery::source::Source;
use tokio::sync::Notify;

use super::rechecks::Checked;
use super::survey::Strangers;
use crate::catalogue::Backup;

/// Event ids that are remembered to recognise duplicates.
const EVENTS_MAX: usize = 10_000;

/// What one process remembers.
#[derive(Debug, Default)]
pub(crate) struct PipelineState {
    memory: Mutex<Memory>,
    /// One pass at a time within a process.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// Wakes the reconciler before its time.
    pub(crate) wake: Notify,
}

#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Every recovery point that was seen, by ARN.
    pub(super) points: HashMap<RecoveryPointArn, Known>,
    /// Every source as it was last written.
    pub(super) sources: BTreeMap<SourceId, Source>,
    /// Exports in our buckets that the catalogue did not know.
    pub(super) strangers: Strangers,
    /// When the catalogue was last read whole.
    pub(super) swept_at: Option<Timestamp>,
    /// When the last pass that went through began.
    pub(super) passed_at: Option<Timestamp>,
    /// Queues by what the settings call them.
    pub(super) queues: HashMap<usize, QueueRef>,
    events: HashSet<String>,
    event_order: VecDeque<String>,
}

/// A recovery point as it was when this process last looked at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) id: RecoveryPointId,
    pub(super) vault: VaultKey,
    pub(super) backup: Backup,
    /// When its lifecycle ends it.
    pub(super) expires_at: Option<Timestamp>,
    /// Whether a pass has to look at it.
    pub(super) is_open: bool,
    /// When its verified copies were last checked, and how large they are.
    pub(super) checked: Option<Checked>,
}

/// A vault in the words of a recovery point.
pub(super) type VaultKey = (recovery::ids::Region, recovery::ids::AccountId, String);

impl PipelineState {
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a pass has gone through, so that what the catalogue and the vaults hold is known.
    pub(crate) fn has_passed(&self) -> bool {
        self.memory().passed_at.is_some()
    }
}

impl Memory {
    /// Whether an event of that id came before; it is remembered from now on.
    pub(super) fn is_repeated(&mut self, id: &str) -> bool {
        if !self.events.insert(id.to_owned()) {
            return true;
        }
        self.event_order.push_back(id.to_owned());
        if self.event_order.len() > EVENTS_MAX
            && let Some(oldest) = self.event_order.pop_front()
        {
            self.events.remove(&oldest);
        }
        false
    }
}
