//! What a snapshot holds, and its tables as Parquet parts.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{TableError, TableWriter, Written};
use crate::database::{MySqlError, MySqlReader, State, Table};

/// The file of a stored snapshot that is written last.
const MANIFEST: &str = "snapshot.json";

/// What a snapshot holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SnapshotContent {
    /// A built-in database at a tick: its rows are made again when they are wanted.
    BuiltIn(State),
    /// A real server's tables, written out when the snapshot was taken.
    Stored {
        /// The folder under the snapshots' folder.
        folder: String,
    },
}

/// Which of a snapshot's tables are wanted: the ExportOnly of an export task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope(Vec<String>);

/// How one table of an export came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableOutcome {
    /// The table.
    pub table: Table,
    /// Its files; none if it was skipped or failed.
    pub written: Option<Written>,
    /// Why it was skipped or failed, or what RDS warns of though it wrote the table.
    pub warning: Option<String>,
    /// Whether RDS's rules skipped it, rather than its data.
    pub skipped: bool,
    /// When its extraction began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// The tables of a snapshot.
#[derive(Clone, Debug)]
pub struct Contents {
    content: SnapshotContent,
    folder: PathBuf,
    tables: Vec<StoredTable>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredTable {
    table: Table,
    written: Option<Written>,
    warning: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    engine_version: String,
    tables: Vec<StoredTable>,
}

/// Why a snapshot's tables could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The data folder failed.
    #[error("{operation} {}: {cause}; check the data folder", .path.display())]
    Folder {
        /// What was tried.
        operation: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A table's writer failed.
    #[error("exporting {table}: {cause}")]
    Table {
        /// The table.
        table: String,
        /// Why.
        cause: TableError,
    },
    /// The database failed.
    #[error(transparent)]
    MySql(#[from] MySqlError),
    /// A stored snapshot's manifest cannot be understood.
    #[error("reading {}: {cause}; the snapshot is damaged, take another", .path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        cause: serde_json::Error,
    },
    /// The work was interrupted.
    #[error("the thread that reads the snapshot was stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

impl Scope {
    /// What was asked for; nothing means everything.
    pub fn new(export_only: Vec<String>) -> Self {
        Self(export_only)
    }

    /// As it was asked for.
    pub fn export_only(&self) -> &[String] {
        &self.0
    }

    /// Whether `database` or `database.table` of the scope covers `table`.
    pub fn covers(&self, table: &Table) -> bool {
        self.0.is_empty()
            || self
                .0
                .iter()
                .any(|only| *only == table.schema || *only == format!("{}.{}", table.schema, table.name))
    }
}

impl TableOutcome {
    /// `COMPLETE`, `SKIPPED` or `FAILED`.
    pub fn status(&self) -> &'static str {
        match (&self.written, self.skipped) {
            (Some(_), _) => "COMPLETE",
            (None, true) => "SKIPPED",
            (None, false) => "FAILED",
        }
    }
}

impl Contents {
    /// The tables of `content`; stored snapshots lie in folders of `snapshots`.
    pub fn open(content: &SnapshotContent, snapshots: &Path) -> Result<Self, WriteError> {
        let (folder, tables) = match content {
            SnapshotContent::BuiltIn(state) => {
                let tables = state.tables().into_iter().map(|table| StoredTable {
                    table,
                    written: None,
                    warning: None,
                });
                (PathBuf::new(), tables.collect())
            }
            SnapshotContent::Stored { folder } => {
                let folder = snapshots.join(folder);
                let path = folder.join(MANIFEST);
                let json = std::fs::read(&path).map_err(|cause| WriteError::Folder {
                    operation: "reading",
                    path: path.clone(),
                    cause,
                })?;
                let manifest: Manifest =
                    serde_json::from_slice(&json).map_err(|cause| WriteError::Manifest { path, cause })?;
                (folder, manifest.tables)
            }
        };
        Ok(Self {
            content: content.clone(),
            folder,
            tables,
        })
    }

    /// The tables, in order.
    pub fn tables(&self) -> impl ExactSizeIterator<Item = &Table> {
        self.tables.iter().map(|stored| &stored.table)
    }

    /// Bytes of a stored snapshot's files; what a built-in one would take is a guess by its rows.
    pub fn bytes(&self) -> u64 {
        match &self.content {
            SnapshotContent::BuiltIn(state) => {
                // 64 bytes a row is about what InnoDB takes for these tables.
                self.tables
                    .iter()
                    .map(|stored| state.rows(&stored.table.name) * 64)
                    .sum()
            }
            SnapshotContent::Stored { .. } => {
                let written = self.tables.iter().filter_map(|stored| stored.written.as_ref());
                written.map(|written| written.extracted_bytes).sum()
            }
        }
    }

    /// Makes the parts of table `index`: new files in `work` for a built-in database, the stored ones otherwise.
    /// Blocks while it writes.
    pub fn write(
        &self,
        index: usize,
        work: &Path,
        now: impl Fn() -> Timestamp,
    ) -> Result<TableOutcome, WriteError> {
        let started_at = now();
        let stored = &self.tables[index];
        let table = stored.table.clone();
        let outcome = |written, warning: Option<String>, skipped| TableOutcome {
            table: stored.table.clone(),
            written,
            warning,
            skipped,
            started_at,
            ended_at: now(),
        };
        if let Some(reason) = skipped_by_rds(&table) {
            return Ok(outcome(None, Some(reason), true));
        }
        match &self.content {
            SnapshotContent::Stored { .. } => {
                let written = stored.written.clone().map(|mut written| {
                    for part in &mut written.parts {
                        part.path = self.folder.join(&part.path);
                    }
                    written
                });
                Ok(outcome(written, stored.warning.clone(), false))
            }
            SnapshotContent::BuiltIn(state) => {
                create_folder(work)?;
                let failed = |cause| WriteError::Table {
                    table: format!("{}.{}", table.schema, table.name),
                    cause,
                };
                let mut writer =
                    TableWriter::new(&table, Some(state.rows(&table.name)), work).map_err(failed)?;
                state
                    .read(&table.name, &mut |row| writer.push(row))
                    .map_err(failed)?;
                Ok(outcome(Some(writer.finish().map_err(failed)?), None, false))
            }
        }
    }
}

impl SnapshotContent {
    /// Takes a snapshot of a real server: every table, as of now, written into `snapshots/folder`. A snapshot that was
    /// interrupted is begun again.
    pub async fn store(url: &str, snapshots: &Path, folder: &str) -> Result<Self, WriteError> {
        let root = snapshots.join(folder);
        if root.exists() {
            std::fs::remove_dir_all(&root).map_err(|cause| WriteError::Folder {
                operation: "clearing",
                path: root.clone(),
                cause,
            })?;
        }
        create_folder(&root)?;
        let url = url.to_owned();
        // Parquet is written as rows arrive, which would keep the other tasks of this thread waiting.
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || runtime.block_on(store_tables(&url, &root))).await??;
        Ok(Self::Stored {
            folder: folder.to_owned(),
        })
    }
}

async fn store_tables(url: &str, root: &Path) -> Result<(), WriteError> {
    let mut reader = MySqlReader::open(url).await?;
    let engine_version = reader.version().await?;
    let mut tables = Vec::new();
    for (number, described) in reader.tables().await?.into_iter().enumerate() {
        let table = described.table;
        if let Some(reason) = described.unsupported {
            tables.push(StoredTable {
                table,
                written: None,
                warning: Some(reason),
            });
            continue;
        }
        // Numbered, because a table's name need not be a file's.
        let relative = PathBuf::from(format!("{number:05}"));
        let folder = root.join(&relative);
        create_folder(&folder)?;
        let outcome = store_table(&mut reader, &table, &folder).await?;
        let (written, warning) = match outcome {
            Ok(mut written) => {
                for part in &mut written.parts {
                    if let Some(name) = part.path.file_name() {
                        part.path = relative.join(name);
                    }
                }
                (Some(written), None)
            }
            Err(cause @ TableError::Write { .. }) => {
                return Err(WriteError::Table {
                    table: format!("{}.{}", table.schema, table.name),
                    cause,
                });
            }
            // The data is at fault: the table's export fails, the others' do not.
            Err(cause) => (None, Some(cause.to_string())),
        };
        tables.push(StoredTable {
            table,
            written,
            warning,
        });
    }
    reader.close().await;
    let path = root.join(MANIFEST);
    let json = serde_json::to_vec_pretty(&Manifest {
        engine_version,
        tables,
    })
    .map_err(|cause| WriteError::Manifest {
        path: path.clone(),
        cause,
    })?;
    let unfinished = root.join("snapshot.json.unfinished");
    std::fs::write(&unfinished, json)
        .and_then(|()| std::fs::rename(&unfinished, &path))
        .map_err(|cause| WriteError::Folder {
            operation: "writing",
            path,
            cause,
        })
}

async fn store_table(
    reader: &mut MySqlReader,
    table: &Table,
    folder: &Path,
) -> Result<Result<Written, TableError>, WriteError> {
    let mut writer = match TableWriter::new(table, None, folder) {
        Ok(writer) => writer,
        Err(cause) => return Ok(Err(cause)),
    };
    match reader.read(table, &mut |row| writer.push(row)).await? {
        Ok(()) => Ok(writer.finish()),
        Err(cause) => Ok(Err(cause)),
    }
}

fn create_folder(path: &Path) -> Result<(), WriteError> {
    std::fs::create_dir_all(path).map_err(|cause| WriteError::Folder {
        operation: "creating",
        path: path.to_owned(),
        cause,
    })
}

/// Why RDS leaves a table out of every export, if it does.
fn skipped_by_rds(table: &Table) -> Option<String> {
    if table.name.contains('/') {
        return Some(format!(
            "Table {} is skipped: its name contains a slash.",
            table.name
        ));
    }
    let forbidden = [',', ';', '{', '}', '(', ')', '\n', '\t', '=', ' '];
    let column = table
        .columns
        .iter()
        .find(|column| column.name.contains(forbidden))?;
    Some(format!(
        "Table {} is skipped: column '{}' has a character that Parquet columns cannot have.",
        table.name, column.name
    ))
}
