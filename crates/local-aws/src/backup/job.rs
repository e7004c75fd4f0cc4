//! Backup jobs: asked for, listed, described.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::copy::CopyAction;
use super::resource_type::{is_of, kind, resource_name, resource_type};
use super::route::Route;
use super::{Backup, Fault, Work, lock, seconds};
use crate::control::{Arn, Place, Record, RecordError, backup_arn, rds_arn};

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum JobState {
    /// Accepted.
    Created,
    /// The snapshot is being taken.
    Running,
    /// There is a recovery point.
    Completed,
    /// There is none.
    Failed,
}

impl JobState {
    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }

    /// Whether it is over.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}

/// A backup job of a DB instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackupJob {
    /// Where it runs.
    pub place: Place,
    /// BackupJobId.
    pub id: String,
    /// The vault's name.
    pub vault: String,
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
    /// The size of what it made.
    pub bytes: u64,
    /// The role it works as.
    pub role_arn: String,
    /// BackupPlanId and so on, where a plan asked for it.
    pub created_by: Option<Value>,
    /// What its recovery point inherits.
    pub lifecycle: Option<Value>,
    /// Where its recovery point is copied to.
    #[serde(default)]
    pub copies: Vec<CopyAction>,
    idempotency_token: Option<String>,
}

/// What a job is made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    pub vault: String,
    pub resource_arn: String,
    pub role_arn: String,
    pub created_by: Option<Value>,
    pub lifecycle: Option<Value>,
    pub copies: Vec<CopyAction>,
    pub idempotency_token: Option<String>,
}

impl Record for BackupJob {
    const KIND: &'static str = "backup-job";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.id
    }
}

impl BackupJob {
    /// The identifier of the snapshot it takes: `awsbackup:job-<uuid>`.
    pub fn snapshot_id(&self) -> String {
        format!("awsbackup:job-{}", self.id.to_ascii_lowercase())
    }

    /// The ARN of the recovery point it makes.
    pub fn recovery_point_arn(&self) -> String {
        match resource_type(&self.resource_arn) {
            "RDS" => rds_arn(&self.place, "snapshot", &self.snapshot_id()),
            "Aurora" => rds_arn(&self.place, "cluster-snapshot", &self.snapshot_id()),
            _ => backup_arn(&self.place, "recovery-point", &self.id),
        }
    }

    pub(super) fn vault_arn(&self) -> String {
        backup_arn(&self.place, "backup-vault", &self.vault)
    }

    fn describe(&self) -> Value {
        let completed = self.state == JobState::Completed;
        json!({
            "AccountId": self.place.account,
            "BackupJobId": self.id,
            "BackupVaultName": self.vault,
            "BackupVaultArn": self.vault_arn(),
            "RecoveryPointArn": self.recovery_point_arn(),
            "ResourceArn": self.resource_arn,
            "ResourceType": resource_type(&self.resource_arn),
            "ResourceName": resource_name(&self.resource_arn),
            "CreationDate": seconds(self.created_at),
            "InitiationDate": seconds(self.created_at),
            "StartBy": seconds(self.created_at + jiff::SignedDuration::from_hours(8)),
            "CompletionDate": self.completed_at.map(seconds),
            "State": self.state.name(),
            "StatusMessage": self.message,
            "PercentDone": if completed { "100.0" } else { "0.0" },
            "BackupSizeInBytes": self.bytes,
            "BytesTransferred": 0,
            "IamRoleArn": self.role_arn,
            "CreatedBy": self.created_by,
            "IsEncrypted": true,
            "IsParent": false,
            "VaultType": "BACKUP_VAULT",
        })
    }
}

impl Backup {
    /// The backup jobs of an account and Region, oldest first.
    pub fn backup_jobs(&self, account: &str, region: &str) -> Result<Vec<BackupJob>, RecordError> {
        self.plane.records.list(&Place::new(account, region))
    }

    pub(super) fn start_job(&self, place: &Place, route: &Route<'_>) -> Result<Value, Fault> {
        let vault = route.text("BackupVaultName")?;
        let resource_arn = route.text("ResourceArn")?;
        let role_arn = route.text("IamRoleArn")?;
        self.vault(place, vault)?;
        let is_role =
            Arn::parse(role_arn).is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with("role/"));
        if !is_role {
            return Err(Fault::invalid(format!("Invalid IAM role ARN: {role_arn}.")));
        }
        if Arn::parse(resource_arn).is_none() {
            return Err(Fault::invalid(format!(
                "Invalid ARN: {resource_arn}. The given ARN must be a valid ARN."
            )));
        }
        if kind(resource_arn).is_none() || !is_of(resource_arn, place) {
            return Err(Fault::invalid(format!(
                "The embedded AWS Backup does not back up {resource_arn} in this Region."
            )));
        }
        let instance = Arn::parse(resource_arn).and_then(|arn| arn.resource.strip_prefix("db:"));
        if let Some(instance) = instance
            && !self.rds.has_instance(place, instance)?
        {
            return Err(Fault::not_found(format!(
                "DB instance {instance} cannot be found."
            )));
        }
        let cluster = Arn::parse(resource_arn).and_then(|arn| arn.resource.strip_prefix("cluster:"));
        if let Some(cluster) = cluster
            && !self.rds.has_cluster(place, cluster)?
        {
            return Err(Fault::not_found(format!("DB cluster {cluster} cannot be found.")));
        }
        let idempotency_token = route.body("IdempotencyToken").as_str().map(str::to_owned);
        if let Some(token) = &idempotency_token {
            let jobs: Vec<BackupJob> = self.plane.records.list(place)?;
            if let Some(job) = jobs
                .iter()
                .find(|job| job.idempotency_token.as_ref() == Some(token))
            {
                return Ok(started(job));
            }
        }
        let lifecycle = Some(route.body("Lifecycle").clone()).filter(|lifecycle| !lifecycle.is_null());
        let job = self.create_job(
            place,
            Request {
                vault: vault.to_owned(),
                resource_arn: resource_arn.to_owned(),
                role_arn: role_arn.to_owned(),
                lifecycle,
                idempotency_token,
                ..Request::default()
            },
        )?;
        Ok(started(&job))
    }

    pub(super) fn create_job(&self, place: &Place, request: Request) -> Result<BackupJob, RecordError> {
        let job = BackupJob {
            place: place.clone(),
            id: uuid::Uuid::new_v4().to_string().to_ascii_uppercase(),
            vault: request.vault,
            resource_arn: request.resource_arn,
            state: JobState::Created,
            created_at: self.plane.clock.now(),
            completed_at: None,
            message: None,
            bytes: 0,
            role_arn: request.role_arn,
            created_by: request.created_by,
            lifecycle: request.lifecycle,
            copies: request.copies,
            idempotency_token: request.idempotency_token,
        };
        self.plane.records.put(&job)?;
        self.announce_job(&job)?;
        lock(&self.unfinished).insert(Work::Backup(place.clone(), job.id.clone()));
        Ok(job)
    }

    pub(super) fn describe_job(&self, place: &Place, id: &str) -> Result<Value, Fault> {
        let job: Option<BackupJob> = self.plane.records.get(place, id)?;
        let job = job.ok_or_else(|| Fault::not_found(format!("Cannot find backup job {id}.")))?;
        Ok(job.describe())
    }

    pub(super) fn list_jobs(&self, place: &Place, route: &Route<'_>) -> Result<Value, Fault> {
        let (created_before, created_after) = (route.time("createdBefore")?, route.time("createdAfter")?);
        let (complete_before, complete_after) = (route.time("completeBefore")?, route.time("completeAfter")?);
        let mut jobs: Vec<BackupJob> = self.plane.records.list(place)?;
        jobs.retain(|job| {
            route
                .query("resourceArn")
                .is_none_or(|arn| job.resource_arn == arn)
                && route
                    .query("backupVaultName")
                    .is_none_or(|vault| job.vault == vault)
                && route.query("state").is_none_or(|state| job.state.name() == state)
                && route
                    .query("resourceType")
                    .is_none_or(|kind| kind == resource_type(&job.resource_arn))
                && route
                    .query("accountId")
                    .is_none_or(|account| account == "*" || account == place.account)
                && route.query("parentJobId").is_none()
                && created_before.is_none_or(|at| job.created_at < at)
                && created_after.is_none_or(|at| job.created_at > at)
                && complete_before.is_none_or(|at| job.completed_at.is_some_and(|completed| completed < at))
                && complete_after.is_none_or(|at| job.completed_at.is_some_and(|completed| completed > at))
        });
        jobs.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.id.cmp(&b.id)));
        route.page("BackupJobs", jobs, |job| &job.id, BackupJob::describe)
    }

    /// Sends the event of a job's present state. Sizes are strings here and numbers elsewhere; so AWS has it.
    pub(super) fn announce_job(&self, job: &BackupJob) -> Result<(), RecordError> {
        let completed = job.state == JobState::Completed;
        let mut detail = json!({
            "backupJobId": job.id,
            "backupVaultArn": job.vault_arn(),
            "backupVaultName": job.vault,
            "bytesTransferred": "0",
            "creationDate": format!("{:.3}", job.created_at),
            "iamRoleArn": job.role_arn,
            "percentDone": if completed { 100.0 } else { 0.0 },
            "resourceArn": job.resource_arn,
            "resourceType": resource_type(&job.resource_arn),
            "state": job.state.name(),
            "startBy": format!("{:.3}", job.created_at + jiff::SignedDuration::from_hours(8)),
        });
        if let Some(created_by) = &job.created_by {
            detail["createdBy"] = json!({
                "backupPlanArn": created_by["BackupPlanArn"],
                "backupPlanId": created_by["BackupPlanId"],
                "backupPlanVersion": created_by["BackupPlanVersion"],
                "backupPlanRuleId": created_by["BackupRuleId"],
            });
        }
        if let Some(at) = job.completed_at {
            detail["completionDate"] = json!(format!("{at:.3}"));
        }
        if let Some(message) = &job.message {
            detail["statusMessage"] = json!(message);
        }
        let mut resources = Vec::new();
        if completed {
            detail["backupSizeInBytes"] = json!(job.bytes.to_string());
            resources.push(job.recovery_point_arn());
        }
        self.events
            .backup(&job.place, "Backup Job State Change", &resources, &detail)
    }
}

fn started(job: &BackupJob) -> Value {
    json!({
        "BackupJobId": job.id,
        "RecoveryPointArn": job.recovery_point_arn(),
        "CreationDate": seconds(job.created_at),
        "IsParent": false,
    })
}
