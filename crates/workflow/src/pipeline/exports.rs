//! Starting exports and following them.

use aws::rds::{ExportRequest, ExportStatus, ExportTask};
use jiff::SignedDuration;
use recovery::ids::{RecoveryPointId, Region};
use recovery::label::task_identifier;
use recovery::point::{Copy, RecoveryPoint};
use recovery::verdict::Verdict;

use super::next::{EXPORT_ATTEMPTS_MAX, EXPORTS_AT_ONCE_MAX, Next, after_failure, next, retry_delay};
use super::pass::Pass;
use crate::catalogue::{Export, PointEntry};
use crate::control::Record;
use crate::error::{Error, Result};
use crate::settings::Bucket;

/// How long after a refused start the same is tried again: somebody must first change a role, a key or a bucket.
const REFUSED_RETRY: SignedDuration = SignedDuration::from_mins(5);

/// Longest text of RDS that is kept.
const CAUSE_CHARS_MAX: usize = 2_000;

impl Pass<'_> {
    /// Starts the export of a recovery point. An identifier that RDS knows already means that we started it before
    /// and were killed before that was written down.
    pub(super) async fn start_export(&self, id: &RecoveryPointId) -> Result<()> {
        let Some(mut record) = self.shared().catalogue.entry(id).await? else {
            return Ok(());
        };
        let Next::Export { attempt } = next(&record.value, self.refusal(&record.value), self.now) else {
            return Ok(());
        };
        let request = self.request(&record.value.point, attempt)?;
        let point = &record.value.point;
        let cloud = &self.shared().cloud;
        match cloud
            .start_export_task(&point.region, &point.account, &request)
            .await
        {
            Ok(task) => {
                tracing::info!(recovery_point = %id, task = request.identifier, "started its export");
                self.report.count(|report| report.started += 1);
                self.note_running(&mut record, attempt, &task).await?;
            }
            Err(error) if error.kind == aws::ErrorKind::AlreadyExists => {
                let found = cloud
                    .describe_export_task(&point.region, &point.account, &request.identifier)
                    .await?;
                match found {
                    Some(task) if task.source_arn == point.arn.as_str() => {
                        self.note_running(&mut record, attempt, &task).await?;
                        self.follow_export(&mut record, attempt).await?;
                    }
                    // Used up by something else, or forgotten by RDS: the next number is free.
                    Some(_) | None => {
                        record.value.pipeline.export = after_failure(
                            attempt,
                            format!("RDS has used the identifier {} before", request.identifier),
                            self.now,
                        );
                        self.save(&mut record).await?;
                    }
                }
            }
            Err(error) if error.kind == aws::ErrorKind::Limit => {
                self.note_obstacle(&mut record, limit_text(), false).await?;
            }
            Err(error) if error.is_transient() => {
                self.note_down(&point.region, &error);
                return Err(error.into());
            }
            Err(error) => {
                let hint = error.hint().map_or_else(String::new, |hint| format!(" {hint}"));
                self.report.error(id, &error);
                record.value.pipeline.retry_at = Some(self.now + REFUSED_RETRY);
                self.note_obstacle(&mut record, cut(&format!("{error}.{hint}")), true)
                    .await?;
            }
        }
        Ok(())
    }

    /// Writes down that a recovery point waits for RDS.
    pub(super) async fn hold_export(&self, id: &RecoveryPointId) -> Result<()> {
        let Some(mut record) = self.shared().catalogue.entry(id).await? else {
            return Ok(());
        };
        self.note_obstacle(&mut record, limit_text(), false).await
    }

    /// Asks RDS how far an export is.
    pub(super) async fn follow_export(&self, record: &mut Record<PointEntry>, attempt: u32) -> Result<()> {
        let point = &record.value.point;
        let identifier = task_identifier(&point.id, attempt);
        let found = self
            .shared()
            .cloud
            .describe_export_task(&point.region, &point.account, &identifier)
            .await
            .inspect_err(|error| self.note_down(&point.region, error))?;
        self.report.count(|report| report.followed += 1);
        let Export::Running { started_at, .. } = record.value.pipeline.export else {
            return Ok(());
        };
        let Some(task) = found else {
            // RDS does not know it: starting it again is safe, because an identifier is used once.
            record.value.pipeline.export = Export::Waiting {
                attempt,
                obstacle: None,
                needs_help: false,
            };
            self.save(record).await?;
            return Ok(());
        };
        let ended_at = task.ended_at.unwrap_or(self.now);
        match task.status {
            ExportStatus::Complete => {
                record.value.pipeline.export = Export::Complete {
                    attempt,
                    started_at,
                    ended_at,
                    warning: task.warning.as_deref().map(cut),
                };
                record.value.pipeline.retry_at = None;
                if self.save(record).await? {
                    tracing::info!(recovery_point = %record.value.point.id, task = identifier, "exported");
                    self.report.count(|report| report.completed += 1);
                }
            }
            ExportStatus::Failed | ExportStatus::Canceled => {
                let is_cancelled = task.status == ExportStatus::Canceled;
                let cause = match (task.failure_cause.as_deref(), is_cancelled) {
                    (Some(cause), _) => cut(cause),
                    (None, true) => "Somebody cancelled the export task.".to_owned(),
                    (None, false) => "RDS gives no cause.".to_owned(),
                };
                tracing::warn!(recovery_point = %record.value.point.id, task = identifier, cause, "its export failed");
                // Whoever cancelled it does not want it started again.
                let attempts = if is_cancelled {
                    EXPORT_ATTEMPTS_MAX
                } else {
                    attempt
                };
                record.value.pipeline.export = match after_failure(attempts, cause, ended_at) {
                    Export::Failed { ended_at, cause, .. } => Export::Failed {
                        attempt,
                        ended_at,
                        cause,
                    },
                    waiting => waiting,
                };
                record.value.pipeline.retry_at = Some(self.now + retry_delay(attempt + 1));
                record.value.point.copies.clear();
                if self.save(record).await? {
                    self.report.count(|report| report.failed += 1);
                }
            }
            ExportStatus::Starting
            | ExportStatus::InProgress
            | ExportStatus::Canceling
            | ExportStatus::Other => {
                self.note_running(record, attempt, &task).await?;
            }
        }
        Ok(())
    }

    async fn note_running(
        &self,
        record: &mut Record<PointEntry>,
        attempt: u32,
        task: &ExportTask,
    ) -> Result<()> {
        let before = record.value.clone();
        let started_at = match before.pipeline.export {
            Export::Running {
                attempt: known,
                started_at,
                ..
            } if known == attempt => started_at,
            _ => task.started_at.unwrap_or(self.now),
        };
        record.value.pipeline.export = Export::Running {
            attempt,
            started_at,
            percent: task.percent,
            stage: match task.status {
                ExportStatus::Starting => "Starting",
                ExportStatus::Canceling => "Being cancelled",
                _ => "In progress",
            }
            .to_owned(),
        };
        record.value.pipeline.retry_at = None;
        if record.value.point.copies.is_empty() {
            record.value.point.copies = self.copies(&record.value.point, attempt)?;
        }
        if record.value != before {
            self.save(record).await?;
        }
        Ok(())
    }

    async fn note_obstacle(
        &self,
        record: &mut Record<PointEntry>,
        text: String,
        needs_help: bool,
    ) -> Result<()> {
        let Export::Waiting {
            attempt, obstacle, ..
        } = &record.value.pipeline.export
        else {
            return Ok(());
        };
        let noted = Export::Waiting {
            attempt: *attempt,
            obstacle: Some(text),
            needs_help,
        };
        // Why an attempt failed says more than that the next one waits its turn.
        if record.value.pipeline.export == noted || (*attempt > 1 && obstacle.is_some() && !needs_help) {
            return Ok(());
        }
        record.value.pipeline.export = noted;
        self.save(record).await?;
        Ok(())
    }

    fn request(&self, point: &RecoveryPoint, attempt: u32) -> Result<ExportRequest> {
        let settings = &self.shared().settings;
        let bucket = settings
            .buckets
            .get(&point.region)
            .ok_or_else(|| Error::Settings(format!("buckets has no entry for Region {}", point.region)))?;
        Ok(ExportRequest {
            identifier: task_identifier(&point.id, attempt),
            source: point.arn.clone(),
            bucket: bucket.name.clone(),
            prefix: settings.prefix.clone(),
            role_arn: settings.export_role(&point.account, &point.region),
            kms_key_id: settings.kms_key(&point.account, &point.region),
            only: self.policy(&point.source).export.tables.clone(),
        })
    }

    /// The export and its replicas, the export first; nothing is known of them yet.
    pub(super) fn copies(&self, point: &RecoveryPoint, attempt: u32) -> Result<Vec<Copy>> {
        let settings = &self.shared().settings;
        let identifier = task_identifier(&point.id, attempt);
        let prefix = settings.export_prefix(&identifier);
        let policy = self.policy(&point.source);
        // The export itself is where the recovery point is, whatever the policy names. The Region that the source ran in may be
        // none of ours, where AWS Backup has copied the recovery point here.
        let replicas = policy
            .regions
            .iter()
            .map(|expected| &expected.region)
            .filter(|region| settings.buckets.contains_key(region));
        std::iter::once(&point.region)
            .chain(replicas.filter(|region| **region != point.region))
            .map(|region| {
                let bucket = settings
                    .buckets
                    .get(region)
                    .ok_or_else(|| Error::Settings(format!("buckets has no entry for Region {region}")))?;
                Ok(unchecked(region, bucket, &prefix, *region == point.region))
            })
            .collect()
    }
}

/// A copy of which nothing is known yet.
pub(super) fn unchecked(region: &Region, bucket: &Bucket, prefix: &str, is_export: bool) -> Copy {
    Copy {
        region: region.clone(),
        account: bucket.account.clone(),
        bucket: bucket.name.clone(),
        prefix: prefix.to_owned(),
        is_export,
        verdict: Verdict::Pending,
        checked_at: None,
        verified_at: None,
        evidence: None,
        manifest: None,
        verified_manifest: None,
        lost_at: None,
        archived: None,
        lifecycle: None,
    }
}

/// Why a recovery point waits that waits for nothing but its turn.
pub(super) fn limit_text() -> String {
    format!("It waits its turn: RDS runs {EXPORTS_AT_ONCE_MAX} exports at a time in an account and Region.")
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(CAUSE_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
