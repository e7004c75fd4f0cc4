//! CreateBackupVault.

use recovery::policy::VaultWanted;

use crate::{Cloud, Error};

impl Cloud {
    /// Makes a vault. `AlreadyExists`: there is one of that name.
    pub async fn create_vault(&self, vault: &VaultWanted) -> Result<(), Error> {
        self.clients(&vault.region, Some(&vault.account))
            .backup
            .create_backup_vault()
            .backup_vault_name(&vault.name)
            .set_encryption_key_arn(vault.kms_key.clone())
            .send()
            .await
            .map_err(|error| {
                let subject = format!("vault {} ({}, {})", vault.name, vault.region, vault.account);
                Error::from_sdk("CreateBackupVault", subject, &error)
            })?;
        Ok(())
    }
}
