//! DescribeBackupVault.

use aws_sdk_backup::types::VaultType;
use recovery::ids::{AccountId, Region};
use recovery::policy::{VaultHeld, VaultKind};

use crate::time::timestamp;
use crate::{Cloud, Error, ErrorKind};

impl Cloud {
    /// One vault with its kind, key and lock; `None` where there is none.
    ///
    /// AWS Backup also answers that access is denied for a vault that does not exist, so the list of vaults decides
    /// which of the two it is.
    pub async fn describe_vault(
        &self,
        region: &Region,
        account: &AccountId,
        name: &str,
    ) -> Result<Option<VaultHeld>, Error> {
        let answer = self
            .clients(region, Some(account))
            .backup
            .describe_backup_vault()
            .backup_vault_name(name)
            .send()
            .await
            .map_err(|error| {
                let subject = format!("vault {name} ({region}, {account})");
                Error::from_sdk("DescribeBackupVault", subject, &error)
            });
        let vault = match answer {
            Ok(vault) => vault,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) if error.kind == ErrorKind::AccessDenied => {
                let vaults = self
                    .list_vaults(region, account)
                    .await
                    .map_err(|_| error.clone())?;
                return if vaults.iter().any(|vault| vault.name == name) {
                    Err(error)
                } else {
                    Ok(None)
                };
            }
            Err(error) => return Err(error),
        };
        Ok(Some(VaultHeld {
            arn: vault.backup_vault_arn.unwrap_or_default(),
            kind: match vault.vault_type {
                // Answers from before there were kinds have none.
                None | Some(VaultType::BackupVault) => VaultKind::Standard,
                Some(VaultType::LogicallyAirGappedBackupVault) => VaultKind::AirGapped,
                Some(VaultType::RestoreAccessBackupVault) => VaultKind::RestoreAccess,
                Some(_) => VaultKind::Other,
            },
            kms_key_arn: vault.encryption_key_arn,
            recovery_points: u64::try_from(vault.number_of_recovery_points).unwrap_or_default(),
            locked: vault.locked.unwrap_or_default(),
            min_retention_days: vault.min_retention_days,
            max_retention_days: vault.max_retention_days,
            lock_date: vault.lock_date.as_ref().and_then(timestamp),
        }))
    }
}
