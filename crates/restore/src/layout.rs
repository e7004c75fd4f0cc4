//! Where things lie in an export: tables, batch folders, markers, metadata. Pure; it knows keys and nothing else.
//!
//! `<prefix>/<db>/<db.table>/<N>/part-….parquet` today, `<prefix>/<db>/<db.table>/part-….parquet` in older exports, and
//! AWS says that the convention may change: so everything below a table's folder belongs to the table, and partition
//! and batch numbers are never counted.

use std::collections::{BTreeMap, BTreeSet};

use aws::s3::ObjectEntry;
use recovery::ids::TableName;

/// The objects of one export, sorted by what they are.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// The tables' folders, by their path below the prefix: `db/db.table`.
    pub(crate) folders: BTreeMap<String, Folder>,
    /// Keys of `export_info_….json`.
    pub(crate) export_info: Vec<ObjectEntry>,
    /// `export_tables_info_….json` with the positions in its name, in order.
    pub(crate) tables_info: Vec<(Option<(u64, u64)>, ObjectEntry)>,
}

/// A table's folder.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// The Parquet objects, in key order.
    pub(crate) objects: Vec<ObjectEntry>,
    /// Folders that hold Parquet objects, below the table's own: `""` or `1/`.
    pub(crate) batches: BTreeSet<String>,
    /// Folders that hold a `_SUCCESS` marker.
    pub(crate) marked: BTreeSet<String>,
}

impl Folder {
    /// Batch folders with Parquet but no marker. The folder above them counts, for a marker there covers them all.
    pub(crate) fn unmarked(&self) -> Vec<&str> {
        if self.marked.contains("") {
            return Vec::new();
        }
        self.batches
            .iter()
            .filter(|batch| !self.marked.contains(*batch))
            .map(String::as_str)
            .collect()
    }
}

/// Sorts the listing of `prefix`, which has no trailing slash.
pub(crate) fn sort(prefix: &str, listing: Vec<ObjectEntry>) -> Layout {
    let mut layout = Layout::default();
    for entry in listing {
        let Some(path) = entry
            .key
            .strip_prefix(prefix)
            .map(|path| path.trim_start_matches('/'))
        else {
            continue;
        };
        let path = path.to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            [name] if name.starts_with("export_tables_info") && is_json(name) => {
                layout.tables_info.push((positions(name), entry));
            }
            [name] if name.starts_with("export_info") && is_json(name) => layout.export_info.push(entry),
            [database, table, below @ .., name] if table_name(database, table).is_some() => {
                let folder = layout.folders.entry(format!("{database}/{table}")).or_default();
                let batch: String = below.iter().flat_map(|part| [*part, "/"]).collect();
                if *name == "_SUCCESS" {
                    folder.marked.insert(batch);
                } else if is_parquet(name) {
                    folder.batches.insert(batch);
                    folder.objects.push(entry);
                }
            }
            _ => {}
        }
    }
    layout.tables_info.sort_by_key(|(positions, _)| *positions);
    layout
}

/// The table of a folder `db/db.table`.
pub(crate) fn table_name(database: &str, folder: &str) -> Option<TableName> {
    let table = folder.strip_prefix(database)?.strip_prefix('.')?;
    TableName::new(database, table).ok()
}

/// The folder in which RDS lays a table: characters that S3 paths of exports cannot hold become `_`.
pub(crate) fn folder_of(name: &TableName) -> String {
    let written = |text: &str| -> String {
        text.chars()
            .map(|c| {
                if matches!(c, '\\' | '`' | '"' | ' ') {
                    '_'
                } else {
                    c
                }
            })
            .collect()
    };
    let database = written(name.database());
    format!("{database}/{database}.{}", written(name.table()))
}

/// What a metadata `target` may name: `db.table`, or `db.db.table`, which is read as `db.table` first.
pub(crate) fn target_names(target: &str) -> Vec<TableName> {
    let mut names = Vec::new();
    if let Some((database, rest)) = target.split_once('.') {
        if let Some(table) = rest
            .strip_prefix(database)
            .and_then(|rest| rest.strip_prefix('.'))
        {
            names.extend(TableName::new(database, table));
        }
        names.extend(TableName::new(database, rest));
    }
    names
}

/// Only names that end so are Parquet; `_temporary` and hidden files of a Spark-like writer are not data.
fn is_parquet(name: &str) -> bool {
    ends_with(name, ".parquet") && !name.starts_with(['_', '.'])
}

fn is_json(name: &str) -> bool {
    ends_with(name, ".json")
}

fn ends_with(name: &str, ending: &str) -> bool {
    name.len() >= ending.len()
        && name
            .get(name.len() - ending.len()..)
            .is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

/// `(1, 96)` of `export_tables_info_task_from_1_to_96.json`.
fn positions(name: &str) -> Option<(u64, u64)> {
    let stem = name.get(..name.len().checked_sub(".json".len())?)?;
    let (_, range) = stem.rsplit_once("_from_")?;
    let (from, to) = range.split_once("_to_")?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str) -> ObjectEntry {
        ObjectEntry {
            key: key.to_owned(),
            size: 1,
            etag: "\"e\"".to_owned(),
            last_modified: None,
            storage_class: None,
        }
    }

    #[test]
    fn both_layouts_markers_and_metadata_are_told_apart() {
        let keys = [
            "p/x/export_info_x.json",
            "p/x/export_tables_info_x_from_97_to_100.json",
            "p/x/export_tables_info_x_from_1_to_96.json",
            "p/x/shop/shop.orders/1/_SUCCESS",
            "p/x/shop/shop.orders/1/part-00000-a-c000.gz.parquet",
            "p/x/shop/shop.orders/3/part-00007-a-c000.gz.parquet",
            "p/x/shop/shop.old.v2/part-00000-b-c000.gz.parquet",
            "p/x/shop/shop.none/1/_SUCCESS",
            "p/x/shop/other/part-0.parquet",
            "p/x/shop/shop.orders/_temporary/0/.part.crc",
        ];
        let layout = sort("p/x", keys.into_iter().map(entry).collect());
        let folders: Vec<_> = layout.folders.keys().map(String::as_str).collect();
        assert_eq!(
            folders,
            ["shop/shop.none", "shop/shop.old.v2", "shop/shop.orders"]
        );
        let orders = &layout.folders["shop/shop.orders"];
        assert_eq!(orders.objects.len(), 2);
        assert_eq!(orders.unmarked(), ["3/"]);
        assert_eq!(layout.folders["shop/shop.old.v2"].unmarked(), [""]);
        assert!(layout.folders["shop/shop.none"].objects.is_empty());
        let pages: Vec<_> = layout
            .tables_info
            .iter()
            .map(|(positions, _)| *positions)
            .collect();
        assert_eq!(pages, [Some((1, 96)), Some((97, 100))]);
        assert_eq!(layout.export_info.len(), 1);
    }

    #[test]
    fn targets_of_either_form_name_the_same_table() {
        let orders: TableName = "shop.orders".parse().unwrap();
        assert_eq!(target_names("shop.shop.orders")[0], orders);
        assert_eq!(target_names("shop.orders"), [orders]);
        let odd = TableName::new("shop", "my table").unwrap();
        assert_eq!(folder_of(&odd), "shop/shop.my_table");
    }
}
