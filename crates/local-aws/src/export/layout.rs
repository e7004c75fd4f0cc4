//! Where the files of an export lie in the bucket.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ExportSnapshot.FileNames.html>

use sha2::{Digest as _, Sha256};

/// The object keys of one export: `[prefix/]task/db/db.table/1/part-00000-<uuid>-c000.gz.parquet`.
#[derive(Clone, Debug)]
pub struct Layout {
    /// `[prefix/]task`.
    root: String,
    task: String,
    /// What the files' UUIDs are derived from, so that an export that is begun again writes the same names.
    task_arn: String,
}

impl Layout {
    /// The layout of `task` below `prefix`, which may be empty.
    pub fn new(prefix: &str, task: &str, task_arn: &str) -> Self {
        let prefix = prefix.trim_matches('/');
        let root = if prefix.is_empty() {
            task.to_owned()
        } else {
            format!("{prefix}/{task}")
        };
        Self {
            root: underscored(&root),
            task: task.to_owned(),
            task_arn: task_arn.to_owned(),
        }
    }

    /// What the metadata calls exportedFilesPath.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// A data object of a table.
    pub fn part(&self, schema: &str, table: &str, index: usize) -> String {
        let uuid = self.uuid(schema, table);
        format!(
            "{}/part-{index:05}-{uuid}-c000.gz.parquet",
            self.batch(schema, table)
        )
    }

    /// The empty object that says that a table's batch is whole.
    pub fn success(&self, schema: &str, table: &str) -> String {
        format!("{}/_SUCCESS", self.batch(schema, table))
    }

    /// `export_info_<task>.json`.
    pub fn info(&self) -> String {
        format!("{}/export_info_{}.json", self.root, self.task)
    }

    /// `export_tables_info_<task>_from_<first>_to_<last>.json`, counted from 1.
    pub fn tables_info(&self, first: usize, last: usize) -> String {
        format!(
            "{}/export_tables_info_{}_from_{first}_to_{last}.json",
            self.root, self.task
        )
    }

    fn batch(&self, schema: &str, table: &str) -> String {
        let (schema, table) = (underscored(schema), underscored(table));
        format!("{}/{schema}/{schema}.{table}/1", self.root)
    }

    /// One write of Spark's has one UUID in all its parts.
    fn uuid(&self, schema: &str, table: &str) -> uuid::Uuid {
        let digest = Sha256::digest(format!("{}\0{schema}\0{table}", self.task_arn));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// `` \ ` " `` and space become `_` in paths.
fn underscored(path: &str) -> String {
    path.replace(['\\', '`', '"', ' '], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_an_rds_export() {
        let layout = Layout::new(
            "exports/",
            "tvshows-1",
            "arn:aws:rds:us-east-1:111122223333:export-task:tvshows-1",
        );
        let part = layout.part("tvshows", "shows", 3);
        assert!(
            part.starts_with("exports/tvshows-1/tvshows/tvshows.shows/1/part-00003-"),
            "{part}"
        );
        assert!(part.ends_with("-c000.gz.parquet"), "{part}");
        assert_eq!(part, layout.clone().part("tvshows", "shows", 3));
        assert_eq!(
            layout.success("my db", "a\"b"),
            "exports/tvshows-1/my_db/my_db.a_b/1/_SUCCESS"
        );
        assert_eq!(layout.info(), "exports/tvshows-1/export_info_tvshows-1.json");
        assert_eq!(
            layout.tables_info(97, 100),
            "exports/tvshows-1/export_tables_info_tvshows-1_from_97_to_100.json"
        );
        assert_eq!(Layout::new("", "t", "arn").root(), "t");
    }
}
