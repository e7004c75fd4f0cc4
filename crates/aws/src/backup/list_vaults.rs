//! ListBackupVaults.

use recovery::ids::{AccountId, Region};

use crate::{Cloud, Error};

/// A backup vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultEntry {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// How many recovery points it holds.
    pub recovery_points: u64,
}

impl Cloud {
    /// The backup vaults of an account in a Region.
    pub async fn list_vaults(&self, region: &Region, account: &AccountId) -> Result<Vec<VaultEntry>, Error> {
        let mut pages = self
            .clients(region, Some(account))
            .backup
            .list_backup_vaults()
            .into_paginator()
            .send();
        let mut vaults = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                Error::from_sdk(
                    "ListBackupVaults",
                    format!("account {account} ({region})"),
                    &error,
                )
            })?;
            vaults.extend(
                page.backup_vault_list
                    .unwrap_or_default()
                    .into_iter()
                    .map(|vault| VaultEntry {
                        recovery_points: u64::try_from(vault.number_of_recovery_points).unwrap_or_default(),
                        name: vault.backup_vault_name.unwrap_or_default(),
                        arn: vault.backup_vault_arn.unwrap_or_default(),
                    }),
            );
        }
        Ok(vaults)
    }
}
