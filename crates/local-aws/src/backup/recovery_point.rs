//! Recovery points.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::resource_type::{resource_name, resource_type};
use super::route::Route;
use super::{Backup, Fault, seconds};
use crate::control::{Place, Record, RecordError, backup_arn};

/// Recovery points that are read at once in search of those of a vault.
const EXAMINED_AT_ONCE: usize = 1_001;

/// A recovery point: an RDS snapshot that a vault holds, or a listed one of another resource.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecoveryPoint {
    /// Where it is.
    pub place: Place,
    /// `arn:aws:rds:REGION:ACCOUNT:snapshot:awsbackup:job-<uuid>`.
    pub arn: String,
    /// The vault's name.
    pub vault: String,
    /// The DB instance's ARN.
    pub resource_arn: String,
    /// When its job began.
    pub created_at: Timestamp,
    /// When it was whole.
    pub completed_at: Timestamp,
    /// Its size.
    pub bytes: u64,
    /// The role it was made with.
    pub role_arn: String,
    /// BackupPlanId and so on, where a plan made it.
    pub created_by: Option<Value>,
    /// DeleteAfterDays and so on, where its rule says so.
    pub lifecycle: Option<Value>,
    /// The vault it was copied from.
    pub source_vault_arn: Option<String>,
}

impl Record for RecoveryPoint {
    const KIND: &'static str = "backup-recovery-point";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.arn
    }
}

impl RecoveryPoint {
    pub(super) fn vault_arn(&self) -> String {
        backup_arn(&self.place, "backup-vault", &self.vault)
    }

    /// When its lifecycle ends it.
    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        let days = self.lifecycle.as_ref()?["DeleteAfterDays"]
            .as_i64()
            .filter(|days| *days > 0)?;
        self.created_at
            .checked_add(jiff::SignedDuration::from_hours(days.checked_mul(24)?))
            .ok()
    }

    pub(super) fn calculated_lifecycle(&self) -> Value {
        self.expires_at()
            .map_or_else(|| json!({}), |at| json!({ "DeleteAt": seconds(at) }))
    }

    pub(super) fn describe(&self) -> Value {
        json!({
            "RecoveryPointArn": self.arn,
            "BackupVaultName": self.vault,
            "BackupVaultArn": self.vault_arn(),
            "SourceBackupVaultArn": self.source_vault_arn,
            "ResourceArn": self.resource_arn,
            "ResourceType": resource_type(&self.resource_arn),
            "ResourceName": resource_name(&self.resource_arn),
            "CreatedBy": self.created_by,
            "IamRoleArn": self.role_arn,
            "Status": "COMPLETED",
            "CreationDate": seconds(self.created_at),
            "InitiationDate": seconds(self.created_at),
            "CompletionDate": seconds(self.completed_at),
            "BackupSizeInBytes": self.bytes,
            "Lifecycle": self.lifecycle,
            "CalculatedLifecycle": self.calculated_lifecycle(),
            "IsEncrypted": true,
            "IsParent": false,
            "VaultType": "BACKUP_VAULT",
        })
    }
}

/// The last recovery point of a page: the next one begins behind it.
#[derive(Debug)]
struct PageEnd {
    created_at: Timestamp,
    arn: String,
}

impl PageEnd {
    fn of(point: &RecoveryPoint) -> Self {
        Self {
            created_at: point.created_at,
            arn: point.arn.clone(),
        }
    }

    fn read(token: &str) -> Option<Self> {
        let text = String::from_utf8(BASE64.decode(token).ok()?).ok()?;
        let (at, arn) = text.split_once(' ')?;
        Some(Self {
            created_at: at.parse().ok()?,
            arn: arn.to_owned(),
        })
    }

    fn token(&self) -> String {
        BASE64.encode(format!("{} {}", self.created_at, self.arn))
    }
}

impl Backup {
    /// The recovery points of an account and Region, oldest first.
    pub fn recovery_points(&self, account: &str, region: &str) -> Result<Vec<RecoveryPoint>, RecordError> {
        self.plane.records.list(&Place::new(account, region))
    }

    pub(super) fn point(&self, place: &Place, vault: &str, arn: &str) -> Result<RecoveryPoint, Fault> {
        self.vault(place, vault)?;
        let point: Option<RecoveryPoint> = self.plane.records.get(place, arn)?;
        point.filter(|point| point.vault == vault).ok_or_else(|| {
            Fault::not_found(format!(
                "Cannot find recovery point {arn} in backup vault {vault}."
            ))
        })
    }

    pub(super) fn list_recovery_points(
        &self,
        place: &Place,
        vault: &str,
        route: &Route<'_>,
    ) -> Result<Value, Fault> {
        self.vault(place, vault)?;
        let (before, after) = (route.time("createdBefore")?, route.time("createdAfter")?);
        let plan = route.query("backupPlanId");
        let is_asked_for = |point: &RecoveryPoint| {
            point.vault == vault
                && route
                    .query("resourceArn")
                    .is_none_or(|arn| point.resource_arn == arn)
                && route
                    .query("resourceType")
                    .is_none_or(|kind| kind == resource_type(&point.resource_arn))
                && route.query("parentRecoveryPointArn").is_none()
                && plan.is_none_or(|plan| {
                    point
                        .created_by
                        .as_ref()
                        .is_some_and(|created_by| created_by["BackupPlanId"] == plan)
                })
                && before.is_none_or(|at| point.created_at < at)
                && after.is_none_or(|at| point.created_at > at)
        };
        let size = route.page_size()?;
        let mut last = route
            .query("nextToken")
            .map(|token| PageEnd::read(token).ok_or_else(|| Fault::invalid("The nextToken is invalid.")))
            .transpose()?;
        // One more, to know whether there is a next page.
        let mut found: Vec<RecoveryPoint> = Vec::new();
        while found.len() <= size {
            let behind = last.as_ref().map(|last| (last.created_at, last.arn.as_str()));
            let read: Vec<RecoveryPoint> =
                self.plane
                    .records
                    .newest(place, (after, before), behind, EXAMINED_AT_ONCE)?;
            let is_end = read.len() < EXAMINED_AT_ONCE;
            last = read.last().map(PageEnd::of);
            found.extend(read.into_iter().filter(is_asked_for));
            if is_end {
                break;
            }
        }
        let has_more = found.len() > size;
        found.truncate(size);
        let next = found
            .last()
            .filter(|_| has_more)
            .map(|point| PageEnd::of(point).token());
        Ok(json!({
            "RecoveryPoints": found.iter().map(RecoveryPoint::describe).collect::<Vec<_>>(),
            "NextToken": next,
        }))
    }

    /// Deletes a recovery point, as somebody does who ends it before its lifecycle would.
    pub fn delete_point(&self, account: &str, region: &str, arn: &str) -> Result<(), RecordError> {
        let point: Option<RecoveryPoint> = self.plane.records.get(&Place::new(account, region), arn)?;
        point.map_or(Ok(()), |point| self.forget_point(&point, "DELETED"))
    }

    /// Adds recovery points that no job of this cloud made: a history, for whoever measures with one. Nothing can be
    /// exported from them.
    pub fn add_history(&self, points: impl IntoIterator<Item = RecoveryPoint>) -> Result<(), RecordError> {
        self.plane.records.add_all(points)
    }

    pub(super) fn list_points_of_resource(
        &self,
        place: &Place,
        arn: &str,
        route: &Route<'_>,
    ) -> Result<Value, Fault> {
        let mut points: Vec<RecoveryPoint> = self.plane.records.list(place)?;
        points.retain(|point| point.resource_arn == arn);
        newest_first(&mut points);
        route.page(
            "RecoveryPoints",
            points,
            |point| &point.arn,
            |point| {
                json!({
                    "RecoveryPointArn": point.arn,
                    "CreationDate": seconds(point.created_at),
                    "Status": "COMPLETED",
                    "BackupSizeBytes": point.bytes,
                    "BackupVaultName": point.vault,
                    "IsParent": false,
                    "ResourceName": resource_name(&point.resource_arn),
                    "VaultType": "BACKUP_VAULT",
                })
            },
        )
    }

    pub(super) fn describe_recovery_point(
        &self,
        place: &Place,
        vault: &str,
        arn: &str,
    ) -> Result<Value, Fault> {
        let mut answer = self.point(place, vault, arn)?.describe();
        // A list does not tell it.
        answer["StorageClass"] = json!("WARM");
        Ok(answer)
    }

    pub(super) fn delete_recovery_point(
        &self,
        place: &Place,
        vault: &str,
        arn: &str,
    ) -> Result<Value, Fault> {
        let point = self.point(place, vault, arn)?;
        if self.vault(place, vault)?.lock.is_some() {
            return Err(Fault::refused(format!(
                "The recovery point {arn} cannot be deleted: backup vault {vault} is locked."
            )));
        }
        if self.rds.is_being_exported(&point.arn, place)? {
            return Err(Fault::refused(format!(
                "The recovery point {arn} is being exported."
            )));
        }
        self.forget_point(&point, "DELETED")?;
        Ok(json!({}))
    }

    pub(super) fn forget_point(&self, point: &RecoveryPoint, status: &str) -> Result<(), RecordError> {
        self.plane
            .records
            .remove::<RecoveryPoint>(&point.place, &point.arn)?;
        if let Some((_, id)) = point.arn.split_once(":snapshot:") {
            self.rds.forget_snapshot(&point.place, id)?;
        }
        self.announce_point(point, status)
    }

    pub(super) fn announce_point(&self, point: &RecoveryPoint, status: &str) -> Result<(), RecordError> {
        let detail = json!({
            "backupVaultName": point.vault,
            "backupVaultArn": point.vault_arn(),
            "creationDate": format!("{:.3}", point.created_at),
            "status": status,
            "resourceArn": point.resource_arn,
            "resourceType": resource_type(&point.resource_arn),
            "backupSizeInBytes": point.bytes,
            "isEncrypted": "true",
            "iamRoleArn": point.role_arn,
            "storageClass": "WARM",
            "completionDate": format!("{:.3}", point.completed_at),
            "createdBy": point.created_by,
            "calculatedLifeCycle": point.calculated_lifecycle(),
        });
        self.events.backup(
            &point.place,
            "Recovery Point State Change",
            std::slice::from_ref(&point.arn),
            &detail,
        )
    }

    pub(super) fn restore_metadata(&self, place: &Place, vault: &str, arn: &str) -> Result<Value, Fault> {
        let point = self.point(place, vault, arn)?;
        let id = point.arn.split_once(":snapshot:").map_or("", |(_, id)| id);
        let snapshot = self.rds.snapshot(place, id)?;
        let engine = snapshot
            .as_ref()
            .map_or("mysql", |snapshot| snapshot.engine.as_str());
        Ok(json!({
            "BackupVaultArn": point.vault_arn(),
            "RecoveryPointArn": point.arn,
            "ResourceType": resource_type(&point.resource_arn),
            "RestoreMetadata": {
                "DBSnapshotIdentifier": id,
                "DBInstanceIdentifier": point.resource_arn.rsplit(':').next(),
                "Engine": engine,
                "Port": "3306",
                "MultiAZ": "false",
                "StorageType": "gp3",
                "PubliclyAccessible": "false",
            },
        }))
    }
}

fn newest_first(points: &mut [RecoveryPoint]) {
    points.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.arn.cmp(&b.arn)));
}
