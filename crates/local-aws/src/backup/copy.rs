//! Copy jobs: a recovery point into a vault of another Region or account.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::resource_type::resource_type;
use super::route::Route;
use super::{Backup, Fault, JobState, RecoveryPoint, Vault, Work, lock, seconds};
use crate::control::{Arn, Place, Record, RecordError, backup_arn, rds_arn};
use crate::events::SnapshotEvent;

/// A copy action: where recovery points go, and how long they are kept there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyAction {
    /// DestinationBackupVaultArn.
    pub vault_arn: String,
    /// Lifecycle.
    pub lifecycle: Option<Value>,
}

/// A copy job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CopyJob {
    /// Where it was asked for: where its source is.
    pub place: Place,
    /// CopyJobId.
    pub id: String,
    /// The recovery point to copy.
    pub source_point_arn: String,
    /// The vault it is in.
    pub source_vault: String,
    /// Where the copy goes.
    pub destination: Place,
    /// The vault it goes to.
    pub destination_vault: String,
    /// The DB instance's ARN.
    pub resource_arn: String,
    /// Where it stands.
    pub state: JobState,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was over.
    pub completed_at: Option<Timestamp>,
    /// Why it failed.
    pub message: Option<String>,
    /// The size of the copy.
    pub bytes: u64,
    /// The role it works as.
    pub role_arn: String,
    lifecycle: Option<Value>,
}

impl Record for CopyJob {
    const KIND: &'static str = "backup-copy-job";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.id
    }
}

impl CopyJob {
    fn destination_snapshot_id(&self) -> String {
        format!("awsbackup:copyjob-{}", self.id.to_ascii_lowercase())
    }

    fn destination_point_arn(&self) -> String {
        rds_arn(&self.destination, "snapshot", &self.destination_snapshot_id())
    }

    fn source_vault_arn(&self) -> String {
        backup_arn(&self.place, "backup-vault", &self.source_vault)
    }

    fn destination_vault_arn(&self) -> String {
        backup_arn(&self.destination, "backup-vault", &self.destination_vault)
    }

    fn describe(&self) -> Value {
        json!({
            "AccountId": self.place.account,
            "CopyJobId": self.id,
            "SourceBackupVaultArn": self.source_vault_arn(),
            "SourceRecoveryPointArn": self.source_point_arn,
            "DestinationBackupVaultArn": self.destination_vault_arn(),
            "DestinationRecoveryPointArn": (self.state == JobState::Completed).then(|| self.destination_point_arn()),
            "ResourceArn": self.resource_arn,
            "ResourceType": resource_type(&self.resource_arn),
            "CreationDate": seconds(self.created_at),
            "CompletionDate": self.completed_at.map(seconds),
            "State": self.state.name(),
            "StatusMessage": self.message,
            "BackupSizeInBytes": self.bytes,
            "IamRoleArn": self.role_arn,
            "IsParent": false,
        })
    }
}

impl Backup {
    pub(super) fn start_copy(&self, place: &Place, route: &Route<'_>) -> Result<Value, Fault> {
        let vault = route.text("SourceBackupVaultName")?;
        let point = self.point(place, vault, route.text("RecoveryPointArn")?)?;
        let lifecycle = Some(route.body("Lifecycle").clone()).filter(|lifecycle| !lifecycle.is_null());
        let role_arn = route.text("IamRoleArn")?;
        let job = self.create_copy(
            &point,
            route.text("DestinationBackupVaultArn")?,
            role_arn,
            lifecycle,
        )?;
        Ok(json!({ "CopyJobId": job.id, "CreationDate": seconds(job.created_at), "IsParent": false }))
    }

    pub(super) fn create_copy(
        &self,
        point: &RecoveryPoint,
        destination_vault_arn: &str,
        role_arn: &str,
        lifecycle: Option<Value>,
    ) -> Result<CopyJob, Fault> {
        let invalid = || Fault::invalid(format!("{destination_vault_arn} is no vault of this cloud."));
        let arn = Arn::parse(destination_vault_arn)
            .filter(|arn| arn.service == "backup")
            .ok_or_else(invalid)?;
        let name = arn.resource.strip_prefix("backup-vault:").ok_or_else(invalid)?;
        let destination = arn.place();
        if !self.plane.exists(&destination) || self.plane.records.get::<Vault>(&destination, name)?.is_none()
        {
            return Err(Fault::not_found(format!(
                "Backup vault {destination_vault_arn} cannot be found."
            )));
        }
        let job = CopyJob {
            place: point.place.clone(),
            id: uuid::Uuid::new_v4().to_string().to_ascii_uppercase(),
            source_point_arn: point.arn.clone(),
            source_vault: point.vault.clone(),
            destination,
            destination_vault: name.to_owned(),
            resource_arn: point.resource_arn.clone(),
            state: JobState::Created,
            created_at: self.plane.clock.now(),
            completed_at: None,
            message: None,
            bytes: 0,
            role_arn: role_arn.to_owned(),
            lifecycle,
        };
        self.plane.records.put(&job)?;
        self.announce_copy(&job)?;
        lock(&self.unfinished).insert(Work::Copy(job.place.clone(), job.id.clone()));
        Ok(job)
    }

    pub(super) fn describe_copy(&self, place: &Place, id: &str) -> Result<Value, Fault> {
        let job: Option<CopyJob> = self.plane.records.get(place, id)?;
        let job = job.ok_or_else(|| Fault::not_found(format!("Cannot find copy job {id}.")))?;
        Ok(json!({ "CopyJob": job.describe() }))
    }

    pub(super) fn list_copies(&self, place: &Place, route: &Route<'_>) -> Result<Value, Fault> {
        let (created_before, created_after) = (route.time("createdBefore")?, route.time("createdAfter")?);
        let mut jobs: Vec<CopyJob> = self.plane.records.list(place)?;
        jobs.retain(|job| {
            route
                .query("resourceArn")
                .is_none_or(|arn| job.resource_arn == arn)
                && route.query("state").is_none_or(|state| job.state.name() == state)
                && route
                    .query("destinationVaultArn")
                    .is_none_or(|arn| job.destination_vault_arn() == arn)
                && route
                    .query("sourceRecoveryPointArn")
                    .is_none_or(|arn| job.source_point_arn == arn)
                && route
                    .query("resourceType")
                    .is_none_or(|kind| kind == resource_type(&job.resource_arn))
                && created_before.is_none_or(|at| job.created_at < at)
                && created_after.is_none_or(|at| job.created_at > at)
        });
        jobs.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.id.cmp(&b.id)));
        route.page("CopyJobs", jobs, |job| &job.id, CopyJob::describe)
    }

    /// Does a copy job. Doing it again, after an interruption, ends with one copy.
    pub(super) fn run_copy(&self, place: &Place, id: &str) -> Result<(), RecordError> {
        let job = self.plane.records.change(place, id, |job: &mut CopyJob| {
            if !job.state.is_over() {
                job.state = JobState::Running;
            }
        })?;
        let Some(job) = job.filter(|job| job.state == JobState::Running) else {
            return Ok(());
        };
        let now = self.plane.clock.now();
        let source_id = job
            .source_point_arn
            .split_once(":snapshot:")
            .map_or("", |(_, id)| id);
        let source = self.rds.snapshot(place, source_id)?;
        let vault: Option<Vault> = self.plane.records.get(&job.destination, &job.destination_vault)?;
        let refusal = vault.and_then(|vault| vault.refuses(job.lifecycle.as_ref()));
        let (state, message, bytes) = match source.filter(|_| refusal.is_none()) {
            Some(source) => {
                let copy =
                    self.rds
                        .copy_snapshot(&source, &job.destination, &job.destination_snapshot_id())?;
                let point = RecoveryPoint {
                    place: job.destination.clone(),
                    arn: job.destination_point_arn(),
                    vault: job.destination_vault.clone(),
                    resource_arn: job.resource_arn.clone(),
                    created_at: job.created_at,
                    completed_at: now,
                    bytes: copy.bytes,
                    role_arn: job.role_arn.clone(),
                    created_by: None,
                    lifecycle: job.lifecycle.clone(),
                    source_vault_arn: Some(job.source_vault_arn()),
                };
                if self.plane.records.add(&point)? {
                    self.events.snapshot(&copy, SnapshotEvent::Copied)?;
                    self.announce_point(&point, "COMPLETED")?;
                }
                (JobState::Completed, None, copy.bytes)
            }
            None => (
                JobState::Failed,
                Some(refusal.unwrap_or_else(|| format!("The snapshot {source_id} no longer exists."))),
                0,
            ),
        };
        let done = self.plane.records.change(place, id, |job: &mut CopyJob| {
            job.state = state;
            job.message = message;
            job.bytes = bytes;
            job.completed_at = Some(now);
        })?;
        done.map_or(Ok(()), |job| self.announce_copy(&job))
    }

    fn announce_copy(&self, job: &CopyJob) -> Result<(), RecordError> {
        let destination_point = match job.state {
            JobState::Completed => json!(job.destination_point_arn()),
            // So AWS writes what there is not.
            _ => json!({}),
        };
        let mut detail = json!({
            "copyJobId": job.id,
            "backupSizeInBytes": job.bytes,
            "creationDate": format!("{:.3}", job.created_at),
            "iamRoleArn": job.role_arn,
            "resourceArn": job.resource_arn,
            "resourceType": resource_type(&job.resource_arn),
            "sourceBackupVaultArn": job.source_vault_arn(),
            "sourceRecoveryPointArn": job.source_point_arn,
            "destinationBackupVaultArn": job.destination_vault_arn(),
            "destinationRecoveryPointArn": destination_point,
            "state": job.state.name(),
        });
        if let Some(at) = job.completed_at {
            detail["completionDate"] = json!(format!("{at:.3}"));
        }
        if let Some(message) = &job.message {
            detail["statusMessage"] = json!(message);
        }
        let resources = [job.source_point_arn.clone()];
        self.events
            .backup(&job.place, "Copy Job State Change", &resources, &detail)
    }
}
