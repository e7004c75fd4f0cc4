//! Exports laid as RDS lays them, from Arrow columns.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, GzipLevel};
use parquet::file::properties::WriterProperties;
use serde_json::json;

use crate::world::World;

/// A Parquet file as Spark-like writers make them: gzip pages, no Arrow schema inside.
pub fn parquet(batch: &RecordBatch, row_group_rows: usize) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::GZIP(GzipLevel::default()))
        .set_max_row_group_row_count(Some(row_group_rows))
        .build();
    let options = ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true);
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new_with_options(&mut file, batch.schema(), options).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    file
}

/// Shows with ids from `ids`: every kind of value, some NULL.
pub fn shows(ids: std::ops::Range<i32>) -> RecordBatch {
    let count = ids.len();
    let each = || ids.clone();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int32Array::from_iter_values(each()))),
        (
            "title",
            Arc::new(StringArray::from_iter_values(
                each().map(|id| format!("Łódź {id} 🎬")),
            )),
        ),
        (
            "air_date",
            Arc::new(
                each()
                    .map(|id| (id % 7 != 0).then(|| format!("2026-01-{:02}", id % 28 + 1)))
                    .collect::<StringArray>(),
            ),
        ),
        // CHAR: bytes without annotation.
        (
            "country",
            Arc::new(BinaryArray::from_iter_values(
                each().map(|id| if id % 2 == 0 { "US" } else { "DE" }),
            )),
        ),
        (
            "price",
            Arc::new(
                Decimal128Array::from_iter_values(each().map(|id| i128::from(id) * 25))
                    .with_precision_and_scale(20, 2)
                    .unwrap(),
            ),
        ),
        (
            "vote_average",
            Arc::new(Float64Array::from_iter_values(
                each().map(|id| f64::from(id) / 7.0),
            )),
        ),
        (
            "votes",
            Arc::new(
                each()
                    .map(|id| (id % 5 != 0).then(|| i64::from(id) << 33))
                    .collect::<Int64Array>(),
            ),
        ),
        (
            "changed",
            Arc::new(
                TimestampMicrosecondArray::from_iter_values(each().map(|id| i64::from(id) * 1_234_567))
                    .with_timezone("UTC"),
            ),
        ),
        (
            "poster",
            Arc::new(BinaryArray::from_iter_values(each().map(i32::to_le_bytes))),
        ),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    assert_eq!(batch.num_rows(), count);
    batch
}

/// What RDS would say of the columns of [`shows`].
pub fn show_types() -> serde_json::Value {
    let types = [
        ("id", "int"),
        ("title", "varchar(255)"),
        ("air_date", "date"),
        ("country", "char(2)"),
        ("price", "decimal(20,2)"),
        ("vote_average", "double"),
        ("votes", "bigint"),
        ("changed", "datetime(6)"),
        ("poster", "varbinary(4)"),
    ];
    types
        .iter()
        .map(|(name, original)| json!({"columnName": name, "originalType": original, "originalNumPrecision": "10"}))
        .collect()
}

/// A table of an export.
pub struct Table {
    pub name: &'static str,
    pub types: serde_json::Value,
    /// Parquet files; every file lies in a batch folder of its own number when `batches` is set.
    pub files: Vec<Vec<u8>>,
    pub batches: bool,
}

impl Table {
    /// `tv.shows` in these files.
    pub fn shows(files: Vec<Vec<u8>>) -> Self {
        Self {
            name: "tv.shows",
            types: show_types(),
            files,
            batches: true,
        }
    }
}

/// Lays an export of `tables` under `prefix` and gives the keys of its Parquet objects.
pub async fn lay(world: &World, prefix: &str, tables: &[Table]) -> Vec<String> {
    let mut keys = Vec::new();
    let mut statuses = Vec::new();
    for table in tables {
        let (database, _) = table.name.split_once('.').unwrap();
        let folder = format!("{prefix}/{database}/{}", table.name);
        for (number, file) in table.files.iter().enumerate() {
            // Numbers have gaps, as RDS's may.
            let number = number * 2 + 1;
            let place = if table.batches {
                format!("{folder}/{number}")
            } else {
                folder.clone()
            };
            let key = format!("{place}/part-{number:05}-0f0f-c000.gz.parquet");
            world.put(&key, file.clone()).await;
            if table.batches {
                world.put(&format!("{place}/_SUCCESS"), "").await;
            }
            keys.push(key);
        }
        statuses.push(complete(table));
    }
    lay_metadata(world, prefix, &statuses, "COMPLETE").await;
    keys
}

/// What RDS says of a table that it exported.
pub fn complete(table: &Table) -> serde_json::Value {
    let (database, _) = table.name.split_once('.').unwrap();
    json!({
        "target": format!("{database}.{}", table.name),
        "status": "COMPLETE",
        "tableStatistics": {},
        "schemaMetadata": {"originalTypeMappings": table.types},
    })
}

/// Lays the metadata alone, a page for each table.
pub async fn lay_metadata(world: &World, prefix: &str, statuses: &[serde_json::Value], status: &str) {
    let info = json!({
        "exportTaskIdentifier": "x", "status": status, "percentProgress": "100", "sourceArn": "arn:aws:rds:…",
        "totalExportedDataInGB": "0.1",
    });
    world
        .put(&format!("{prefix}/export_info_x.json"), info.to_string())
        .await;
    for (index, status) in statuses.iter().enumerate() {
        let number = index + 1;
        let key = format!("{prefix}/export_tables_info_x_from_{number}_to_{number}.json");
        world
            .put(&key, json!({"perTableStatus": [status]}).to_string())
            .await;
    }
}
