//! Backup vaults.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::route::Route;
use super::{Backup, Fault, RecoveryPoint, seconds};
use crate::control::{Place, Record, RecordError, backup_arn};

/// A backup vault.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Vault {
    /// Where it is.
    pub place: Place,
    /// BackupVaultName.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// EncryptionKeyArn.
    pub key_arn: Option<String>,
    /// What protects its recovery points.
    #[serde(default)]
    pub lock: Option<Lock>,
    /// Whether it is a logically air-gapped vault.
    #[serde(default)]
    pub is_air_gapped: bool,
    creator_request_id: Option<String>,
}

/// AWS Backup Vault Lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// MinRetentionDays.
    pub least_days: Option<i64>,
    /// MaxRetentionDays.
    pub most_days: Option<i64>,
    /// LockDate: from when nobody can change it.
    pub fixed_at: Option<Timestamp>,
}

impl Record for Vault {
    const KIND: &'static str = "backup-vault";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.name
    }
}

impl Vault {
    /// `arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME`.
    pub fn arn(&self) -> String {
        backup_arn(&self.place, "backup-vault", &self.name)
    }

    /// A vault that is locked from its first day.
    pub(super) fn air_gapped(
        place: Place,
        name: &str,
        created_at: Timestamp,
        key_arn: Option<String>,
        lock: Lock,
    ) -> Self {
        Self {
            place,
            name: name.to_owned(),
            created_at,
            key_arn,
            lock: Some(lock),
            is_air_gapped: true,
            creator_request_id: None,
        }
    }

    /// VaultType.
    pub(super) fn kind(&self) -> &'static str {
        if self.is_air_gapped {
            "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
        } else {
            "BACKUP_VAULT"
        }
    }

    /// Why its lock refuses a recovery point with this lifecycle.
    pub(super) fn refuses(&self, lifecycle: Option<&Value>) -> Option<String> {
        let lock = self.lock.as_ref()?;
        let days = lifecycle
            .and_then(|lifecycle| lifecycle["DeleteAfterDays"].as_i64())
            .filter(|days| *days > 0);
        // What is kept for ever is kept longer than any least, and longer than any most.
        let is_short = days
            .zip(lock.least_days)
            .is_some_and(|(days, least)| days < least);
        let is_long = lock
            .most_days
            .is_some_and(|most| days.is_none_or(|days| days > most));
        (is_short || is_long).then(|| {
            format!(
                "Retention period {} is outside the range allowed by vault {}'s lock configuration.",
                days.map_or_else(|| "always".to_owned(), |days| format!("{days} days")),
                self.name
            )
        })
    }
}

impl Backup {
    /// Makes a vault, unless it is there.
    pub fn ensure_vault(&self, account: &str, region: &str, name: &str) -> Result<(), RecordError> {
        let vault = Vault {
            place: Place::new(account, region),
            name: name.to_owned(),
            created_at: self.plane.clock.now(),
            key_arn: None,
            lock: None,
            is_air_gapped: false,
            creator_request_id: None,
        };
        self.plane.records.add(&vault).map(|_| ())
    }

    pub(super) fn vault(&self, place: &Place, name: &str) -> Result<Vault, Fault> {
        self.plane.records.get(place, name)?.ok_or_else(|| {
            Fault::not_found(format!(
                "Backup vault {name} cannot be found or access is denied."
            ))
        })
    }

    pub(super) fn create_vault_request(
        &self,
        place: &Place,
        name: &str,
        route: &Route<'_>,
    ) -> Result<Value, Fault> {
        legal_name(name)?;
        let text = |key: &str| route.body(key).as_str().map(str::to_owned);
        let vault = Vault {
            place: place.clone(),
            name: name.to_owned(),
            created_at: self.plane.clock.now(),
            key_arn: text("EncryptionKeyArn"),
            lock: None,
            is_air_gapped: false,
            creator_request_id: text("CreatorRequestId"),
        };
        if !self.plane.records.add(&vault)? {
            let existing = self.vault(place, name)?;
            // The same request again is no second one.
            if vault.creator_request_id.is_none() || vault.creator_request_id != existing.creator_request_id {
                return Err(Fault::exists(format!(
                    "Backup vault with the same name already exists: {name}"
                )));
            }
        }
        let vault = self.vault(place, name)?;
        Ok(json!({
            "BackupVaultName": vault.name,
            "BackupVaultArn": vault.arn(),
            "CreationDate": seconds(vault.created_at),
        }))
    }

    pub(super) fn describe_vault(&self, place: &Place, name: &str) -> Result<Value, Fault> {
        let vault = self.vault(place, name)?;
        let points: Vec<RecoveryPoint> = self.plane.records.list(place)?;
        Ok(describe(&vault, &points))
    }

    pub(super) fn list_vaults(&self, place: &Place, route: &Route<'_>) -> Result<Value, Fault> {
        let mut vaults: Vec<Vault> = self.plane.records.list(place)?;
        vaults.sort_by(|a, b| a.name.cmp(&b.name));
        let points: Vec<RecoveryPoint> = self.plane.records.list(place)?;
        route.page(
            "BackupVaultList",
            vaults,
            |vault| &vault.name,
            |vault| describe(vault, &points),
        )
    }

    pub(super) fn delete_vault(&self, place: &Place, name: &str) -> Result<Value, Fault> {
        let vault = self.vault(place, name)?;
        let points: Vec<RecoveryPoint> = self.plane.records.list(place)?;
        if points.iter().any(|point| point.vault == vault.name) {
            return Err(Fault::refused(format!(
                "Backup vault {name} cannot be deleted: it contains recovery points."
            )));
        }
        self.plane.records.remove::<Vault>(place, name)?;
        Ok(json!({}))
    }
}

pub(super) fn legal_name(name: &str) -> Result<(), Fault> {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (2..=50).contains(&name.len()) && name.chars().all(legal) {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "The vault name {name} is invalid: 2 to 50 letters, digits, hyphens and underscores."
    )))
}

fn describe(vault: &Vault, points: &[RecoveryPoint]) -> Value {
    let lock = vault.lock.as_ref();
    json!({
        "BackupVaultName": vault.name,
        "BackupVaultArn": vault.arn(),
        "VaultType": vault.kind(),
        "VaultState": "AVAILABLE",
        "CreationDate": seconds(vault.created_at),
        "EncryptionKeyArn": vault.key_arn,
        "CreatorRequestId": vault.creator_request_id,
        "NumberOfRecoveryPoints": points.iter().filter(|point| point.vault == vault.name).count(),
        "Locked": lock.is_some(),
        "MinRetentionDays": lock.and_then(|lock| lock.least_days),
        "MaxRetentionDays": lock.and_then(|lock| lock.most_days),
        "LockDate": lock.and_then(|lock| lock.fixed_at).map(seconds),
    })
}
