//! DynamoDB: tables, batches, imports, scans, conditional writes.
//!
//! Two kinds of callers: the restore engine creates tables, writes batches and scans them back; the control table is
//! read and written item by item under a [`Condition`]. Both speak [`Item`] and [`Value`].

mod batch_get;
mod batch_write;
mod condition;
mod create_table;
mod delete_item;
mod delete_table;
mod describe_import;
mod describe_table;
mod express_lane;
mod get_item;
mod import_table;
mod item;
mod item_json;
mod put_batch;
mod put_item;
mod query;
mod scan;
mod single_put;
mod transact;
mod update_item;

use std::fmt;

use recovery::ids::{AccountId, Region, TargetName};
use serde::{Deserialize, Serialize};

pub use batch_get::{BATCH_KEYS_MAX, ItemsRead};
pub use batch_write::BatchWritten;
pub use condition::Condition;
pub use create_table::{KeyDefinition, TableDefinition};
pub use describe_import::{Import, ImportStatus};
pub use describe_table::{TableDescription, TableStatus};
pub(crate) use express_lane::ExpressLane;
pub use import_table::ImportSource;
pub use item::{ITEM_BYTES_MAX, Item, Value, ValueRef};
pub use item_json::{AttributeName, ItemWriter};
pub use put_batch::{BATCH_ITEMS_MAX, PutBatch, PutBatchBuilder};
pub use query::{ItemPage, Query, SortKey};
pub use scan::Scan;
pub use single_put::{SinglePut, SinglePutBuilder};
pub use transact::Write;
pub use update_item::Update;

/// A table, the Region it lies in, and the account that asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TableRef {
    /// The Region whose endpoint is called.
    pub region: Region,
    /// Whose credentials are used; the home account's, or those of the SDK's chain, when `None`.
    pub account: Option<AccountId>,
    /// The table's name.
    pub name: TargetName,
}

impl TableRef {
    /// A table that the home account asks for.
    pub fn new(region: Region, name: TargetName) -> Self {
        Self {
            region,
            account: None,
            name,
        }
    }
}

impl fmt::Display for TableRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {} ({})", self.name, self.region)
    }
}
