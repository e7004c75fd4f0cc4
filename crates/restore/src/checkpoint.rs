//! What a run records, so that any process can go on where another was.

use std::collections::BTreeMap;

use async_trait::async_trait;
use rand::Rng as _;
use recovery::ids::TargetName;
use recovery::run::HeldBefore;
use recovery::schema_record::SchemaRecord;
use serde::{Deserialize, Serialize};

use crate::{Error, MultisetHash};

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

/// An import into a target that a run has begun, or is about to begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRecord {
    /// Index into the plan's tables.
    pub table: u32,
    /// What makes asking for it twice ask for one import.
    pub token: String,
    /// The import's ARN, once DynamoDB has answered.
    pub arn: Option<String>,
    /// Items that it put, once it has ended well.
    pub items: Option<u64>,
}

impl ImportRecord {
    /// An import that nobody has asked for yet.
    pub(crate) fn new(table: u32) -> Self {
        Self {
            table,
            token: format!("{:032x}", rand::rng().random::<u128>()),
            arn: None,
            items: None,
        }
    }
}

/// What a target held under the keys of a unit's rows before the first of them was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitBefore {
    /// The unit's index within the plan's units.
    pub unit: u32,
    /// What was there.
    pub held: HeldBefore,
}

/// What a finished unit did. All of its items have been acknowledged, or put into S3 for their import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitResult {
    /// The unit's index within the plan's units.
    pub unit: u32,
    /// Its table's index within the plan's tables.
    pub table: u32,
    /// Rows read.
    pub rows_read: u64,
    /// Items acknowledged.
    pub items_written: u64,
    /// Bytes of those items, by DynamoDB's item size rules.
    pub bytes_written: u64,
    /// Items that were sent again after a throttle or a fault.
    pub retries: u64,
    /// What the rows' keys held before the run, where the plan allows that they hold anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<HeldBefore>,
    /// The hash of the unit's rows, but for those that gave way to other items.
    pub hash: MultisetHash,
}

/// Everything that a run has recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Targets by the index of their table.
    pub targets: BTreeMap<u32, TargetRecord>,
    /// Imports by the index of their table.
    pub imports: BTreeMap<u32, ImportRecord>,
    /// What units found before they wrote anything, by their index.
    pub before: BTreeMap<u32, UnitBefore>,
    /// The rows of each finished unit, by its index.
    pub units: BTreeMap<u32, u64>,
    /// What the finished units of each table did together, by the table's index.
    pub sums: BTreeMap<u32, TableSum>,
}

impl Recorded {
    /// Takes in a unit's record. One that is there already, recorded twice, changes nothing.
    pub fn add_unit(&mut self, unit: &UnitResult) {
        if self.units.insert(unit.unit, unit.rows_read).is_none() {
            self.sums.entry(unit.table).or_default().add(unit);
        }
    }
}

/// What units of one table did together. A unit's hash is 2 KiB, so that a run of very many keeps only their sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableSum {
    /// Rows read.
    pub rows_read: u64,
    /// Items acknowledged.
    pub items_written: u64,
    /// Bytes of those items.
    pub bytes_written: u64,
    /// Items that were sent again.
    pub retries: u64,
    /// What the rows' keys held before the run, where the plan allows that they hold anything.
    pub held: Option<HeldBefore>,
    /// The hash of their rows, but for those that gave way to other items.
    pub hash: MultisetHash,
}

impl TableSum {
    /// Adds what one unit did.
    pub fn add(&mut self, unit: &UnitResult) {
        self.rows_read += unit.rows_read;
        self.items_written += unit.items_written;
        self.bytes_written += unit.bytes_written;
        self.retries += unit.retries;
        if let Some(held) = &unit.held {
            self.held.get_or_insert_default().add(held);
        }
        self.hash.add(&unit.hash);
    }
}

/// Where a run records. Each call returns once the record would outlive this process.
///
/// Records of one run belong to one plan; whoever implements this binds them to the plan's digest.
#[async_trait]
pub trait Checkpoints: Send + Sync {
    /// Everything recorded so far.
    async fn load(&self) -> Result<Recorded, Error>;

    /// Records what the items will not say of the tables they come from. Recording it again changes nothing.
    async fn record_schema(&self, schema: &SchemaRecord) -> Result<(), Error>;

    /// Records a target. Recording it again changes nothing.
    async fn record_target(&self, target: &TargetRecord) -> Result<(), Error>;

    /// Records how far an import is, in place of what was recorded of it before.
    async fn record_import(&self, import: &ImportRecord) -> Result<(), Error>;

    /// Records what a unit found, before it writes anything.
    async fn record_before(&self, before: &UnitBefore) -> Result<(), Error>;

    /// Records a finished unit. Recording it again changes nothing.
    async fn record_unit(&self, unit: &UnitResult) -> Result<(), Error>;
}
