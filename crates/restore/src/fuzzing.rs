//! What the targets in `fuzz/` call: the parsers of what others wrote, and what a restore makes of it at once. Compiled
//! for them alone. Each takes any bytes, and panics where something that must hold of whatever was accepted does not.

use std::collections::BTreeSet;

use aws::s3::ObjectEntry;
use recovery::ids::TableName;
use recovery::plan::{PLAN_VERSION, Plan};

use crate::metadata::{ExportInfo, TablesInfo};
use crate::statistics::Statistics;
use crate::{candidates, column, footer, layout, preflight};

/// The bytes as a Parquet object: its footer, and what an inspection reads from that.
pub fn footer(object: &[u8]) {
    let size = object.len() as u64;
    let Ok(place) = footer::place(object, size) else {
        return;
    };
    let (start, end) = (
        usize::try_from(place.start).unwrap(),
        usize::try_from(place.end).unwrap(),
    );
    let Ok(footer) = footer::parse(&object[start..end], place.start) else {
        return;
    };
    for chunk in footer
        .metadata()
        .row_groups()
        .iter()
        .flat_map(|group| group.columns())
    {
        let (from, length) = chunk.byte_range();
        assert!(from + length <= place.start, "a chunk lies before the footer");
    }
    let row_groups = footer.row_groups();
    let _ = footer.row_bytes(0..row_groups.len());
    let fields = footer.schema.root_schema().get_fields();
    let columns: Result<Vec<_>, _> = fields
        .iter()
        .map(|field| column::of_parquet(field, None))
        .collect();
    let Ok(columns) = columns else { return };
    assert_eq!(footer.schema.num_columns(), columns.len(), "columns are flat");
    let mut statistics = Statistics::of(&footer, &columns);
    assert_eq!(statistics.rows, row_groups.iter().sum::<u64>());
    let _ = statistics.bytes(&columns);
    for key in candidates::ranked("table", &columns, &statistics) {
        let is_column = |name: &str| columns.iter().any(|column| column.name == name);
        assert!(is_column(&key.partition) && key.sort.is_none_or(|sort| is_column(&sort)));
    }
    statistics.merge(statistics.clone());
}

/// The bytes as either JSON that RDS writes beside an export, and as a listing: one key a line below the first line.
pub fn metadata(bytes: &[u8]) {
    if let Ok(info) = serde_json::from_slice::<ExportInfo>(bytes) {
        let _ = info.is_complete();
    }
    if let Ok(page) = serde_json::from_slice::<TablesInfo>(bytes) {
        for status in &page.per_table_status {
            let Some(name) = status.table(|_| false) else {
                continue;
            };
            assert!(
                status.is_complete() || status.complaint(&name).is_some(),
                "a table that is not there is complained of"
            );
            assert_eq!(status.table(|_| true), Some(name.clone()));
            is_found_in_its_folder(&name);
            for mapping in &status.schema_metadata.original_type_mappings {
                let column = column::of_metadata(mapping);
                assert_eq!(column.name, mapping.column_name);
                assert!(status.column(&column.name).is_some());
            }
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        listing(text);
    }
}

/// A name with a slash has no folder: RDS does not export it.
fn is_found_in_its_folder(name: &TableName) {
    let folder = layout::folder_of(name);
    let found = layout::sort("p", vec![entry(&format!("p/{folder}/1/part-0.gz.parquet"))]);
    assert_eq!(
        found.folders.contains_key(&folder),
        folder.matches('/').count() == 1
    );
}

fn listing(text: &str) {
    let mut lines = text.lines();
    let prefix = lines.next().unwrap_or_default();
    let entries: Vec<_> = lines.map(|key| entry(&format!("{prefix}/{key}"))).collect();
    let count = entries.len();
    let layout = layout::sort(prefix, entries);
    let objects: usize = layout.folders.values().map(|folder| folder.objects.len()).sum();
    assert!(objects + layout.export_info.len() + layout.tables_info.len() <= count);
    assert!(layout.tables_info.is_sorted_by_key(|(positions, _)| *positions));
    for (path, folder) in &layout.folders {
        let (database, table) = path.split_once('/').unwrap();
        assert!(layout::table_name(database, table).is_some());
        assert_eq!(folder.batches.is_empty(), folder.objects.is_empty());
        assert!(
            folder
                .unmarked()
                .iter()
                .all(|batch| folder.batches.contains(*batch))
        );
    }
}

fn entry(key: &str) -> ObjectEntry {
    ObjectEntry {
        key: key.to_owned(),
        size: 1,
        etag: String::new(),
        last_modified: None,
        storage_class: None,
    }
}

/// The bytes as a plan's JSON.
pub fn plan(json: &[u8]) {
    let Ok(plan) = serde_json::from_slice::<Plan>(json) else {
        return;
    };
    let again: Plan = serde_json::from_slice(&serde_json::to_vec(&plan).unwrap()).unwrap();
    assert_eq!(again, plan);
    assert_eq!(again.digest(), plan.digest());
    assert_eq!(
        preflight::check_version(&plan).is_ok(),
        plan.version == PLAN_VERSION
    );
    let _ = plan.rows();
    let units = plan.units();
    let mut covered = BTreeSet::new();
    for (index, unit) in units.iter().enumerate() {
        assert_eq!(unit.index as usize, index);
        let row_groups = &plan.tables[unit.table as usize].objects[unit.object as usize].row_groups;
        let range = unit.row_group_start as usize..unit.row_group_end as usize;
        let rows = row_groups[range.clone()]
            .iter()
            .copied()
            .fold(0, u64::saturating_add);
        assert_eq!(unit.rows, rows);
        for row_group in range {
            assert!(
                covered.insert((unit.table, unit.object, row_group)),
                "a row group in two units"
            );
        }
    }
    let objects = plan.tables.iter().flat_map(|table| &table.objects);
    let all: usize = objects.map(|object| object.row_groups.len()).sum();
    assert_eq!(covered.len(), all, "a row group in no unit");
}
