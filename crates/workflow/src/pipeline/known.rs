//! What this process remembers between two passes, so that a pass costs what has changed and not what there is.
//! All of it can be read again from the control table and AWS.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws::sqs::QueueRef;
use jiff::Timestamp;
use recovery::ids::{AccountId, RecoveryPointArn, RecoveryPointId, Region, SourceId};
use recovery::source::Source;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use super::interned::Interned;
use super::rechecks::Checked;
use super::stage::Stage;
use super::survey::Strangers;
use crate::catalogue::{Backup, Brief};

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
    /// Every recovery point that AWS Backup holds or of which something is left to do, by ARN. Some 200 bytes each.
    pub(super) points: HashMap<ArnDigest, Known>,
    /// Every source as it was last written.
    pub(super) sources: BTreeMap<SourceId, Source>,
    /// Exports in our buckets that the catalogue did not know.
    pub(super) strangers: Strangers,
    /// What recovery points name by a number.
    pub(super) vaults: Interned<VaultKey>,
    pub(super) source_ids: Interned<SourceId>,
    /// When reading the catalogue anew last began, and the sources that are yet to be read.
    pub(super) swept_at: Option<Timestamp>,
    pub(super) unswept: Vec<SourceId>,
    /// When the last pass that went through began.
    pub(super) passed_at: Option<Timestamp>,
    /// How far the listing of what is old has come, for vaults that are not listed whole in each pass.
    pub(super) listed: HashMap<VaultKey, ListedTo>,
    /// Queues by what the settings call them.
    pub(super) queues: HashMap<usize, QueueRef>,
    events: HashSet<String>,
    event_order: VecDeque<String>,
}

/// A recovery point's ARN, shortened: memory holds very many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ArnDigest([u8; 16]);

/// A recovery point as it was when this process last looked at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) id: RecoveryPointId,
    pub(super) created_at: Timestamp,
    /// Numbers in [`Memory::vaults`] and [`Memory::source_ids`].
    pub(super) vault: u32,
    pub(super) source: u32,
    pub(super) backup: Backup,
    /// When its lifecycle ends it.
    pub(super) expires_at: Option<Timestamp>,
    /// What a pass has to do with it.
    pub(super) work: Work,
    /// When its verified copies were last checked, and how large they are.
    pub(super) checked: Option<Checked>,
}

/// What a pass has to do with a recovery point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Nothing.
    Nothing,
    /// Wait for AWS Backup.
    Await,
    /// Export it when it is its turn; whether its record says already that it waits.
    Export {
        /// Whether nothing is to be written down while it waits.
        is_held: bool,
        /// Not before.
        retry_at: Option<Timestamp>,
    },
    /// Look at its record.
    Look,
}

/// How far a vault's old recovery points are listed.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListedTo {
    /// When the last slice was.
    pub(super) at: Timestamp,
    /// The next slice holds what was made before; the newest where it is missing.
    pub(super) before: Option<Timestamp>,
}

/// A vault in the words of a recovery point.
pub(super) type VaultKey = (Region, AccountId, String);

impl PipelineState {
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a pass has gone through, so that what the catalogue and the vaults hold is known.
    pub(crate) fn has_passed(&self) -> bool {
        self.memory().passed_at.is_some()
    }
}

impl ArnDigest {
    pub(super) fn of(arn: &RecoveryPointArn) -> Self {
        let digest = Sha256::digest(arn.as_str());
        let mut short = [0; 16];
        short.copy_from_slice(&digest[..16]);
        Self(short)
    }
}

impl Work {
    /// From what the record says, and whether the export policy refuses the recovery point now.
    pub(super) fn of(stage: Stage, is_refused: bool) -> Self {
        match stage {
            Stage::Settled => Self::Nothing,
            Stage::Creating => Self::Await,
            // What the policy refuses stays refused: recovery points only get older.
            Stage::Waits { is_noted: true, .. } if is_refused => Self::Nothing,
            Stage::Waits { .. } if is_refused => Self::Look,
            Stage::Waits {
                is_held, retry_at, ..
            } => Self::Export { is_held, retry_at },
            Stage::Open => Self::Look,
        }
    }
}

impl Memory {
    /// Remembers a recovery point; one that is over, and of which nothing is left to do, is forgotten: its record stays.
    pub(super) fn remember(&mut self, source: &SourceId, brief: Brief, work: Work) {
        let arn = ArnDigest::of(&brief.arn);
        if brief.backup.is_over() && work == Work::Nothing && brief.checked.is_none() {
            self.points.remove(&arn);
            return;
        }
        let known = Known {
            id: brief.glance.id,
            created_at: brief.glance.created_at,
            vault: self.vaults.number(&(brief.region, brief.account, brief.vault)),
            source: self.source_ids.number(source),
            backup: brief.backup,
            expires_at: brief.expires_at,
            work,
            checked: brief.checked,
        };
        self.points.insert(arn, known);
    }

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
