//! What one copy holds: tables, columns, objects.

use serde::{Deserialize, Serialize};

use crate::ids::TableName;
use crate::types::ColumnKind;

/// A column as Parquet and the export's metadata describe it together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Column {
    /// The column's name; it becomes the attribute's name unchanged.
    pub name: String,
    /// `originalType` of the export's metadata, where it is known.
    pub original_type: Option<String>,
    /// The Parquet physical and logical type in words, for example `INT64 TIMESTAMP_MICROS`.
    pub parquet_type: String,
    /// What the values are.
    #[serde(flatten)]
    pub kind: ColumnKind,
    /// Whether the Parquet column is optional. RDS writes optional columns even for NOT NULL ones.
    pub nullable: bool,
}

/// A table of a copy, in the sizes that its Parquet footers state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TableSummary {
    /// `db.table`.
    pub name: TableName,
    /// Rows, summed over the footers; 0 for an empty or skipped table.
    pub rows: u64,
    /// Bytes of the table's Parquet objects.
    pub bytes: u64,
    /// Number of Parquet objects.
    pub objects: u64,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// Why RDS did not export this table, verbatim, if it did not.
    pub skipped: Option<String>,
}

/// One or two columns that could be a table's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyCandidate {
    /// The partition key's column.
    pub partition: String,
    /// The sort key's column, for a pair.
    pub sort: Option<String>,
    /// True when every row was read: unique and never NULL. False when it is only likely by its name and type.
    pub proven: bool,
}
