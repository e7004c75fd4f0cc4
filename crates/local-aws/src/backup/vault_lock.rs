//! AWS Backup Vault Lock, and logically air-gapped vaults, which are born locked.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::route::Route;
use super::vault::{Lock, legal_name};
use super::{Backup, Fault, Vault, seconds};
use crate::control::Place;

/// The least that a lock can still be changed, days.
const CHANGEABLE_DAYS_MIN: i64 = 3;

impl Backup {
    /// PutBackupVaultLockConfiguration.
    pub(super) fn lock_vault(&self, place: &Place, name: &str, route: &Route<'_>) -> Result<Value, Fault> {
        let vault = self.vault(place, name)?;
        self.changeable(&vault)?;
        let now = self.plane.clock.now();
        let days = |field: &str| route.body(field).as_i64();
        let changeable = days("ChangeableForDays");
        if changeable.is_some_and(|days| days < CHANGEABLE_DAYS_MIN) {
            return Err(Fault::invalid(format!(
                "ChangeableForDays must be at least {CHANGEABLE_DAYS_MIN}."
            )));
        }
        let lock = Lock {
            fixed_at: changeable.map(|days| now + SignedDuration::from_hours(24 * days)),
            ..range(days("MinRetentionDays"), days("MaxRetentionDays"))?
        };
        self.plane
            .records
            .change(place, name, |vault: &mut Vault| vault.lock = Some(lock))?;
        Ok(json!({}))
    }

    /// DeleteBackupVaultLockConfiguration.
    pub(super) fn unlock_vault(&self, place: &Place, name: &str) -> Result<Value, Fault> {
        let vault = self.vault(place, name)?;
        self.changeable(&vault)?;
        self.plane
            .records
            .change(place, name, |vault: &mut Vault| vault.lock = None)?;
        Ok(json!({}))
    }

    /// CreateLogicallyAirGappedBackupVault.
    pub(super) fn create_air_gapped_vault(
        &self,
        place: &Place,
        name: &str,
        route: &Route<'_>,
    ) -> Result<Value, Fault> {
        legal_name(name)?;
        let days = |field: &str| {
            route
                .body(field)
                .as_i64()
                .map(Some)
                .ok_or_else(|| Fault::missing(field))
        };
        let now = self.plane.clock.now();
        let lock = Lock {
            fixed_at: Some(now),
            ..range(days("MinRetentionDays")?, days("MaxRetentionDays")?)?
        };
        let key = route.body("EncryptionKeyArn").as_str();
        let vault = Vault::air_gapped(place.clone(), name, now, key.map(str::to_owned), lock);
        if !self.plane.records.add(&vault)? {
            return Err(Fault::exists(format!(
                "Backup vault with the same name already exists: {name}"
            )));
        }
        Ok(json!({
            "BackupVaultName": vault.name,
            "BackupVaultArn": vault.arn(),
            "CreationDate": seconds(vault.created_at),
            "VaultState": "AVAILABLE",
        }))
    }

    fn changeable(&self, vault: &Vault) -> Result<(), Fault> {
        let fixed_at = vault.lock.as_ref().and_then(|lock| lock.fixed_at);
        if fixed_at.is_some_and(|at| at <= self.plane.clock.now()) {
            return Err(Fault::refused(format!(
                "The lock configuration of backup vault {} can no longer be changed.",
                vault.name
            )));
        }
        Ok(())
    }
}

fn range(least_days: Option<i64>, most_days: Option<i64>) -> Result<Lock, Fault> {
    if [least_days, most_days].into_iter().flatten().any(|days| days < 1)
        || least_days
            .zip(most_days)
            .is_some_and(|(least, most)| least > most)
    {
        return Err(Fault::invalid(
            "MinRetentionDays and MaxRetentionDays must be at least 1, and the first no more than the second.",
        ));
    }
    Ok(Lock {
        least_days,
        most_days,
        fixed_at: None,
    })
}
