//! Working on jobs: whatever is interrupted is begun again and ends once.

use std::sync::Arc;

use super::{Backup, BackupJob, CopyJob, JobState, RecoveryPoint, Vault, Work, lock};
use crate::control::{Arn, Place, RecordError};

impl Backup {
    pub(super) fn remember_unfinished(&self) -> Result<(), RecordError> {
        let mut unfinished = lock(&self.unfinished);
        let jobs: Vec<BackupJob> = self.plane.records.all()?;
        unfinished.extend(
            jobs.into_iter()
                .filter(|job| !job.state.is_over())
                .map(|job| Work::Backup(job.place, job.id)),
        );
        let copies: Vec<CopyJob> = self.plane.records.all()?;
        unfinished.extend(
            copies
                .into_iter()
                .filter(|job| !job.state.is_over())
                .map(|job| Work::Copy(job.place, job.id)),
        );
        Ok(())
    }

    /// Makes the jobs that are due and starts a task of this process for each job that has none.
    pub(crate) fn start_due(self: &Arc<Self>) -> Result<(), RecordError> {
        self.schedule()?;
        self.expire()?;
        let unfinished: Vec<Work> = lock(&self.unfinished).iter().cloned().collect();
        let mut working = lock(&self.working);
        working.retain(|_, task| !task.is_finished());
        for work in unfinished {
            if !working.contains_key(&work) {
                let (backup, job) = (Arc::clone(self), work.clone());
                let task = tokio::spawn(async move {
                    if let Err(cause) = backup.run(&job).await {
                        tracing::error!(%cause, ?job, "a backup job could not go on");
                    }
                });
                working.insert(work, task);
            }
        }
        Ok(())
    }

    /// Does all that is due by the clock's now.
    pub(crate) async fn run_due(&self) -> Result<(), RecordError> {
        self.schedule()?;
        self.expire()?;
        loop {
            // A backup job that ends may ask for copies.
            let next = {
                let working = lock(&self.working);
                let busy = |work: &Work| working.get(work).is_some_and(|task| !task.is_finished());
                lock(&self.unfinished).iter().find(|work| !busy(work)).cloned()
            };
            let Some(work) = next else { return Ok(()) };
            self.run(&work).await?;
        }
    }

    /// Stops the tasks of this process; the jobs go on with the next.
    pub(crate) fn stop(&self) {
        for (_, task) in lock(&self.working).drain() {
            task.abort();
        }
    }

    async fn run(&self, work: &Work) -> Result<(), RecordError> {
        match work {
            Work::Backup(place, id) => self.run_job(place, id).await?,
            Work::Copy(place, id) => self.run_copy(place, id)?,
        }
        lock(&self.unfinished).remove(work);
        Ok(())
    }

    async fn run_job(&self, place: &Place, id: &str) -> Result<(), RecordError> {
        let mut resumed = false;
        let job = self.plane.records.change(place, id, |job: &mut BackupJob| {
            resumed = job.state == JobState::Running;
            if job.state == JobState::Created {
                job.state = JobState::Running;
            }
        })?;
        let Some(job) = job.filter(|job| job.state == JobState::Running) else {
            return Ok(());
        };
        if !resumed {
            self.announce_job(&job)?;
        }
        let vault: Option<Vault> = self.plane.records.get(place, &job.vault)?;
        let taken = match vault.and_then(|vault| vault.refuses(job.lifecycle.as_ref())) {
            Some(refusal) => Err(refusal),
            None => self.take(place, &job).await,
        };
        let now = self.plane.clock.now();
        let (state, message, bytes) = match &taken {
            Ok(bytes) => (JobState::Completed, None, *bytes),
            Err(cause) => {
                tracing::warn!(%cause, job = id, "a backup job failed");
                (JobState::Failed, Some(cause.clone()), 0)
            }
        };
        let point = taken.is_ok().then(|| RecoveryPoint {
            place: place.clone(),
            arn: job.recovery_point_arn(),
            vault: job.vault.clone(),
            resource_arn: job.resource_arn.clone(),
            created_at: job.created_at,
            completed_at: now,
            bytes,
            role_arn: job.role_arn.clone(),
            created_by: job.created_by.clone(),
            lifecycle: job.lifecycle.clone(),
            source_vault_arn: None,
        });
        let is_new = match &point {
            Some(point) => self.plane.records.add(point)?,
            None => false,
        };
        let done = self.plane.records.change(place, id, |job: &mut BackupJob| {
            job.state = state;
            job.message = message;
            job.bytes = bytes;
            job.completed_at = Some(now);
        })?;
        if let Some(job) = &done {
            self.announce_job(job)?;
        }
        if let Some(point) = point.filter(|_| is_new) {
            self.announce_point(&point, "COMPLETED")?;
            for action in &job.copies {
                let lifecycle = action.lifecycle.clone();
                if let Err(fault) = self.create_copy(&point, &action.vault_arn, &job.role_arn, lifecycle) {
                    tracing::warn!(
                        destination = action.vault_arn,
                        reason = fault.message,
                        "a copy that a backup rule asks for cannot be made"
                    );
                }
            }
        }
        Ok(())
    }

    /// Makes what a recovery point holds: a DB instance's snapshot, nothing of other resources. Its size in bytes.
    async fn take(&self, place: &Place, job: &BackupJob) -> Result<u64, String> {
        let Some(instance) = Arn::parse(&job.resource_arn).and_then(|arn| arn.resource.strip_prefix("db:"))
        else {
            return Ok(0);
        };
        self.rds
            .take_snapshot(place, instance, &job.snapshot_id(), "awsbackup")
            .await
            .map(|snapshot| snapshot.bytes)
            .map_err(|cause| cause.to_string())
    }

    /// Ends the recovery points whose lifecycle is over, as long as nobody exports them.
    fn expire(&self) -> Result<(), RecordError> {
        let now = self.plane.clock.now();
        {
            // Lifecycles count days: once an hour is often enough.
            let mut looked = lock(&self.expired_at);
            if looked.is_some_and(|at| now.duration_since(at).as_hours() < 1) {
                return Ok(());
            }
            *looked = Some(now);
        }
        for point in self.plane.records.all::<RecoveryPoint>()? {
            let over = point.expires_at().is_some_and(|at| at <= now);
            if over && !self.rds.is_being_exported(&point.arn, &point.place)? {
                self.forget_point(&point, "EXPIRED")?;
            }
        }
        Ok(())
    }
}
