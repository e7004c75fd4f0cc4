//! What an export task does: it writes table after table into the bucket, then the files that say it is whole.
//!
//! Each table that is in the bucket is recorded, so a task that is interrupted, however, goes on behind it; the
//! names of its files are derived from the task, so the table in between is written over itself.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::{ExportTask, Rds, TableDone, TaskStatus, lock};
use crate::control::{Place, RecordError, remove_folder};
use crate::events::SnapshotEvent;
use crate::export::{
    Contents, ExportInfo, Layout, TABLES_PER_PAGE, TableOutcome, WriteError, gigabytes, tables_info,
};
use crate::s3::{Content, S3Failure};

/// How long a task of a running clock waits at most before it looks whether it was cancelled.
const PATIENCE: Duration = Duration::from_millis(500);

#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error("the snapshot {0} no longer exists")]
    NoSnapshot(String),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error("putting {key} into the bucket: {cause}")]
    Put { key: String, cause: S3Failure },
    #[error("writing {key}: {cause}")]
    Metadata { key: String, cause: serde_json::Error },
    #[error(transparent)]
    Records(#[from] RecordError),
}

/// What a step of a task came to.
enum Step {
    /// It is over.
    Over,
    /// It has to wait for the clock to show so much.
    Wait(Timestamp),
}

impl Rds {
    /// Starts a task of this process for each export task that has none.
    pub(crate) fn start_due(self: &Arc<Self>) {
        let unfinished: Vec<(Place, String)> = lock(&self.unfinished).iter().cloned().collect();
        let mut working = lock(&self.working);
        working.retain(|_, work| !work.is_finished());
        for key in unfinished {
            if !working.contains_key(&key) {
                let rds = Arc::clone(self);
                let (place, id) = key.clone();
                let work = tokio::spawn(async move {
                    while !rds.plane.clock.is_held() {
                        match rds.step(&place, &id).await {
                            Ok(Step::Wait(until)) => {
                                let wait = until.duration_since(rds.plane.clock.now());
                                // A moment that has passed is no duration.
                                let wait = Duration::try_from(wait).unwrap_or_default();
                                tokio::time::sleep(wait.min(PATIENCE)).await;
                            }
                            Ok(Step::Over) => break,
                            Err(cause) => {
                                tracing::error!(%cause, task = id, "an export task could not go on");
                                break;
                            }
                        }
                    }
                });
                working.insert(key, work);
            }
        }
    }

    /// Does all that export tasks have to do by the clock's now.
    pub(crate) async fn run_due(&self) -> Result<(), RecordError> {
        let mut unfinished: Vec<(Place, String)> = lock(&self.unfinished).iter().cloned().collect();
        unfinished.sort_by(|a, b| a.1.cmp(&b.1));
        for (place, id) in unfinished {
            let busy = lock(&self.working)
                .get(&(place.clone(), id.clone()))
                .is_some_and(|work| !work.is_finished());
            if !busy {
                self.step(&place, &id).await?;
            }
        }
        Ok(())
    }

    /// Stops the tasks of this process; the export tasks go on with the next.
    pub(crate) fn stop(&self) {
        for (_, work) in lock(&self.working).drain() {
            work.abort();
        }
    }

    async fn step(&self, place: &Place, id: &str) -> Result<Step, RecordError> {
        let Some(task) = self.plane.records.get::<ExportTask>(place, id)? else {
            return Ok(Step::Over);
        };
        let now = self.plane.clock.now();
        match task.status {
            TaskStatus::Complete | TaskStatus::Failed | TaskStatus::Canceled => self.over(&task),
            TaskStatus::Canceling => self.end(&task, TaskStatus::Canceled, None)?,
            TaskStatus::Starting if now < task.begins_at(self.export_duration) => {
                return Ok(Step::Wait(task.begins_at(self.export_duration)));
            }
            TaskStatus::Starting | TaskStatus::InProgress => {
                let task = self.plane.records.change(place, id, |task: &mut ExportTask| {
                    if task.status == TaskStatus::Starting {
                        task.status = TaskStatus::InProgress;
                        task.started_at = Some(now);
                    }
                })?;
                let Some(task) = task else { return Ok(Step::Over) };
                let ends_at = task.ends_at(self.export_duration);
                return match self.write_tables(&task).await {
                    // Somebody has cancelled it, which the next step sees.
                    Ok(None) => Ok(Step::Wait(now)),
                    Ok(Some(_)) if self.plane.clock.now() < ends_at => Ok(Step::Wait(ends_at)),
                    Ok(Some(outcomes)) => self.complete(&task, &outcomes).await,
                    Err(ExportError::Records(cause)) => Err(cause),
                    Err(cause) => self.fail(&task, &cause),
                };
            }
        }
        Ok(Step::Over)
    }

    /// Writes the tables that are not in the bucket yet. The outcomes of all, unless the task was cancelled.
    async fn write_tables(&self, task: &ExportTask) -> Result<Option<Vec<TableOutcome>>, ExportError> {
        let snapshot_id = task.source_arn.rsplit_once(":snapshot:").map_or("", |(_, id)| id);
        let snapshot = self.snapshot(&task.place, snapshot_id)?;
        let content = snapshot
            .and_then(|snapshot| snapshot.content)
            .ok_or_else(|| ExportError::NoSnapshot(task.source_arn.clone()))?;
        let contents = Arc::new(Contents::open(&content, &self.plane.snapshots())?);
        let layout = layout(task);
        let mut outcomes = Vec::new();
        for index in 0..contents.tables().len() {
            let key = TableDone::key(&task.id, index);
            if let Some(done) = self.plane.records.get::<TableDone>(&task.place, &key)? {
                outcomes.push(done.outcome);
                continue;
            }
            if !contents
                .tables()
                .nth(index)
                .is_some_and(|table| task.scope.covers(table))
            {
                continue;
            }
            let Some(current) = self.plane.records.get::<ExportTask>(&task.place, &task.id)? else {
                return Ok(None);
            };
            if current.status != TaskStatus::InProgress {
                return Ok(None);
            }
            let outcome = self.write_table(task, &contents, index, &layout).await?;
            let extracted = outcome
                .written
                .as_ref()
                .map_or(0, |written| written.extracted_bytes);
            self.plane.records.put(&TableDone {
                place: task.place.clone(),
                id: key,
                outcome: outcome.clone(),
            })?;
            self.plane
                .records
                .change(&task.place, &task.id, |task: &mut ExportTask| {
                    task.extracted_bytes += extracted;
                })?;
            outcomes.push(outcome);
        }
        Ok(Some(outcomes))
    }

    async fn write_table(
        &self,
        task: &ExportTask,
        contents: &Arc<Contents>,
        index: usize,
        layout: &Layout,
    ) -> Result<TableOutcome, ExportError> {
        // A folder of its own: a writer of this process that was stopped may still be at its last rows.
        let work = self.work(task).join(uuid::Uuid::new_v4().simple().to_string());
        let mut outcome = {
            let (contents, work, clock) = (Arc::clone(contents), work.clone(), self.plane.clock.clone());
            let write = move || contents.write(index, &work, || clock.now());
            tokio::task::spawn_blocking(write)
                .await
                .map_err(WriteError::from)??
        };
        if let Some(warning) = task
            .table_warnings
            .get(&format!("{}.{}", outcome.table.schema, outcome.table.name))
            .filter(|_| outcome.warning.is_none())
        {
            outcome.warning = Some(warning.clone());
        }
        let (schema, table) = (&outcome.table.schema, &outcome.table.name);
        for (number, part) in outcome
            .written
            .iter()
            .flat_map(|written| written.parts.iter().enumerate())
        {
            self.put(
                task,
                layout.part(schema, table, number),
                Content::File(part.path.clone()),
            )
            .await?;
        }
        remove_folder(&work);
        Ok(outcome)
    }

    /// Everything is in the bucket: says so, table by table and then of the whole.
    async fn complete(&self, task: &ExportTask, outcomes: &[TableOutcome]) -> Result<Step, RecordError> {
        let ended_at = self.plane.clock.now();
        if let Err(cause) = self.put_metadata(task, outcomes, ended_at).await {
            return self.fail(task, &cause);
        }
        let warnings: Vec<&str> = outcomes
            .iter()
            .filter_map(|outcome| outcome.warning.as_deref())
            .collect();
        self.end(
            task,
            TaskStatus::Complete,
            (!warnings.is_empty()).then(|| warnings.join(" ")),
        )?;
        Ok(Step::Over)
    }

    async fn put_metadata(
        &self,
        task: &ExportTask,
        outcomes: &[TableOutcome],
        ended_at: Timestamp,
    ) -> Result<(), ExportError> {
        let layout = layout(task);
        for outcome in outcomes.iter().filter(|outcome| outcome.written.is_some()) {
            let key = layout.success(&outcome.table.schema, &outcome.table.name);
            self.put(task, key, Content::Bytes(Bytes::new())).await?;
        }
        for (number, page) in outcomes.chunks(TABLES_PER_PAGE).enumerate() {
            let first = number * TABLES_PER_PAGE;
            let key = layout.tables_info(first + 1, first + page.len());
            self.put_json(task, key, &tables_info(page)).await?;
        }
        let extracted = outcomes.iter().filter_map(|outcome| outcome.written.as_ref());
        let info = ExportInfo {
            export_task_identifier: task.id.clone(),
            source_arn: task.source_arn.clone(),
            export_only: task.scope.export_only().to_vec(),
            snapshot_time: task.snapshot_time,
            task_start_time: task.started_at.unwrap_or(task.requested_at),
            task_end_time: ended_at,
            s3_bucket: task.bucket.clone(),
            s3_prefix: task.prefix.clone(),
            exported_files_path: layout.root().to_owned(),
            iam_role_arn: task.role_arn.clone(),
            kms_key_id: task.kms_key_id.clone(),
            status: TaskStatus::Complete.name().to_owned(),
            percent_progress: 100,
            total_exported_data_in_gb: gigabytes(extracted.map(|written| written.extracted_bytes).sum()),
        };
        self.put_json(task, layout.info(), &info).await
    }

    async fn put_json(
        &self,
        task: &ExportTask,
        key: String,
        json: &impl serde::Serialize,
    ) -> Result<(), ExportError> {
        match serde_json::to_vec_pretty(json) {
            Ok(bytes) => self.put(task, key, Content::Bytes(bytes.into())).await,
            Err(cause) => Err(ExportError::Metadata { key, cause }),
        }
    }

    async fn put(&self, task: &ExportTask, key: String, content: Content) -> Result<(), ExportError> {
        let put = self
            .s3
            .put_file(
                &task.place.account, &task.place.region, &task.bucket, &key, content,
            )
            .await;
        put.map(|_| ()).map_err(|cause| ExportError::Put { key, cause })
    }

    fn fail(&self, task: &ExportTask, cause: &ExportError) -> Result<Step, RecordError> {
        tracing::warn!(%cause, task = task.id, "an export task failed");
        self.plane
            .records
            .change(&task.place, &task.id, |task: &mut ExportTask| {
                task.failure_cause = Some(cause.to_string());
            })?;
        self.end(task, TaskStatus::Failed, None)?;
        Ok(Step::Over)
    }

    fn end(&self, task: &ExportTask, status: TaskStatus, warning: Option<String>) -> Result<(), RecordError> {
        let now = self.plane.clock.now();
        let ended = self
            .plane
            .records
            .change(&task.place, &task.id, |task: &mut ExportTask| {
                task.status = status;
                task.ended_at = Some(now);
                task.warning = warning;
            })?;
        let event = match status {
            TaskStatus::Complete => SnapshotEvent::ExportCompleted,
            TaskStatus::Canceled => SnapshotEvent::ExportCanceled,
            _ => SnapshotEvent::ExportFailed,
        };
        if let Some(task) = ended {
            self.events.export(&task, event)?;
            self.over(&task);
        }
        Ok(())
    }

    fn over(&self, task: &ExportTask) {
        lock(&self.unfinished).remove(&(task.place.clone(), task.id.clone()));
        remove_folder(&self.work(task));
    }

    fn work(&self, task: &ExportTask) -> PathBuf {
        self.plane.work().join(format!(
            "{}-{}-{}",
            task.place.account, task.place.region, task.id
        ))
    }
}

fn layout(task: &ExportTask) -> Layout {
    Layout::new(&task.prefix, &task.id, &task.arn())
}
