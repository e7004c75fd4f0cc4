//! What a run records, so that any process can go on where another was.

use std::collections::BTreeMap;

use async_trait::async_trait;
use recovery::digest::TableDigest;
use recovery::ids::TargetName;
use serde::{Deserialize, Serialize};

use crate::Error;

/// A target that a run has taken: it created the table, or found it empty.
///
/// It is recorded before the first item is written. A run that is taken up again may therefore find the very table full,
/// and any other table only empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetRecord {
    /// Index into the plan's tables.
    pub table: u32,
    /// The DynamoDB table.
    pub target: TargetName,
    /// What tells this table from another one of its name.
    pub identity: String,
}

/// What a finished unit did. All of its items have been acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitResult {
    /// The unit's index within the plan's units.
    pub unit: u32,
    /// Rows read.
    pub rows_read: u64,
    /// Items acknowledged.
    pub items_written: u64,
    /// Bytes of those items, by DynamoDB's item size rules.
    pub bytes_written: u64,
    /// Items that were sent again after a throttle or a fault.
    pub retries: u64,
    /// The digest of the unit's rows.
    pub digest: TableDigest,
}

/// Everything that a run has recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Targets by the index of their table.
    pub targets: BTreeMap<u32, TargetRecord>,
    /// Finished units by their index.
    pub units: BTreeMap<u32, UnitResult>,
}

/// Where a run records. Each call returns once the record would outlive this process.
///
/// Records of one run belong to one plan; whoever implements this binds them to the plan's digest.
#[async_trait]
pub trait Checkpoints: Send + Sync {
    /// Everything recorded so far.
    async fn load(&self) -> Result<Recorded, Error>;

    /// Records a target. Recording it again changes nothing.
    async fn record_target(&self, target: &TargetRecord) -> Result<(), Error>;

    /// Records a finished unit. Recording it again changes nothing.
    async fn record_unit(&self, unit: &UnitResult) -> Result<(), Error>;
}
