//! Checkpoints in a file of JSON lines, one for each plan, for whoever runs without a control table.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use recovery::plan::Plan;
use recovery::schema_record::SchemaRecord;
use serde::{Deserialize, Serialize};

use crate::{Checkpoints, Error, ImportRecord, Recorded, Refusal, TargetRecord, UnitBefore, UnitResult};

/// How long another's lock is waited for.
const LOCK_PATIENCE: Duration = Duration::from_millis(500);

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The first line: which plan the file is of.
    Plan(String),
    Target(TargetRecord),
    Import(ImportRecord),
    Before(UnitBefore),
    Unit(UnitResult),
}

/// Checkpoints of one plan in `<folder>/<plan digest>.jsonl`, and its schema record beside them in
/// `<plan digest>.schema.json`, which outlives them.
///
/// Each record is a line, written and flushed to disk before the call returns. A last line that was torn by a crash is
/// dropped: its unit is then done again, which writes the same items. The file is locked, so that two processes never
/// run one plan from one folder at once.
#[derive(Clone, Debug)]
pub struct FileCheckpoints {
    path: PathBuf,
    file: Arc<Mutex<File>>,
}

impl FileCheckpoints {
    /// Opens, or begins, the file of `plan` in `folder`, which is made if it isn't there.
    pub fn open(folder: &Path, plan: &Plan) -> Result<Self, Error> {
        let digest = plan.digest();
        let name = digest.get(..32).unwrap_or(&digest);
        let path = folder.join(format!("{name}.jsonl"));
        let failed = |error: &io::Error| state("opening", &path, error);
        std::fs::create_dir_all(folder).map_err(|error| state("creating", folder, &error))?;
        let file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(&path)
            .map_err(|error| failed(&error))?;
        lock(&file, &path)?;
        let checkpoints = Self {
            path,
            file: Arc::new(Mutex::new(file)),
        };
        let lines = checkpoints.read_lines()?;
        match lines.first() {
            None => checkpoints.append(&Line::Plan(digest))?,
            Some(Line::Plan(recorded)) if *recorded == digest => {}
            Some(_) => {
                return Err(Refusal::new(
                    "foreign_checkpoints",
                    checkpoints.path.display().to_string(),
                    "the file does not begin with this plan's digest",
                    "Choose another state folder, or move the file away.",
                )
                .into());
            }
        }
        Ok(checkpoints)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of the schema record.
    pub fn schema_path(&self) -> PathBuf {
        self.path.with_extension("schema.json")
    }

    /// Writes the schema record in one step: a reader sees all of it or nothing.
    fn write_schema(&self, schema: &SchemaRecord) -> Result<(), Error> {
        let path = self.schema_path();
        let failed = |error: io::Error| state("writing", &path, &error);
        let json = serde_json::to_vec_pretty(schema).map_err(|error| failed(error.into()))?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        // A temporary file is its owner's alone, as the checkpoints are in their folder.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        file.write_all(&json).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Every whole line. What is behind the last whole line is cut off, so that the next record begins a line.
    fn read_lines(&self) -> Result<Vec<Line>, Error> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut content = Vec::new();
        let failed = |error: &io::Error| state("reading", &self.path, error);
        file.seek(SeekFrom::Start(0)).map_err(|error| failed(&error))?;
        file.read_to_end(&mut content).map_err(|error| failed(&error))?;
        let mut lines = Vec::new();
        let mut whole = 0;
        while let Some(length) = content[whole..].iter().position(|byte| *byte == b'\n') {
            let text = &content[whole..whole + length];
            let line = serde_json::from_slice(text).map_err(|error| Error::State {
                operation: "reading",
                subject: self.path.display().to_string(),
                cause: format!("line {} is not a record: {error}", lines.len() + 1),
            })?;
            lines.push(line);
            whole += length + 1;
        }
        if whole < content.len() {
            tracing::warn!(path = %self.path.display(), "dropping a torn last record");
            file.set_len(whole as u64).map_err(|error| failed(&error))?;
        }
        Ok(lines)
    }

    fn append(&self, line: &Line) -> Result<(), Error> {
        let failed = |error: &io::Error| state("writing", &self.path, error);
        let mut text = serde_json::to_vec(line).map_err(|error| failed(&error.into()))?;
        text.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&text).map_err(|error| failed(&error))?;
        file.sync_data().map_err(|error| failed(&error))
    }

    async fn append_blocking(&self, line: Line) -> Result<(), Error> {
        let own = self.clone();
        tokio::task::spawn_blocking(move || own.append(&line))
            .await
            .map_err(|error| Error::from_join(&error))?
    }
}

/// Locks the file against other processes. A run that was dropped may still be writing its last record on a thread of
/// its own, so a lock is waited for as long as a record takes.
#[expect(
    clippy::disallowed_methods,
    reason = "opening blocks on the disk anyway, and this half a second at most"
)]
fn lock(file: &File, path: &Path) -> Result<(), Error> {
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if began.elapsed() < LOCK_PATIENCE => {
                std::thread::sleep(LOCK_PATIENCE / 20);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Refusal::new(
                    "run_in_progress",
                    path.display().to_string(),
                    "another process is running this plan",
                    "Wait for it to end, or end it first.",
                )
                .into());
            }
            Err(TryLockError::Error(error)) => return Err(state("locking", path, &error)),
        }
    }
}

fn state(operation: &'static str, path: &Path, error: &io::Error) -> Error {
    Error::State {
        operation,
        subject: path.display().to_string(),
        cause: error.to_string(),
    }
}

#[async_trait]
impl Checkpoints for FileCheckpoints {
    async fn load(&self) -> Result<Recorded, Error> {
        let own = self.clone();
        let lines = tokio::task::spawn_blocking(move || own.read_lines())
            .await
            .map_err(|error| Error::from_join(&error))??;
        let mut recorded = Recorded::default();
        for line in lines {
            match line {
                Line::Plan(_) => {}
                Line::Target(target) => {
                    recorded.targets.insert(target.table, target);
                }
                Line::Import(import) => {
                    recorded.imports.insert(import.table, import);
                }
                Line::Before(before) => {
                    recorded.before.insert(before.unit, before);
                }
                Line::Unit(unit) => recorded.add_unit(&unit),
            }
        }
        Ok(recorded)
    }

    async fn record_schema(&self, schema: &SchemaRecord) -> Result<(), Error> {
        let (own, schema) = (self.clone(), schema.clone());
        tokio::task::spawn_blocking(move || own.write_schema(&schema))
            .await
            .map_err(|error| Error::from_join(&error))?
    }

    async fn record_target(&self, target: &TargetRecord) -> Result<(), Error> {
        self.append_blocking(Line::Target(target.clone())).await
    }

    async fn record_import(&self, import: &ImportRecord) -> Result<(), Error> {
        self.append_blocking(Line::Import(import.clone())).await
    }

    async fn record_before(&self, before: &UnitBefore) -> Result<(), Error> {
        self.append_blocking(Line::Before(before.clone())).await
    }

    async fn record_unit(&self, unit: &UnitResult) -> Result<(), Error> {
        self.append_blocking(Line::Unit(unit.clone())).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use recovery::plan::{CopyRef, PLAN_VERSION};

    fn plan(prefix: &str) -> Plan {
        Plan {
            version: PLAN_VERSION,
            created_at: Timestamp::UNIX_EPOCH,
            copy: CopyRef {
                recovery_point: None,
                source: None,
                data_as_of: None,
                region: "us-east-1".parse().unwrap(),
                account: None,
                bucket: "b".into(),
                prefix: prefix.into(),
            },
            fallbacks: Vec::new(),
            target_region: "us-east-1".parse().unwrap(),
            tables: Vec::new(),
        }
    }

    fn unit(index: u32) -> UnitResult {
        UnitResult {
            unit: index,
            table: 0,
            rows_read: 3,
            items_written: 3,
            bytes_written: 99,
            retries: 1,
            held: None,
            hash: crate::MultisetHash::default(),
        }
    }

    #[tokio::test]
    async fn records_outlive_the_process_and_a_torn_one_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let plan = plan("p");
        let target = TargetRecord {
            table: 0,
            target: "shows".parse().unwrap(),
            identity: "x".into(),
        };
        let path = {
            let first = FileCheckpoints::open(folder.path(), &plan).unwrap();
            for _ in 0..2 {
                first.record_schema(&SchemaRecord::of(&plan)).await.unwrap();
            }
            first.record_target(&target).await.unwrap();
            first.record_unit(&unit(0)).await.unwrap();
            assert!(
                matches!(FileCheckpoints::open(folder.path(), &plan), Err(Error::Refused(refusal)) if refusal.code == "run_in_progress"),
                "one process at a time"
            );
            first.path().to_owned()
        };
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"unit\":{\"unit\":1,\"rows").unwrap();
        drop(file);
        let second = FileCheckpoints::open(folder.path(), &plan).unwrap();
        second.record_unit(&unit(2)).await.unwrap();
        second.record_unit(&unit(2)).await.unwrap();
        let recorded = second.load().await.unwrap();
        assert_eq!(recorded.targets[&0], target);
        assert_eq!(recorded.units.keys().copied().collect::<Vec<_>>(), [0, 2]);
        assert_eq!(
            recorded.sums[&0].items_written, 6,
            "a record that is there twice counts once"
        );
        let schema = std::fs::read(second.schema_path()).unwrap();
        let schema: SchemaRecord = serde_json::from_slice(&schema).unwrap();
        assert_eq!(schema, SchemaRecord::of(&plan));
    }

    #[test]
    fn a_damaged_file_is_an_error_and_not_a_fresh_start() {
        let folder = tempfile::tempdir().unwrap();
        let plan = plan("p");
        let path = FileCheckpoints::open(folder.path(), &plan)
            .unwrap()
            .path()
            .to_owned();
        std::fs::write(&path, "nonsense\n").unwrap();
        assert!(matches!(
            FileCheckpoints::open(folder.path(), &plan),
            Err(Error::State { .. })
        ));
    }
}
