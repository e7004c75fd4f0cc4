//! What one copy holds: tables, columns, objects.

use serde::{Deserialize, Serialize};

use crate::ids::TableName;
use crate::preflight::Example;
use crate::types::ColumnKind;

/// A column as Parquet and the export's metadata describe it together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Column {
    /// The column's name; it becomes the attribute's name unchanged.
    pub name: String,
    /// `originalType` of the export's metadata, where it is known.
    pub original_type: Option<String>,
    /// What else the export's metadata says of the original type.
    #[serde(default, skip_serializing_if = "OriginalNumbers::are_unknown")]
    pub original_numbers: OriginalNumbers,
    /// The Parquet physical and logical type in words, for example `INT64 TIMESTAMP_MICROS`:
    /// a [`ParquetType`](crate::parquet_type::ParquetType), or other words where the table has no Parquet object.
    pub parquet_type: String,
    /// What the values are.
    #[serde(flatten)]
    pub kind: ColumnKind,
    /// Whether the Parquet column is optional. RDS writes optional columns even for NOT NULL ones.
    pub nullable: bool,
}

/// The numbers that the export's metadata gives with an original type, where they mean something for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct OriginalNumbers {
    /// `originalCharMaxLength`: characters, or bytes of a binary type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub char_max_length: Option<u64>,
    /// `originalNumPrecision`: all digits of a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_precision: Option<u64>,
    /// `originalDateTimePrecision`: digits of a second's fraction, 0 to 6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_time_precision: Option<u64>,
}

impl OriginalNumbers {
    /// Whether the metadata says nothing.
    pub fn are_unknown(&self) -> bool {
        *self == Self::default()
    }
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
    /// What RDS says of its export; `None` where the export's metadata does not name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<TableExport>,
}

impl TableSummary {
    /// What RDS warns of, of a table that it exported all the same, verbatim.
    pub fn warning(&self) -> Option<&str> {
        let export = self.export.as_ref().filter(|_| self.skipped.is_none())?;
        export.warning.as_deref()
    }
}

/// What RDS says of one table in `export_tables_info_….json`, which it writes beside an export.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ExportSnapshot.FileNames.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct TableExport {
    /// `status`, verbatim: `COMPLETE`, `SKIPPED`, `FAILED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `warningMessage`, verbatim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// Why it failed, verbatim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_cause: Option<String>,
    /// `sizeGB` in bytes: what was read of the table, uncompressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extracted_bytes: Option<u64>,
    /// `numberOfPartitions`: the parts in which RDS read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions: Option<u64>,
    /// `numberOfCompletedPartitions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions_completed: Option<u64>,
    /// `extractionStartTime`, as RDS writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extraction_start_time: Option<String>,
    /// `extractionEndTime`, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extraction_end_time: Option<String>,
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

/// One or two columns that looked like a key and are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedKey {
    /// The partition key's column.
    pub partition: String,
    /// The sort key's column, for a pair.
    pub sort: Option<String>,
    /// What speaks against it.
    pub fault: KeyFault,
    /// Rows that share their key with an earlier one. Of other faults the first row is enough, and none is counted.
    pub rows: Option<u64>,
    /// The first rows that show it, masked.
    pub examples: Vec<Example>,
}

/// What speaks against a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyFault {
    /// A row is NULL in it.
    Null,
    /// A row is empty in it, which no key may be.
    Empty,
    /// A row's value is longer than a key may be.
    TooLong,
    /// Rows share a key.
    Duplicate,
}

impl KeyCandidate {
    /// `id`, or `order_id,line`.
    pub fn columns(&self) -> String {
        columns(&self.partition, self.sort.as_deref())
    }
}

impl RefusedKey {
    /// `id`, or `order_id,line`.
    pub fn columns(&self) -> String {
        columns(&self.partition, self.sort.as_deref())
    }

    /// Why, as a sentence without its subject and full stop.
    pub fn reason(&self) -> String {
        match (self.fault, self.rows) {
            (KeyFault::Null, _) => "is NULL in a row".to_owned(),
            (KeyFault::Empty, _) => "is empty in a row".to_owned(),
            (KeyFault::TooLong, _) => "is longer in a row than a key may be".to_owned(),
            (KeyFault::Duplicate, Some(1)) => "is the same in one row as in another".to_owned(),
            (KeyFault::Duplicate, Some(rows)) => format!("is the same in {rows} rows as in others"),
            (KeyFault::Duplicate, None) => "is the same in several rows".to_owned(),
        }
    }
}

fn columns(partition: &str, sort: Option<&str>) -> String {
    match sort {
        Some(sort) => format!("{partition},{sort}"),
        None => partition.to_owned(),
    }
}

/// Characters of a column's name for which RDS leaves its whole table out.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ExportSnapshot.html>
const FORBIDDEN_IN_COLUMNS: [char; 10] = [',', ';', '{', '}', '(', ')', '\n', '\t', '=', ' '];

/// Why RDS does not export a table of these names, where a name is why.
pub fn forbidden_name<'a>(table: &TableName, columns: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if table.table().contains('/') {
        return Some("the table's name holds a slash, which RDS does not export".to_owned());
    }
    columns.into_iter().find_map(|column| {
        let forbidden = column.chars().find(|c| FORBIDDEN_IN_COLUMNS.contains(c))?;
        Some(format!(
            "the name of column {column:?} holds {forbidden:?}, which RDS does not export"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_rds_cannot_export_are_known() {
        let check = |table: &str, columns: &[&str], expected: Option<&str>| {
            let table = TableName::new("shop", table).unwrap();
            let why = forbidden_name(&table, columns.iter().copied());
            assert_eq!(why.as_deref(), expected);
        };
        check("orders", &["id", "größe"], None);
        check(
            "in/out",
            &["id"],
            Some("the table's name holds a slash, which RDS does not export"),
        );
        check(
            "orders",
            &["id", "unit price"],
            Some("the name of column \"unit price\" holds ' ', which RDS does not export"),
        );
    }
}
