//! Restored tables turned back into Parquet files of their original schema.
//!
//! The files lie as RDS lays an export, metadata and markers included, so that the folder is a copy that can be
//! inspected and restored again. Items are read as the proof reads them; one that the restore did not write so is
//! refused by its key.

mod column_chunk;
mod table_files;

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws::Cloud;
use aws::dynamodb::{Item, Scan, TableRef};
use recovery::digest::TableDigest;
use recovery::ids::{TableName, TargetName};
use recovery::schema_record::{SCHEMA_RECORD_VERSION, SchemaRecord, TableSchema};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{Error, Refusal, Tuning, concurrent, layout, retry};
use table_files::{TableFiles, Written};

/// Scans, and writers, of one table at once. Each holds a row group and a few pages, whose items take several times the
/// 1 MB that they had on the wire: about 30 MB.
const LANES: u64 = 4;

/// A segment is made for so many rows.
const SEGMENT_ROWS: u64 = 10_000;

/// The most segments of one scan.
const SEGMENTS_MAX: u64 = 256;

/// Pages that wait for a writer; DynamoDB's have up to 1 MB.
const PAGES_WAITING: usize = 2;

/// What became of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedTable {
    /// The table's name in the copy that it was restored from.
    pub source: TableName,
    /// The DynamoDB table that was read.
    pub target: TargetName,
    /// Rows written.
    pub rows: u64,
    /// Parquet files written.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The digest of the rows: equal to the restore's when the table holds what was restored.
    pub digest: TableDigest,
}

/// Writes tables of a record as Parquet below `folder`, which must be missing or empty.
///
/// `rows` counts up while it works. A table's `_SUCCESS` is written after its last file and the metadata last of all, so
/// that an export which was stopped is taken for incomplete by everybody.
pub async fn export_rows(
    cloud: &Cloud,
    record: &SchemaRecord,
    tables: &[TableSchema],
    folder: &Path,
    rows: &AtomicU64,
    cancel: &CancellationToken,
) -> Result<Vec<ExportedTable>, Error> {
    check_version(record)?;
    create_empty(folder)?;
    let mut exported = Vec::new();
    for table in tables {
        exported.push(export_table(cloud, record, table, folder, rows, cancel).await?);
    }
    write_metadata(record, tables, folder)?;
    Ok(exported)
}

fn check_version(record: &SchemaRecord) -> Result<(), Refusal> {
    if record.version == SCHEMA_RECORD_VERSION {
        return Ok(());
    }
    Err(Refusal::new(
        "unknown_schema_record",
        format!("schema record of plan {}", record.plan_digest),
        format!(
            "it is of version {}; this build reads {SCHEMA_RECORD_VERSION}",
            record.version
        ),
        "Use the version of the program that wrote it.",
    ))
}

async fn export_table(
    cloud: &Cloud,
    record: &SchemaRecord,
    table: &TableSchema,
    folder: &Path,
    rows: &AtomicU64,
    cancel: &CancellationToken,
) -> Result<ExportedTable, Error> {
    let target = TableRef::new(record.target_region.clone(), table.target.clone());
    let place = folder.join(place_of(&table.source)?);
    fs::create_dir_all(&place).map_err(|error| state("creating", &place, &error))?;
    let has_files = table.rows > 0 || !retry::transient(cancel, || cloud.is_table_empty(&target)).await?;
    let mut written = Written::default();
    // RDS writes no file for a table without rows, of which the record then knows no Parquet types.
    if has_files {
        let files = Arc::new(TableFiles::new(table, place.clone())?);
        let segments = table.rows.div_ceil(SEGMENT_ROWS).clamp(1, SEGMENTS_MAX);
        let lanes = LANES.min(segments);
        let lane = |lane| {
            let segments = Segments {
                next: u32::try_from(lane).unwrap_or_default(),
                step: u32::try_from(lanes).unwrap_or(1),
                total: u32::try_from(segments).unwrap_or(1),
            };
            scan_into(cloud, &target, segments, Arc::clone(&files), rows, cancel)
        };
        let lanes = usize::try_from(lanes).unwrap_or(1);
        for part in concurrent::ordered(lanes, lanes, lane).await? {
            written.add(&part);
        }
    }
    let marker = place.join("_SUCCESS");
    fs::write(&marker, b"").map_err(|error| state("writing", &marker, &error))?;
    Ok(ExportedTable {
        source: table.source.clone(),
        target: table.target.clone(),
        rows: written.rows,
        objects: written.files,
        bytes: written.bytes,
        digest: written.hash.digest(),
    })
}

/// Every `step`th of `total` segments.
#[derive(Clone, Copy, Debug)]
struct Segments {
    next: u32,
    step: u32,
    total: u32,
}

/// Scans segments one after the other and writes their items, both at once.
async fn scan_into(
    cloud: &Cloud,
    target: &TableRef,
    segments: Segments,
    files: Arc<TableFiles>,
    rows: &AtomicU64,
    cancel: &CancellationToken,
) -> Result<Written, Error> {
    let (sender, mut pages) = mpsc::channel::<Vec<Item>>(PAGES_WAITING);
    let writing = tokio::task::spawn_blocking(move || {
        let mut writer = files.writer();
        while let Some(items) = pages.blocking_recv() {
            for item in &items {
                writer.push(item)?;
            }
        }
        writer.finish()
    });
    let scanned = scan(cloud, target, segments, &sender, rows, cancel).await;
    drop(sender);
    let written: Result<Written, Error> = writing.await.map_err(|error| Error::from_join(&error))?;
    // Where both failed, the writer knows better why: the scan then only saw that nobody took its pages.
    let written = written?;
    scanned?;
    Ok(written)
}

async fn scan(
    cloud: &Cloud,
    target: &TableRef,
    segments: Segments,
    pages: &mpsc::Sender<Vec<Item>>,
    rows: &AtomicU64,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let give_up_after = Tuning::default().give_up_after;
    let mut segment = segments.next;
    while segment < segments.total {
        let mut scan = Scan {
            segment: (segments.total > 1).then_some((segment, segments.total)),
            ..Scan::default()
        };
        loop {
            let page = retry::patient(cancel, give_up_after, || cloud.scan_segment(target, &scan)).await?;
            let count = page.items.len() as u64;
            // A closed channel means that writing has failed, and it says why.
            if pages.send(page.items).await.is_err() {
                return Ok(());
            }
            rows.fetch_add(count, Ordering::Relaxed);
            match page.next {
                Some(next) => scan.start_after = Some(next),
                None => break,
            }
        }
        segment += segments.step;
    }
    Ok(())
}

/// `db/db.table/1`, as RDS lays a table. A name that would lead elsewhere is refused.
fn place_of(source: &TableName) -> Result<PathBuf, Refusal> {
    let place = PathBuf::from(layout::folder_of(source));
    let parts: Vec<Component<'_>> = place.components().collect();
    if parts.len() == 2 && parts.iter().all(|part| matches!(part, Component::Normal(_))) {
        return Ok(place.join("1"));
    }
    Err(Refusal::new(
        "bad_table_name",
        source.to_string(),
        "the name is no folder's",
        "RDS exports no such table: check the schema record.",
    ))
}

fn create_empty(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| state("creating", folder, &error))?;
    let mut entries = fs::read_dir(folder).map_err(|error| state("reading", folder, &error))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Refusal::new(
            "folder_not_empty",
            folder.display().to_string(),
            "there are files in it",
            "Name another folder, or empty this one: rows are never mixed with files of something else.",
        )
        .into()),
    }
}

/// What RDS writes beside an export, as far as the record knows it.
fn write_metadata(record: &SchemaRecord, tables: &[TableSchema], folder: &Path) -> Result<(), Error> {
    let name = format!("rows-{}", record.plan_digest.get(..12).unwrap_or_default());
    let statuses: Vec<_> = tables.iter().map(table_info).collect();
    let tables_info = format!("export_tables_info_{name}_from_1_to_{}.json", tables.len());
    let export_info = json!({
        "exportTaskIdentifier": name,
        "status": "COMPLETE",
        "percentProgress": 100,
        "exportOnly": tables.iter().map(|table| table.source.to_string()).collect::<Vec<_>>(),
    });
    for (file, content) in [
        (tables_info, json!({ "perTableStatus": statuses })),
        (format!("export_info_{name}.json"), export_info),
    ] {
        let path = folder.join(file);
        fs::write(&path, content.to_string()).map_err(|error| state("writing", &path, &error))?;
    }
    Ok(())
}

fn table_info(table: &TableSchema) -> serde_json::Value {
    let mappings: Vec<_> = table
        .columns
        .iter()
        .map(|column| &column.column)
        .filter_map(|column| {
            let original = column.original_type.as_deref()?;
            let mut mapping = json!({ "columnName": column.name, "originalType": original });
            let numbers = column.original_numbers;
            for (name, number) in [
                ("originalCharMaxLength", numbers.char_max_length),
                ("originalNumPrecision", numbers.num_precision),
                ("originalDateTimePrecision", numbers.date_time_precision),
            ] {
                // Left out where it is unknown: 0 would mean something for a time.
                if let Some(number) = number {
                    mapping[name] = number.into();
                }
            }
            Some(mapping)
        })
        .collect();
    json!({
        "target": table.source.to_string(),
        "status": "COMPLETE",
        "schemaMetadata": { "originalTypeMappings": mappings },
    })
}

fn state(operation: &'static str, path: &Path, error: &io::Error) -> Error {
    Error::State {
        operation,
        subject: path.display().to_string(),
        cause: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_lies_where_rds_lays_it_and_nowhere_else() {
        let place = |database, table| place_of(&TableName::new(database, table).unwrap());
        assert_eq!(
            place("shop", "my table").unwrap(),
            Path::new("shop/shop.my_table/1")
        );
        assert!(place("shop", "../../etc").is_err());
        assert!(TableName::new("..", "x").is_err());
    }

    #[test]
    fn a_folder_with_anything_in_it_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        create_empty(&folder.path().join("new/one")).unwrap();
        let Err(Error::Refused(refusal)) = create_empty(folder.path()) else {
            panic!("there is a folder in it");
        };
        assert_eq!(refusal.code, "folder_not_empty");
    }
}
