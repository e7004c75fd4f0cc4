//! What a copy holds: tables, columns, rows, sizes, possible keys. Reads footers and metadata, and no row.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aws::Cloud;
use aws::s3::{BucketRef, ObjectEntry};
use recovery::ids::TableName;
use recovery::plan::CopyRef;
use recovery::table::{Column, KeyCandidate, TableSummary};
use tokio_util::sync::CancellationToken;

use crate::footer::{self, Footer};
use crate::layout::{self, Folder, Layout};
use crate::metadata::{ExportInfo, TableStatus, TablesInfo};
use crate::statistics::Statistics;
use crate::{Error, Refusal, candidates, column, concurrent};

/// The most objects of one export.
const OBJECTS_MAX: usize = 1_000_000;

/// The largest metadata object that is read.
const METADATA_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Footers and metadata read at once.
const READS_IN_FLIGHT: usize = 24;

/// What one copy holds.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The copy.
    pub copy: CopyRef,
    /// `export_info`, where it is there.
    pub export: Option<ExportInfo>,
    /// The tables, by name.
    pub tables: Vec<TableInspection>,
    /// Why the copy as a whole cannot be relied upon. A plan over it is refused.
    pub problems: Vec<Refusal>,
}

/// What one table of a copy holds.
#[derive(Clone, Debug)]
pub struct TableInspection {
    /// What people are shown.
    pub summary: TableSummary,
    /// Possible keys by names, types and footers, the likeliest first. None has been proven.
    pub candidates: Vec<KeyCandidate>,
    /// The Parquet objects.
    pub objects: Vec<InspectedObject>,
    /// Why the table cannot be restored. A plan with it is refused.
    pub problems: Vec<Refusal>,
}

/// A Parquet object and what its footer states.
#[derive(Clone, Debug)]
pub struct InspectedObject {
    /// The whole key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// The entity tag that the listing told.
    pub etag: String,
    /// Rows of each row group.
    pub row_groups: Vec<u64>,
}

impl TableInspection {
    /// The few candidates that are worth telling while none is proven.
    pub fn likely_keys(&self) -> Vec<KeyCandidate> {
        candidates::likely(&self.candidates)
    }
}

impl Inspection {
    /// The table of that name.
    pub fn table(&self, name: &TableName) -> Option<&TableInspection> {
        self.tables.iter().find(|table| &table.summary.name == name)
    }
}

/// The bucket of a copy, as whoever it belongs to.
pub(crate) fn bucket_of(copy: &CopyRef) -> BucketRef {
    BucketRef::new(copy.region.clone(), copy.bucket.as_str()).of_account(copy.account.clone())
}

/// Reads everything under the copy's prefix but its rows.
///
/// What is wrong with the copy or a table is told in `problems`; an error means that it could not be looked at, or that
/// there is nothing.
pub async fn inspect(cloud: &Cloud, copy: &CopyRef) -> Result<Inspection, Error> {
    let cancel = CancellationToken::new();
    let bucket = bucket_of(copy);
    let prefix = copy.prefix.trim_end_matches('/');
    let below = if prefix.is_empty() {
        String::new()
    } else {
        format!("{prefix}/")
    };
    let listing = cloud.list_objects_up_to(&bucket, &below, OBJECTS_MAX).await?;
    if listing.is_empty() {
        return Err(Refusal::new(
            "nothing_there",
            bucket.uri(prefix),
            "there are no objects under this prefix",
            "Check bucket, prefix and Region. The prefix ends with the name of the export task.",
        )
        .into());
    }
    let layout = layout::sort(prefix, listing);
    let mut problems = Vec::new();
    let export = read_export_info(cloud, &bucket, &layout).await?;
    let statuses = read_tables_info(cloud, &bucket, &layout).await?;
    check_metadata(&bucket, prefix, &layout, export.as_ref(), &mut problems);

    let mut by_table: BTreeMap<TableName, TableStatus> = BTreeMap::new();
    for status in statuses {
        let has_folder = |name: &TableName| layout.folders.contains_key(&layout::folder_of(name));
        if let Some(name) = status.table(has_folder) {
            by_table.insert(name, status);
        }
    }
    let has_metadata = !layout.tables_info.is_empty();
    let mut found: BTreeMap<TableName, (Option<TableStatus>, Folder)> = BTreeMap::new();
    let mut folders = layout.folders;
    for (name, status) in by_table {
        let folder = folders.remove(&layout::folder_of(&name)).unwrap_or_default();
        found.insert(name, (Some(status), folder));
    }
    for (path, folder) in folders {
        let name = path
            .split_once('/')
            .and_then(|(database, table)| layout::table_name(database, table));
        if let Some(name) = name {
            found.insert(name, (None, folder));
        }
    }
    let mut tables = Vec::new();
    for (name, (status, folder)) in found {
        tables.push(
            inspect_table(
                cloud,
                &bucket,
                name,
                status.as_ref(),
                folder,
                has_metadata,
                &cancel,
            )
            .await?,
        );
    }
    Ok(Inspection {
        copy: copy.clone(),
        export,
        tables,
        problems,
    })
}

async fn read_export_info(
    cloud: &Cloud,
    bucket: &BucketRef,
    layout: &Layout,
) -> Result<Option<ExportInfo>, Error> {
    let Some(entry) = layout.export_info.first() else {
        return Ok(None);
    };
    let content = cloud.get_object(bucket, &entry.key, METADATA_BYTES_MAX).await?;
    parse(bucket, &entry.key, &content).map(Some)
}

async fn read_tables_info(
    cloud: &Cloud,
    bucket: &BucketRef,
    layout: &Layout,
) -> Result<Vec<TableStatus>, Error> {
    let infos = layout.tables_info.as_slice();
    let pages = concurrent::ordered(infos.len(), READS_IN_FLIGHT, |index| async move {
        let (_, entry) = &infos[index];
        let content = cloud.get_object(bucket, &entry.key, METADATA_BYTES_MAX).await?;
        parse::<TablesInfo>(bucket, &entry.key, &content)
    })
    .await?;
    Ok(pages.into_iter().flat_map(|page| page.per_table_status).collect())
}

fn parse<T: serde::de::DeserializeOwned>(bucket: &BucketRef, key: &str, content: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(content).map_err(|error| {
        Refusal::new(
            "damaged_metadata",
            bucket.uri(key),
            format!("it is not the JSON that RDS writes: {error}"),
            "The object is truncated or damaged. Verify the copy, and restore from another Region's copy.",
        )
        .into()
    })
}

/// RDS writes the metadata last, so that a part of it, or gaps in it, tell of an export that isn't whole.
fn check_metadata(
    bucket: &BucketRef,
    prefix: &str,
    layout: &Layout,
    export: Option<&ExportInfo>,
    problems: &mut Vec<Refusal>,
) {
    let mut incomplete = |subject: String, cause: String| {
        problems.push(Refusal::new(
            "incomplete_export",
            subject,
            cause,
            "Wait until the export is complete and replicated, then verify the copy.",
        ));
    };
    match (export, layout.tables_info.is_empty()) {
        (Some(export), _) if !export.is_complete() => incomplete(
            bucket.uri(prefix),
            format!(
                "the export's status is {}, not COMPLETE",
                export.status.as_deref().unwrap_or("missing")
            ),
        ),
        (Some(_), true) => incomplete(
            bucket.uri(prefix),
            "export_tables_info_….json is missing".to_owned(),
        ),
        (None, false) => incomplete(bucket.uri(prefix), "export_info_….json is missing".to_owned()),
        _ => {}
    }
    let mut next = 1;
    for (positions, entry) in &layout.tables_info {
        let Some((from, to)) = positions else { continue };
        if *from > next {
            incomplete(
                bucket.uri(prefix),
                format!("the metadata of tables {next} to {} is missing", from - 1),
            );
        }
        if to < from {
            incomplete(bucket.uri(&entry.key), "its name counts backwards".to_owned());
        }
        next = next.max(to + 1);
    }
}

async fn inspect_table(
    cloud: &Cloud,
    bucket: &BucketRef,
    name: TableName,
    status: Option<&TableStatus>,
    folder: Folder,
    has_metadata: bool,
    cancel: &CancellationToken,
) -> Result<TableInspection, Error> {
    let mut problems = Vec::new();
    let complaint = status.and_then(|status| status.complaint(&name));
    let skipped =
        complaint.filter(|_| folder.objects.is_empty() || !status.is_some_and(TableStatus::is_complete));
    if let Some(reason) = &skipped {
        problems.push(Refusal::new(
            "table_not_exported",
            name.to_string(),
            format!("RDS did not export this table: {reason}"),
            "Leave the table out, or mend its cause at the source and export a later recovery point.",
        ));
    }
    if let Some(cause) = incompleteness(&folder, status, skipped.is_some()) {
        problems.push(Refusal::new(
            "incomplete_export",
            name.to_string(),
            cause,
            "Wait until the copy is verified, or restore from another Region's copy.",
        ));
    }
    if has_metadata && status.is_none() {
        problems.push(Refusal::new(
            "incomplete_export",
            name.to_string(),
            "the export's metadata does not name this table",
            "Verify the copy: objects have been added to it, or parts of its metadata are missing.",
        ));
    }
    let first = OnceLock::new();
    let entries = folder.objects.as_slice();
    let read = concurrent::ordered(entries.len(), READS_IN_FLIGHT, |index| {
        let (name, first) = (&name, &first);
        async move { read_object(cloud, bucket, name, status, &entries[index], first, cancel).await }
    })
    .await?;
    let mut objects = Vec::new();
    let mut statistics = Statistics::new(first.get().map_or(0, Vec::len));
    for outcome in read {
        match outcome {
            Ok((object, own)) => {
                objects.push(object);
                statistics.merge(own);
            }
            Err(problem) => problems.push(problem),
        }
    }
    let columns = first.into_inner();
    let columns = columns.unwrap_or_else(|| {
        let mappings = status.map(|status| status.schema_metadata.original_type_mappings.as_slice());
        mappings
            .unwrap_or_default()
            .iter()
            .map(column::of_metadata)
            .collect()
    });
    Ok(TableInspection {
        candidates: candidates::ranked(name.table(), &columns, &statistics),
        summary: TableSummary {
            rows: objects.iter().flat_map(|object| &object.row_groups).sum(),
            bytes: objects.iter().map(|object| object.size).sum(),
            objects: objects.len() as u64,
            name,
            columns,
            skipped,
            export: status.map(TableStatus::kept),
        },
        objects,
        problems,
    })
}

/// What the markers say against a table.
///
/// Each batch folder ends with its `_SUCCESS`. Older exports have no batch folders and no markers, so there the
/// metadata's word is enough; and a table without a row has its marker alone, without which it may as well be lost.
fn incompleteness(folder: &Folder, status: Option<&TableStatus>, is_skipped: bool) -> Option<String> {
    let unmarked = folder.unmarked();
    let lacking = unmarked
        .iter()
        .find(|batch| !batch.is_empty() || status.is_none());
    if let Some(batch) = lacking {
        return Some(format!(
            "{batch}_SUCCESS is missing, so the export of this table did not finish or did not arrive whole"
        ));
    }
    (folder.objects.is_empty() && folder.marked.is_empty() && !is_skipped)
        .then(|| "there are neither Parquet objects nor the _SUCCESS of an empty table".to_owned())
}

/// Reads one object's footer. What is wrong with the object is told, not failed upon: others may be restored.
///
/// `first` are the columns of the table by whichever object was read first; all others must have the same.
async fn read_object(
    cloud: &Cloud,
    bucket: &BucketRef,
    table: &TableName,
    status: Option<&TableStatus>,
    entry: &ObjectEntry,
    first: &OnceLock<Vec<Column>>,
    cancel: &CancellationToken,
) -> Result<Result<(InspectedObject, Statistics), Refusal>, Error> {
    let footer = match footer::read(cloud, bucket, &entry.key, entry.size, &entry.etag, cancel).await {
        Ok(footer) => footer,
        Err(Error::Refused(refusal)) => return Ok(Err(refusal)),
        Err(other) => return Err(other),
    };
    let own = match columns_of(&footer, status) {
        Ok(own) => own,
        Err(unsupported) => {
            return Ok(Err(Refusal::new(
                "unsupported_column",
                format!("{table}.{}", unsupported.column),
                format!("{} has no lossless form in DynamoDB", unsupported.parquet_type),
                "Leave the table out. RDS writes no such column for MySQL: check what wrote this object.",
            )));
        }
    };
    if *first.get_or_init(|| own.clone()) != own {
        return Ok(Err(Refusal::new(
            "different_schemas",
            bucket.uri(&entry.key),
            format!("its columns are not those of the other objects of {table}"),
            "The objects are not of one export. Verify the copy, and restore from another Region's copy.",
        )));
    }
    let object = InspectedObject {
        key: entry.key.clone(),
        size: entry.size,
        etag: entry.etag.clone(),
        row_groups: footer.row_groups(),
    };
    Ok(Ok((object, Statistics::of(&footer, &own))))
}

fn columns_of(
    footer: &Footer,
    status: Option<&TableStatus>,
) -> Result<Vec<Column>, column::UnsupportedColumn> {
    let fields = footer.schema.root_schema().get_fields();
    fields
        .iter()
        .map(|field| column::of_parquet(field, status.and_then(|status| status.column(field.name()))))
        .collect()
}
