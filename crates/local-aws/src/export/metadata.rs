//! The JSON files at the root of an export.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{ParquetType, TableOutcome};
use crate::database::Column;

/// RDS pages the table statuses by so many.
pub const TABLES_PER_PAGE: usize = 96;

/// `export_info_<task>.json`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportInfo {
    /// The task's identifier.
    pub export_task_identifier: String,
    /// The snapshot.
    pub source_arn: String,
    /// What was asked for; empty for everything.
    pub export_only: Vec<String>,
    /// When the snapshot was taken.
    #[serde(serialize_with = "moment")]
    pub snapshot_time: Timestamp,
    /// When the task began.
    #[serde(serialize_with = "moment")]
    pub task_start_time: Timestamp,
    /// When it ended.
    #[serde(serialize_with = "moment")]
    pub task_end_time: Timestamp,
    /// The bucket.
    pub s3_bucket: String,
    /// The prefix that was asked for.
    pub s3_prefix: String,
    /// The prefix and the task.
    pub exported_files_path: String,
    /// The role that RDS assumed to write.
    pub iam_role_arn: String,
    /// The key that RDS encrypted with.
    pub kms_key_id: String,
    /// `COMPLETE`.
    pub status: String,
    /// 100.
    pub percent_progress: u8,
    /// The size of the data before compression.
    #[serde(rename = "totalExportedDataInGB")]
    pub total_exported_data_in_gb: f64,
}

fn moment<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{at:.3}"))
}

/// One page of `export_tables_info_…`. Counts of partitions are strings, as RDS writes them.
pub fn tables_info(tables: &[TableOutcome]) -> Value {
    json!({ "perTableStatus": tables.iter().map(table_info).collect::<Vec<_>>() })
}

fn table_info(outcome: &TableOutcome) -> Value {
    let table = &outcome.table;
    let parts = outcome.written.as_ref().map_or(0, |written| written.parts.len());
    let extracted = outcome
        .written
        .as_ref()
        .map_or(0, |written| written.extracted_bytes);
    let mut info = json!({
        "tableStatistics": {
            "extractionStartTime": format!("{:.3}", outcome.started_at),
            "extractionEndTime": format!("{:.3}", outcome.ended_at),
            "partitioningInfo": {
                "numberOfPartitions": parts.to_string(),
                "numberOfCompletedPartitions": parts.to_string(),
            },
        },
        "schemaMetadata": { "originalTypeMappings": table.columns.iter().map(mapping).collect::<Vec<_>>() },
        "status": outcome.status(),
        "sizeGB": gigabytes(extracted),
        "target": format!("{}.{}", table.schema, table.name),
    });
    if let Some(warning) = &outcome.warning {
        info["warningMessage"] = json!(warning);
    }
    info
}

fn mapping(column: &Column) -> Value {
    json!({
        "columnName": column.name,
        "originalType": column.original_type,
        "expectedExportedType": ParquetType::of(column.kind).name(),
        "originalCharMaxLength": column.char_max_length.unwrap_or(0),
        "originalNumPrecision": column.numeric_precision.unwrap_or(0),
        "originalDateTimePrecision": column.datetime_precision.unwrap_or(0),
    })
}

/// Bytes as RDS counts gigabytes.
#[expect(clippy::cast_precision_loss, reason = "a size for people, in gigabytes")]
pub fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}
