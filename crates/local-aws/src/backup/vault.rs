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
    creator_request_id: Option<String>,
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
}

impl Backup {
    /// Makes a vault, unless it is there.
    pub fn ensure_vault(&self, account: &str, region: &str, name: &str) -> Result<(), RecordError> {
        let vault = Vault {
            place: Place::new(account, region),
            name: name.to_owned(),
            created_at: self.plane.clock.now(),
            key_arn: None,
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
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !(2..=50).contains(&name.len()) || !name.chars().all(legal) {
            return Err(Fault::invalid(format!(
                "The vault name {name} is invalid: 2 to 50 letters, digits, hyphens and underscores."
            )));
        }
        let text = |key: &str| route.body(key).as_str().map(str::to_owned);
        let vault = Vault {
            place: place.clone(),
            name: name.to_owned(),
            created_at: self.plane.clock.now(),
            key_arn: text("EncryptionKeyArn"),
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

fn describe(vault: &Vault, points: &[RecoveryPoint]) -> Value {
    json!({
        "BackupVaultName": vault.name,
        "BackupVaultArn": vault.arn(),
        "VaultType": "BACKUP_VAULT",
        "VaultState": "AVAILABLE",
        "CreationDate": seconds(vault.created_at),
        "EncryptionKeyArn": vault.key_arn,
        "CreatorRequestId": vault.creator_request_id,
        "NumberOfRecoveryPoints": points.iter().filter(|point| point.vault == vault.name).count(),
        "Locked": false,
    })
}
